import { describe, expect, test } from 'vitest';
import { chosenSizes, type ForecastOptions, forecastRuns } from '../../src/forecast/forecast-report.ts';
import type { ForecastPoint, InvocationColumns } from '../../src/model/forecast.ts';
import type { ReportedRun } from '../../src/model/report.ts';

const columns = (cpuMs: number): InvocationColumns => ({
  durationMs: [cpuMs],
  cpuMs: [cpuMs],
  queuedMs: [0],
  initMs: [null],
  initCpuMs: [null],
  operations: [],
  waits: [[]],
});

/** What a forecast looks at of a run; the rest plays no part. */
function run(changes: Partial<ReportedRun> = {}): ReportedRun {
  return {
    runId: 'run-1',
    state: 'complete',
    runtime: 'rust',
    route: 'cat',
    lambdaRuntime: 'provided.al2023',
    architecture: 'x86_64',
    memorySizeMB: 128,
    invocations: columns(10),
    client: { calls: 3, unexpected: 0, errors: 0 },
    server: { state: 'measured', warm: { memoryMB: { max: 20 } } },
    ...changes,
  } as ReportedRun;
}

const OPTIONS: ForecastOptions = {
  calibrations: [
    { language: 'native', hashNs: 308 },
    { language: 'python', hashNs: 339, version: '3.11.7' },
  ],
  sizesMB: [128, 1769],
};

describe('the forecast of the runs of a report', () => {
  test('the forecast of the runs of a report takes the core’s speed from the calibration of the runtime’s language', () => {
    const made = forecastRuns(
      [run(), run({ runId: 'run-2', runtime: 'python', lambdaRuntime: 'python3.13' })],
      OPTIONS,
    );
    if (made.state !== 'made') throw new Error(made.reason);
    const [rust, python] = made.functions;
    expect(rust?.coreFactor.value).toBeCloseTo(1.11, 9);
    expect(rust?.points.at(-1)?.warmMs.p50).toBeCloseTo(11.1 + 1.2, 9);
    // The loop ran on Python 3.11, so it is held against Lambda's Python 3.11.
    expect(python?.coreFactor.value).toBeCloseTo((677 / 339) * 1.2, 9);
  });

  test('the forecast of the runs of a report is for the architecture that is asked for, and by default for the runs’ own', () => {
    const native = (options: ForecastOptions) => {
      const made = forecastRuns([run()], options);
      const factor = made.state === 'made' ? made.functions[0]?.coreFactor.value : undefined;
      return made.state === 'made' ? [made.architecture, Number(factor?.toFixed(4))] : [];
    };
    expect(native(OPTIONS)).toEqual(['x86_64', 1.11]);
    expect(native({ ...OPTIONS, architecture: 'arm64' })).toEqual(['arm64', 1.1544]);
  });

  test('the forecast of the runs of a report leaves out memory sizes that the function used more than', () => {
    const made = forecastRuns(
      [run({ server: { state: 'measured', warm: { memoryMB: { max: 150 } } } as ReportedRun['server'] })],
      OPTIONS,
    );
    expect(made.state === 'made' && made.functions[0]?.points.map(({ memoryMB }) => memoryMB)).toEqual([
      1769,
    ]);
  });

  test('the forecast of the runs of a report says why there is none where no CPU time could be read', () => {
    const { invocations: _, ...unread } = run();
    expect(forecastRuns([unread], OPTIONS)).toEqual({
      state: 'none',
      reason: 'the local cloud wrote no CPU times of the invocations',
    });
    expect(forecastRuns([unread], { ...OPTIONS, os: 'Darwin 24.1' })).toEqual({
      state: 'none',
      reason: 'Darwin 24.1 does not tell the CPU time of another process finely enough; Linux does',
    });
  });

  test('the forecast of the runs of a report says which runtimes it has no calibration figures for', () => {
    expect(forecastRuns([run({ lambdaRuntime: 'java21' })], OPTIONS)).toEqual({
      state: 'none',
      reason: 'there are no calibration figures for java21',
    });
    const made = forecastRuns(
      [run(), run({ runId: 'run-2', runtime: 'java', lambdaRuntime: 'java21' })],
      OPTIONS,
    );
    expect(made.state === 'made' && made.notes.join(' ')).toContain('1 of 2 functions has no forecast');
  });

  test('the forecast of the runs of a report is of no run whose calls were not answered as expected', () => {
    const wrong = run({
      client: { calls: 3, unexpected: 1, errors: 0 } as NonNullable<ReportedRun['client']>,
    });
    expect(forecastRuns([wrong], OPTIONS).state).toBe('none');
    const made = forecastRuns([run(), { ...wrong, runtime: 'python' }], OPTIONS);
    expect(made.state === 'made' && made.notes.join(' ')).toContain(
      '1 of 2 functions has no forecast: calls that were not answered as expected',
    );
  });

  test('the forecast of the runs of a report says in words where the limits are more than a factor of 2 apart', () => {
    const wide = forecastRuns([run({ lambdaRuntime: 'nodejs24.x' })], {
      calibrations: [{ language: 'node', hashNs: 1600, version: '20.20.2' }],
      sizesMB: [128],
    });
    expect(wide.state === 'made' && wide.notes.join(' ')).toContain('more than a factor of 2 apart');
    // A cold start can be uncertain where a warm call is not: most of its time is the init.
    const cold = forecastRuns(
      [
        run({
          invocations: {
            ...columns(1),
            durationMs: [1, 30],
            cpuMs: [1, 12],
            queuedMs: [0, 0],
            initMs: [null, 20],
            initCpuMs: [null, 20],
            waits: [[], []],
          },
        }),
      ],
      OPTIONS,
    );
    expect(cold.state === 'made' && cold.notes.join(' ')).toContain(
      'The limits of a cold start are more than a factor of 2 apart for all functions.',
    );
    const narrow = forecastRuns([run()], { ...OPTIONS, sizesMB: [1769] });
    expect(narrow.state === 'made' && narrow.notes.join(' ')).not.toContain('factor of 2');
  });
});

describe('the sizes that stand out', () => {
  const point = (memoryMB: number, mean: number, usd: number): ForecastPoint => ({
    memoryMB,
    warmMs: { mean, p50: mean, p90: mean, p99: mean },
    warmP50: { value: mean, low: mean, high: mean },
    billedMs: mean,
    usd: { value: usd, low: usd, high: usd },
  });

  test('the sizes that stand out are the cheapest, the smallest of the fastest, and the first that is within a tenth of it', () => {
    const points = [
      point(128, 100, 5),
      point(512, 21, 4),
      point(1024, 10.9, 6),
      point(1769, 10, 9),
      point(3008, 10, 15),
    ];
    expect(chosenSizes(points)).toEqual({ cheapestMB: 512, fastestMB: 1769, enoughMB: 1024 });
  });
});

import { describe, expect, test } from 'vitest';
import type { Comparison } from '../../../src/model/comparison.ts';
import { renderJson } from '../../../src/model/json-text.ts';
import type { Report } from '../../../src/model/report.ts';
import { collectReport } from '../../../src/report/collect-report.ts';
import { compareReports, comparisonExitCode } from '../../../src/report/comparison/compare-reports.ts';
import { checkScopes, parseFailRule } from '../../../src/report/comparison/fail-rules.ts';
import { parseSince } from '../../../src/report/parse-since.ts';
import { readReport } from '../../../src/store/report-document.ts';
import { FakeInsights, type FakeLine } from '../fake-insights.ts';
import { FakeWorld, NOON, type RunChanges, reportLines, runRecord, shedRequests } from '../fixtures.ts';
import { type RoundsOptions, reportOfRounds } from './reports-of-rounds.ts';

const LOG_GROUP = '/aws/lambda/sheepshed-rust-get-cat-ackermann';

async function reportOf(lines: readonly FakeLine[], changes: RunChanges = {}): Promise<Report> {
  const world = new FakeWorld();
  const logs = new FakeInsights({ [LOG_GROUP]: lines }, { now: () => world.nowEpochMs });
  const runs = [runRecord('rust', 'cat', { accounting: { calls: lines.length }, ...changes })];
  return await collectReport({ runs, logs, toolVersion: '0.1.0' }, world.deps);
}

const lines = (seed: number, typicalMs = 20, cold = 20) =>
  reportLines({ seed, count: 400, cold, typicalMs, initMs: 100 });

async function compared(after: readonly FakeLine[], rules: readonly string[] = [], changes: RunChanges = {}) {
  return compareReports(
    { name: 'before.json', report: await reportOf(lines(1)) },
    { name: 'after.json', report: await reportOf(after, changes) },
    { rules: rules.map(parseFailRule), force: false },
  );
}

const LOCAL: RunChanges = { target: { kind: 'local', region: 'us-east-1', endpoint: 'http://127.0.0.1:1' } };

async function comparedRounds(
  before: Partial<RoundsOptions>,
  after: Partial<RoundsOptions>,
  rules: readonly string[] = [],
): Promise<Comparison> {
  return compareReports(
    { name: 'before.json', report: await reportOfRounds({ seed: 1, rounds: 8, ...before }) },
    { name: 'after.json', report: await reportOfRounds({ seed: 2, rounds: 8, ...after }) },
    { rules: rules.map(parseFailRule), force: false },
  );
}

function changeOf(comparison: Comparison, metric: string, temperature: 'warm' | 'cold' = 'warm') {
  return comparison.functions
    .find((one) => one.temperature === temperature)
    ?.changes.find((change) => change.metric === metric);
}

describe('a comparison', () => {
  test('a comparison of two benches of the same speed tells no figure from unchanged, and says what it would have noticed', async () => {
    const comparison = await comparedRounds({}, {});
    const changes = comparison.functions.flatMap((one) => one.changes);
    expect(new Set(changes.map(({ verdict }) => verdict))).toEqual(new Set(['unclear']));
    const p50 = changeOf(comparison, 'p50');
    expect(p50?.interval?.low).toBeLessThan(0);
    expect(p50?.interval?.high).toBeGreaterThan(0);
    expect(p50?.noticeable).toBeGreaterThan(0.1);
    expect(p50?.noticeable).toBeLessThan(0.4);
    expect(comparison.functions.map(({ temperature, rounds }) => [temperature, rounds])).toEqual([
      ['warm', 8],
      ['cold', 0],
    ]);
  });

  test('a comparison of a bench that is far slower says worse, with the change within its interval', async () => {
    const change = changeOf(await comparedRounds({}, { typicalMs: 30 }), 'p50');
    expect(change?.verdict).toBe('worse');
    expect(change?.change).toBeCloseTo(0.5, 1);
    expect(change?.interval?.low).toBeLessThan(change?.change ?? 0);
    expect(change?.interval?.high).toBeGreaterThan(change?.change ?? 0);
    expect(changeOf(await comparedRounds({ typicalMs: 30 }, {}), 'p50')?.verdict).toBe('better');
  });

  test('a comparison of benches with fewer than six rounds has no interval, and says how many rounds it needs', async () => {
    const change = changeOf(await comparedRounds({ rounds: 5 }, { typicalMs: 30 }), 'p50');
    expect(change).toMatchObject({ verdict: 'unclear', needs: { rounds: 6 } });
    expect(change).not.toHaveProperty('interval');
    expect(change).not.toHaveProperty('noticeable');
  });

  test('a comparison of benches with two environments needs four on AWS, and none more on one machine', async () => {
    const two = { environments: 2 };
    expect(changeOf(await comparedRounds(two, two), 'p50')).toMatchObject({ needs: { environments: 4 } });
    const local = { ...two, changes: LOCAL };
    expect(changeOf(await comparedRounds(local, local), 'p50')).toHaveProperty('interval');
  });

  test('a comparison judges cold starts and memory over environments, and needs four of them', async () => {
    const four = await comparedRounds({ environments: 4 }, { environments: 4 });
    expect(changeOf(four, 'init', 'cold')).toHaveProperty('interval');
    expect(changeOf(four, 'memory')).toHaveProperty('interval');
    const three = await comparedRounds({ environments: 3 }, { environments: 3 });
    expect(changeOf(three, 'init', 'cold')).toMatchObject({ needs: { environments: 4 } });
    expect(changeOf(three, 'memory')).toMatchObject({ needs: { environments: 4 } });
  });

  test('a comparison gives a maximum, failures and the tail of cold starts no interval', async () => {
    const comparison = await comparedRounds({}, {});
    for (const change of [
      changeOf(comparison, 'max'),
      changeOf(comparison, 'errors'),
      changeOf(comparison, 'p99', 'cold'),
    ]) {
      expect(change?.verdict).toBe('unclear');
      expect(change).not.toHaveProperty('interval');
    }
  });

  test('a comparison of local benches whose yardsticks differ by more than 5 % gives no verdict', async () => {
    const bench = (yardstickMs: number) => ({
      machine: { yardstickMs },
      changes: LOCAL,
      typicalMs: yardstickMs,
    });
    const comparison = await comparedRounds(bench(10), bench(20));
    expect(comparison.noVerdict).toBe(
      'the machine itself was not equally fast: the same fixed work took 10.0 ms before and 20.0 ms after (+100 %)',
    );
    const changes = comparison.functions.flatMap((one) => one.changes);
    expect(changes.some((change) => change.interval !== undefined || change.verdict !== 'unclear')).toBe(
      false,
    );
    expect(await comparedRounds(bench(10), bench(10.4))).not.toHaveProperty('noVerdict');
  });

  test('a comparison of local benches gives no verdict where other programs used the cores, on one side or on both', async () => {
    const bench = (otherCpuShare: number) => ({
      machine: { yardstickMs: 10, otherCpuShare },
      changes: LOCAL,
    });
    expect((await comparedRounds(bench(0.02), bench(0.5))).noVerdict).toBe(
      'other programs used 2 % of the cores before and 50 % after',
    );
    expect(await comparedRounds(bench(0.02), bench(0.15))).toHaveProperty('noVerdict');
    expect(await comparedRounds(bench(0.3), bench(0.3))).toHaveProperty('noVerdict');
    expect(await comparedRounds(bench(0.1), bench(0.15))).not.toHaveProperty('noVerdict');
  });

  test('a comparison on AWS asks no yardstick, for the functions run elsewhere', async () => {
    const bench = (yardstickMs: number) => ({ machine: { yardstickMs } });
    expect(await comparedRounds(bench(10), bench(20))).not.toHaveProperty('noVerdict');
  });

  test('a comparison pools several runs of one function', async () => {
    const both = async (seeds: readonly number[]) => {
      const reports = await Promise.all(seeds.map((seed) => reportOf(lines(seed))));
      const [first] = reports;
      if (first === undefined) throw new Error('no report');
      return { ...first, runs: reports.flatMap(({ runs }) => runs) };
    };
    const comparison = compareReports(
      { name: 'a', report: await both([1, 2]) },
      { name: 'b', report: await both([3]) },
      { rules: [], force: false },
    );
    expect(comparison.functions.map(({ beforeCount, afterCount }) => [beforeCount, afterCount])).toEqual([
      [760, 380],
      [40, 20],
    ]);
  });

  test('a comparison works without rows, from the figures alone, and then has no intervals', async () => {
    const strip = (report: Report): Report => ({
      ...report,
      runs: report.runs.map((run) => {
        if (run.server.state !== 'measured') return run;
        const { samples: _, ...server } = run.server;
        return { ...run, server };
      }),
    });
    const comparison = compareReports(
      { name: 'a', report: strip(await reportOf(lines(1))) },
      { name: 'b', report: strip(await reportOf(lines(2, 26))) },
      { rules: [], force: false },
    );
    expect(comparison.functions[0]?.changes[0]).toMatchObject({ metric: 'p50', verdict: 'unclear' });
    expect(comparison.functions[0]?.changes[0]).not.toHaveProperty('interval');
  });

  test('a comparison refuses the local cloud against AWS, other memory and other architectures, unless told', async () => {
    const before = { name: 'before', report: await reportOf(lines(1)) };
    const other = async (changes: RunChanges) => ({
      name: 'after',
      report: await reportOf(lines(2), changes),
    });
    const local = await other({
      target: { kind: 'local', region: 'us-east-1', endpoint: 'http://127.0.0.1:1' },
    });
    const memory = await other({ memorySizeMB: 256 });
    const architecture = await other({ architecture: 'x86_64' });
    for (const [after, words] of [
      [local, 'different targets (aws; local)'],
      [memory, 'different memory sizes (128 MB; 256 MB)'],
      [architecture, 'different architectures (arm64; x86_64)'],
    ] as const) {
      const compare = (force: boolean) => compareReports(before, after, { rules: [], force });
      expect(() => compare(false)).toThrow(words);
      expect(compare(true).functions).toHaveLength(2);
    }
    expect(compareReports(before, memory, { rules: [], force: true }).differences).toContain(
      'memory: 128 MB → 256 MB',
    );
  });

  test('a comparison refuses local functions at full speed against those as on Lambda, and tells both apart', async () => {
    const enforcedCpu = {
      controlGroupVersion: 1,
      periodUs: 20_000,
      quotaUs: 1447,
      periods: 9,
      throttledPeriods: 8,
      dynamodbLatency: '5 ms',
    } as const;
    const before = { name: 'before', report: await reportOf(lines(1), LOCAL) };
    const after = { name: 'after', report: await reportOf(lines(2), { ...LOCAL, enforcedCpu }) };
    expect(() => compareReports(before, after, { rules: [], force: false })).toThrow(
      'different targets (local; local as Lambda)',
    );
    const { differences } = compareReports(before, after, { rules: [], force: true });
    expect(differences).toContain('target: local → local as Lambda');
    expect(differences).toContain('latency of DynamoDB: its own → 5 ms');
    expect(compareReports(after, after, { rules: [], force: false }).differences).not.toContain('target');
  });

  test('a comparison tells what else differs, and when the code does not', async () => {
    const same = await compared(lines(2));
    expect(same.differences).toEqual([
      'the code is the same on both sides: changes come from chance, load or place',
    ]);
    const other = await compared(lines(2), [], {
      artifactSha256: 'c'.repeat(64),
      lambdaRuntime: 'provided.al2027',
      interpreter: '22.1.0',
      plan: { parallel: 50, requests: shedRequests('cat', 3, 9) },
    });
    expect(other.differences).toEqual([
      'Lambda runtime: provided.al2023 → provided.al2027',
      'interpreter: none → 22.1.0',
      'in flight: 10 → 50',
      'requests: GET /cat?m=3&n=8 → GET /cat?m=3&n=9',
    ]);
  });

  test('a comparison lists what stands on one side only', async () => {
    const before = await reportOf(lines(1));
    const after: Report = {
      ...before,
      runs: before.runs.map((run) => ({ ...run, label: 'go-get-cat-ackermann', runtime: 'go' })),
    };
    const comparison = compareReports(
      { name: 'a', report: before },
      { name: 'b', report: after },
      { rules: [parseFailRule('p99>+10%')], force: false },
    );
    expect(comparison).toMatchObject({
      functions: [],
      onlyBefore: ['rust-get-cat-ackermann'],
      onlyAfter: ['go-get-cat-ackermann'],
      // A gate that saw nothing must not open.
      rules: [{ state: 'failed', hits: [{ text: 'nothing to compare' }] }],
    });
    expect(comparisonExitCode(comparison, false)).toBe(1);
  });
});

describe('--fail-if', () => {
  test.each([
    ['p99>+10%', { metric: 'p99', temperature: 'warm', limit: { of: 'change', above: 0.1 } }],
    ['p99 > 10 %', { text: 'p99>10%', metric: 'p99', limit: { of: 'change', above: 0.1 } }],
    ['cold.p50>+5%', { metric: 'p50', temperature: 'cold' }],
    ['init>+5%', { metric: 'init', temperature: 'cold' }],
    ['p99.9>+10%', { metric: 'p99.9', limit: { of: 'change', above: 0.1 } }],
    ['p50>250ms', { metric: 'p50', limit: { of: 'value', above: 250 } }],
    ['max>1.5s', { metric: 'max', limit: { of: 'value', above: 1500 } }],
    ['memory>100MB', { metric: 'memory', limit: { of: 'value', above: 100 } }],
    ['errors>0', { metric: 'errors', limit: { of: 'value', above: 0 } }],
    ['errors>0.5%', { metric: 'errors', limit: { of: 'value', above: 0.005 } }],
    ['wolf:billed>+3%', { scope: 'wolf', metric: 'billed' }],
    ['rust-get-cat-ackermann:avg>+3%', { scope: 'rust-get-cat-ackermann', metric: 'avg' }],
  ])('--fail-if reads %s', (text, rule) => {
    expect(parseFailRule(text)).toMatchObject(rule);
  });

  test.each([
    ['p99', 'does not have the form metric>limit'],
    ['p99<+10%', 'does not have the form metric>limit'],
    [
      'p100>+10%',
      'names no metric: the metrics are percentiles such as p99, and avg, max, init, billed, memory, errors',
    ],
    ['max>+10%', 'asks for the change of a maximum'],
    ['p99>10', 'needs a change (+10%) or a value in ms or s'],
    ['p99>+10ms', 'needs a change (+10%) or a value in ms or s'],
    ['memory>10ms', 'needs a change (+10%) or a value in MB'],
    ['errors>5', 'needs a unit: errors>5%'],
    ['errors>+5%', 'needs a share for errors'],
    ['warm.init>+5%', 'asks for the init of warm calls, which have none'],
    ['', 'does not have the form metric>limit'],
  ])('--fail-if refuses %s', (text, words) => {
    expect(() => parseFailRule(text)).toThrow(words);
  });

  test('--fail-if with a function, route or runtime that is not measured is refused, and the likely one is named', () => {
    const measured = [{ runtime: 'rust', route: 'wolf' }];
    const check = (rule: string) => () => checkScopes([parseFailRule(rule)], measured);
    for (const rule of ['p99>1s', 'wolf:p99>1s', 'rust:p99>1s', 'rust-delete-wolf-ocd:p99>1s']) {
      expect(check(rule)).not.toThrow();
    }
    expect(check('wlof:p99>1s')).toThrow(
      expect.objectContaining({
        code: 'unknown-scope',
        exitCode: 2,
        message: "--fail-if 'wlof:p99>1s' is about wlof, which is not measured. Did you mean wolf?",
        hint: 'Runtimes and routes here: rust, wolf',
      }),
    );
  });

  test('--fail-if with a build that is not compared with a base is refused, and the builds that are are named', () => {
    const [base, build] = ['node-against', 'node'].map((runtime) => ({ runtime, route: 'cat' }));
    if (base === undefined || build === undefined) throw new Error('two builds');
    const check = (rule: string) => () => checkScopes([parseFailRule(rule)], [base, build], [build]);
    for (const rule of ['p50>+5%', 'cat:p50>+5%', 'node:p50>+5%']) expect(check(rule)).not.toThrow();
    for (const rule of ['node-against:p50>+5%', 'node-against-get-cat-ackermann:p50>+5%']) {
      expect(check(rule)).toThrow(expect.objectContaining({ code: 'scope-not-judged', exitCode: 2 }));
    }
    expect(check('rust:p50>+5%')).toThrow(expect.objectContaining({ code: 'unknown-scope' }));
  });

  test('the hint of a refused --fail-if names the runtimes first and then the routes', () => {
    const measured = ['go', 'rust'].flatMap((runtime) => ['cat', 'dog'].map((route) => ({ runtime, route })));
    expect(() => checkScopes([parseFailRule('node:p99>1s')], measured)).toThrow(
      expect.objectContaining({ hint: 'Runtimes and routes here: go, rust, cat, dog' }),
    );
  });

  test('--fail-if fails a change whose whole interval lies beyond the limit, exit 1', async () => {
    const comparison = await comparedRounds({}, { typicalMs: 30 }, ['p50>+10%', 'p50>+90%', 'rust:p95>+10%']);
    expect(comparison.rules.map(({ state }) => state)).toEqual(['failed', 'passed', 'failed']);
    expect(comparison.rules[0]?.hits[0]?.text).toMatch(
      /^p50 \d+\.\d+ → \d+\.\d+ ms \(\+\d+\.\d % \[\+\d+\.\d, \+\d+\.\d\]\)$/,
    );
    expect(comparison.rules[1]?.hits).toEqual([]);
    expect(comparisonExitCode(comparison, false)).toBe(1);
  });

  test('--fail-if is unsure of a change whose interval holds the limit: exit 0, or 1 with --fail-if-unsure', async () => {
    const comparison = await comparedRounds({}, { typicalMs: 30 }, ['p50>+50%']);
    expect(comparison.rules).toMatchObject([{ state: 'unsure', hits: [{ temperature: 'warm' }] }]);
    expect(comparisonExitCode(comparison, false)).toBe(0);
    expect(comparisonExitCode(comparison, true)).toBe(1);
  });

  test('--fail-if is unsure of a figure without an interval, however far it moved', async () => {
    const comparison = await comparedRounds({ rounds: 1 }, { typicalMs: 90 }, ['p50>+10%']);
    expect(comparison.rules).toMatchObject([{ state: 'unsure' }]);
  });

  test('--fail-if shows a decrease with a minus sign, as the table of the comparison does', async () => {
    const comparison = await comparedRounds({ rounds: 1 }, { typicalMs: 18 }, ['p50>+10%']);
    expect(comparison.rules[0]?.hits[0]?.text).toMatch(/^p50 \d+\.\d+ → \d+\.\d+ ms \(−\d+\.\d %\)$/);
  });

  test('--fail-if holds values of the later side against limits in their units', async () => {
    const comparison = await compared(lines(2), ['p50>10ms', 'p50>1s', 'memory>10MB', 'errors>0']);
    expect(comparison.rules.map(({ state }) => state)).toEqual(['failed', 'passed', 'failed', 'passed']);
    expect(comparison.rules.map(({ hits }) => hits[0]?.text)).toEqual([
      expect.stringMatching(/^p50 \d+(\.\d+)? ms$/),
      undefined,
      expect.stringMatching(/^memory \d+(\.\d+)? MB$/),
      undefined,
    ]);
  });

  test('--fail-if counts failures whatever their temperature', async () => {
    const failing = lines(2).map((line, index) =>
      index === 0 ? { ...line, status: 'timeout' as const } : line,
    );
    expect((await compared(failing, ['errors>0'])).rules[0]).toMatchObject({
      state: 'failed',
      hits: [{ temperature: 'cold', text: 'errors 0.05' }],
    });
  });
});

function samplesOf(report: Report) {
  const server = report.runs[0]?.server;
  return server?.state === 'measured' ? server.samples : undefined;
}

describe('a report file', () => {
  test('a report file reads back as it was written', async () => {
    const report = await reportOf(lines(1));
    const read = readReport(renderJson(report), 'r.json');
    expect(renderJson(read)).toBe(renderJson(report));
    // Rows survive to the last digit; of derived figures the first six decimals.
    expect(read.runs[0]?.server).toMatchObject({ samples: samplesOf(report) });
  });

  test.each([
    ['', 'is cut short or not JSON'],
    ['{"schema": "shedbench/rep', 'is cut short or not JSON (25 bytes)'],
    ['[]', 'is not a report of shedbench'],
    ['{"schema":"shedbench/run@3"}', 'is not a report of shedbench'],
    [
      '{"schema":"shedbench/report@9"}',
      'is of schema shedbench/report@9; this shedbench reads shedbench/report@3',
    ],
    ['{"schema":"shedbench/report@3"}', 'toolVersion is missing'],
    [
      '{"schema":"shedbench/report@3","toolVersion":"1","createdAtEpochMs":1,"measured":{"fromEpochMs":1,"toEpochMs":2},"verdict":[],"target":{"kind":"aws"},"percentiles":[50],"queries":{"aggregate":"","rows":""},"runs":[{}]}',
      'runs[0].runId is missing',
    ],
  ])('a report file that holds %j is refused by name', (text, words) => {
    expect(() => readReport(text, 'r.json')).toThrow(words);
    expect(() => readReport(text, 'r.json')).toThrow('r.json');
  });

  test('a report file whose sample columns differ in length is damaged', async () => {
    const text = renderJson(await reportOf(lines(1))).replace(/"status": \[0,/, '"status": [');
    expect(() => readReport(text, 'r.json')).toThrow(
      'runs[0].server.samples does not hold columns of one length',
    );
  });
});

describe('--since', () => {
  test.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['2h', 7_200_000],
    ['1.5h', 5_400_000],
    ['3d', 259_200_000],
    ['1w', 604_800_000],
  ])('--since reads the age %s', (text, ageMs) => {
    expect(NOON - parseSince(text, NOON)).toBe(ageMs);
  });

  test('--since takes dates, in local time unless they say otherwise', () => {
    expect(parseSince('2026-11-23T06:00Z', NOON)).toBe(Date.UTC(2026, 10, 23, 6));
    expect(parseSince('2026-11-23T06:00+02:00', NOON)).toBe(Date.UTC(2026, 10, 23, 4));
    expect(parseSince('2026-11-23', NOON)).toBe(new Date(2026, 10, 23).getTime());
  });

  test.each(['', 'yesterday', '2', '-2h', '2 hours', '2026-13-40', '11/23/2026'])(
    '--since refuses %j',
    (text) => {
      expect(() => parseSince(text, NOON)).toThrow('--since takes an age or a date');
    },
  );
});

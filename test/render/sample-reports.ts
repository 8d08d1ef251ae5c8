import { forecastRuns } from '../../src/forecast/forecast-report.ts';
import type { ForecastSection, InvocationColumns } from '../../src/model/forecast.ts';
import type { Machine, Report, ReportedRun } from '../../src/model/report.ts';
import type { Route } from '../../src/model/route.ts';
import type { Round, RunRecord } from '../../src/model/run.ts';
import { collectReport } from '../../src/report/collect-report.ts';
import { FakeInsights, type FakeLine } from '../report/fake-insights.ts';
import { FakeWorld, histogramOf, NOON, type RunChanges, reportLines, runRecord } from '../report/fixtures.ts';

/** Warm medians, inits and memory like those that were published for the demo, and plausible ones for Node. */
const TYPICAL: Readonly<
  Record<string, Readonly<Record<Route, number>> & { readonly initMs: number; readonly memoryMB: number }>
> = {
  node: { cat: 210, sheep: 12, dog: 25, wolf: 310, initMs: 160, memoryMB: 85 },
  python: { cat: 5936, sheep: 22, dog: 40, wolf: 4271, initMs: 280, memoryMB: 76 },
  rust: { cat: 124, sheep: 8, dog: 17, wolf: 95, initMs: 30, memoryMB: 22 },
};

export const MACHINE: Machine = {
  cpuModel: 'Example CPU @ 3.00GHz',
  cores: 8,
  memoryMiB: 16_384,
  os: 'Linux 6.1',
  nodeVersion: '20.18.1',
  cpuShare: false,
};

export interface SampleOptions {
  readonly routes?: readonly Route[];
  readonly runtimes?: readonly string[];
  readonly rows?: number;
  /** Measured rounds that the rows are divided over; 8 by default. */
  readonly rounds?: number;
  /** Cold starts per run, at least one per round; a tenth of the rows by default. */
  readonly cold?: number;
  /** By function (`node cat`): the typical warm duration, ms, instead of the published one. */
  readonly typicalMs?: Readonly<Record<string, number>>;
  readonly changes?: RunChanges;
  /** By function: what changes in its run alone. */
  readonly runChanges?: Readonly<Record<string, RunChanges>>;
  /** By function: what its log group holds instead. */
  readonly lines?: Readonly<Record<string, readonly FakeLine[]>>;
  readonly machine?: Machine;
  readonly percentiles?: readonly number[];
  readonly priceRegion?: string;
  /** Whether the report has a forecast for Lambda. */
  readonly forecast?: true;
}

const ROUND_MS = 9000;

/** The part of a total that falls to one of some rounds, in whole numbers. */
function shareOf(total: number, index: number, rounds: number): number {
  return Math.floor((total * (index + 1)) / rounds) - Math.floor((total * index) / rounds);
}

/** The time of the turns of one runtime: the rounds follow each other, and within each the runtimes do. */
function roundsOf(accounting: RunRecord['accounting'], rounds: number, turn: number, turns: number): Round[] {
  const length = ROUND_MS / turns;
  return Array.from({ length: rounds }, (_, index) => {
    const calls = shareOf(accounting.calls, index, rounds);
    const startEpochMs = NOON + 1000 + index * ROUND_MS + turn * length;
    return {
      index: index + 1,
      turn: turn + 1,
      startEpochMs,
      endEpochMs: startEpochMs + length - 100,
      elapsedMs: length - 100,
      accounting: { ...accounting, calls, attempts: calls, reachedLambda: { min: calls, max: calls } },
      success: histogramOf([20]),
    };
  });
}

/** REPORT lines of one run: in each round its cold starts first, each in an environment of its own. */
function linesOf(options: {
  readonly seed: number;
  readonly rows: number;
  readonly cold: number;
  readonly typicalMs: number;
  readonly initMs: number;
  readonly memoryMB: number;
  readonly rounds: readonly Round[];
}): FakeLine[] {
  const { rounds, rows } = options;
  return rounds.flatMap((round, index) => {
    const cold = shareOf(options.cold, index, rounds.length);
    const lines = reportLines({
      ...options,
      seed: options.seed * 100 + index,
      count: shareOf(rows, index, rounds.length),
      cold,
      startEpochMs: round.startEpochMs + 50,
      spanMs: round.elapsedMs - 100,
    });
    return lines.map((line, place) => ({
      ...line,
      // The line is written when the invocation ends; its start decides the round.
      atEpochMs: Math.ceil(line.atEpochMs + line.durationMs + (line.initMs ?? 0)),
      logStream: `round ${index} environment ${cold === 0 ? 0 : place % cold}`,
    }));
  });
}

/** The reports that were made, by their options. To make one takes up to half a second. */
const made = new Map<string, Promise<Report>>();

/**
 * A report of fixed rows, made by the real collector from fake logs. Calls with equal options get the same report, which
 * is frozen.
 */
export function sampleReport(options: SampleOptions = {}): Promise<Report> {
  const key = JSON.stringify(options);
  const report = made.get(key) ?? makeReport(options).then(deepFreeze);
  made.set(key, report);
  return report;
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  // A typed array with elements can't be frozen.
  if (ArrayBuffer.isView(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}

async function makeReport(options: SampleOptions): Promise<Report> {
  const {
    routes = ['cat', 'sheep', 'dog', 'wolf'],
    runtimes = ['node', 'python', 'rust'],
    rows = 120,
    rounds = 8,
    cold = Math.ceil(rows / 10),
  } = options;
  const world = new FakeWorld(Date.UTC(2026, 10, 23, 13, 30));
  const runs = routes.flatMap((route) =>
    runtimes.map((runtime, turn) => {
      const own = options.runChanges?.[`${runtime} ${route}`];
      const record = runRecord(runtime, route, {
        window: { startEpochMs: NOON, endEpochMs: NOON + 2000 + rounds * ROUND_MS + 20_000, closedLateMs: 0 },
        ...options.changes,
        ...own,
        accounting: {
          calls: rows,
          attemptsByStatus: route === 'wolf' ? { '204': 5, '404': rows - 5 } : { '200': rows },
          ...options.changes?.accounting,
          ...own?.accounting,
        },
        latency: {
          ...runRecord(runtime, route).latency,
          success: histogramOf(
            Array.from(
              { length: rows },
              (_, index) => (TYPICAL[runtime]?.[route] ?? 10) * (1 + index / rows) + 15,
            ),
          ),
        },
      });
      return {
        ...record,
        ...(record.target.kind === 'local' && INTERPRETERS[runtime] !== undefined
          ? { interpreter: INTERPRETERS[runtime] }
          : {}),
        rounds: roundsOf(record.accounting, rounds, turn, runtimes.length),
      };
    }),
  );
  const groups = Object.fromEntries(
    runs.map((run, index) => {
      const { runtime, route, logGroupName } = run;
      const typical = TYPICAL[runtime];
      if (typical === undefined || logGroupName === undefined)
        throw new Error(`no typical values for ${runtime}`);
      const lines = linesOf({
        seed: index,
        rows,
        cold,
        typicalMs: options.typicalMs?.[`${runtime} ${route}`] ?? typical[route as Route],
        initMs: typical.initMs,
        memoryMB: typical.memoryMB,
        rounds: run.rounds,
      });
      return [logGroupName, options.lines?.[`${runtime} ${route}`] ?? lines];
    }),
  );
  const logs = new FakeInsights(groups, { now: () => world.nowEpochMs });
  return await collectReport(
    {
      runs,
      logs,
      toolVersion: '0.1.0',
      ...(options.machine === undefined ? {} : { machine: options.machine }),
      ...(options.percentiles === undefined ? {} : { percentiles: options.percentiles }),
      ...(options.priceRegion === undefined ? {} : { priceRegion: options.priceRegion }),
      ...(options.forecast === undefined ? {} : { forecast: forecastOf }),
    },
    world.deps,
  );
}

/** What really runs behind the Lambda runtimes of a local cloud. */
const INTERPRETERS: Readonly<Record<string, string>> = { node: '20.18.1', python: '3.12.4' };

/** The target of a local cloud. */
export const LOCAL = {
  kind: 'local' as const,
  region: 'us-east-1',
  accountId: '000000000000',
  endpoint: 'http://127.0.0.1:4000',
};

/** A bench that decided everything: the published figures in eight rounds. */
export async function decidedReport(): Promise<Report> {
  return await sampleReport();
}

/** A bench on a machine that was not steady: two runtimes are as fast as each other, and cold starts are few. */
export async function undecidedReport(): Promise<Report> {
  const yardsticks = [50, 51, 58, 66, 52, 50, 51, 52, 51].map((ms, index) => ({
    atEpochMs: NOON + index * ROUND_MS,
    beforeRound: index + 1,
    ms,
  }));
  return await sampleReport({
    routes: ['cat', 'sheep', 'dog'],
    cold: 3,
    typicalMs: { 'node cat': 130, 'rust cat': 125, 'node sheep': 10, 'rust sheep': 10, 'node dog': 21 },
    changes: { target: LOCAL, machine: { yardsticks, otherCpuShare: 0.14, stealShare: 0 } },
    machine: MACHINE,
  });
}

/** A bench whose rows are not all there, with foreign traffic and a function that left no row. */
export async function troubledReport(): Promise<Report> {
  const lines = (count: number) => reportLines({ seed: 3, count, cold: 2, typicalMs: 30 });
  const [first, ...rest] = lines(40);
  return await sampleReport({
    routes: ['dog', 'wolf'],
    runtimes: ['node', 'rust'],
    rows: 40,
    rounds: 1,
    priceRegion: 'eu-west-3',
    changes: { target: LOCAL },
    machine: MACHINE,
    lines: {
      'node dog': lines(38),
      'rust dog': lines(43),
      'node wolf': first === undefined ? [] : [{ ...first, status: 'timeout' }, ...rest],
      'rust wolf': [],
    },
  });
}

/** A bench of which one function answered wrongly and another could not be reached. */
export async function failedReport(): Promise<Report> {
  return await sampleReport({
    routes: ['cat', 'dog'],
    runChanges: {
      'node cat': {
        accounting: {
          successes: 108,
          unexpected: 12,
          attemptsByStatus: { '200': 108, '500': 12 },
        },
      },
      'python dog': {
        state: 'failed',
        accounting: {
          calls: 8,
          successes: 0,
          errors: 8,
          attempts: 8,
          attemptsByStatus: {},
          attemptsByError: { ECONNREFUSED: 8 },
          reachedLambda: { min: 0, max: 0 },
        },
      },
    },
    lines: { 'python dog': [] },
  });
}

/** CPU time of a warm invocation here, in ms, and the requests that it makes to the database. */
const WORK: Readonly<Record<string, number>> = {
  'node cat': 9.7,
  'node sheep': 2.5,
  'python cat': 118,
  'python sheep': 2.1,
  'rust cat': 2.2,
  'rust sheep': 0.4,
};

function invocationsOf({ runtime, route }: ReportedRun): InvocationColumns {
  const cpuMs = WORK[`${runtime} ${route}`] ?? 1;
  const wait = route === 'sheep' ? [0, cpuMs / 2, 0.4, 0] : [];
  return {
    durationMs: [cpuMs + 20, cpuMs + 0.5, cpuMs * 1.1 + 0.5],
    cpuMs: [cpuMs + 15, cpuMs, cpuMs * 1.1],
    queuedMs: [0, 0, 0],
    initMs: [90, null, null],
    initCpuMs: [{ node: 63, python: 44, rust: 1.1 }[runtime] ?? 10, null, null],
    operations: ['PutItem'],
    waits: [wait, wait, wait],
  };
}

const FORECAST_OPTIONS: Parameters<typeof forecastRuns>[1] = {
  calibrations: [
    { language: 'node', hashNs: 1682, version: '20.18.1' },
    { language: 'python', hashNs: 600, version: '3.12.4' },
    { language: 'native', hashNs: 300 },
  ],
  prices: {
    region: 'us-east-1',
    of: {
      x86_64: { gbSecondUsd: 0.000_016_666_7, millionRequestsUsd: 0.2 },
      arm64: { gbSecondUsd: 0.000_013_333_4, millionRequestsUsd: 0.2 },
    },
  },
  sizesMB: [128, 256, 512, 1024, 1769, 3008],
};

/** A local bench with a forecast for Lambda. */
export async function forecastReport(): Promise<Report> {
  return await sampleReport({
    routes: ['cat', 'sheep'],
    changes: { target: LOCAL },
    machine: MACHINE,
    forecast: true,
  });
}

function forecastOf(runs: readonly ReportedRun[]): ForecastSection {
  return forecastRuns(
    runs.map((run) => ({ ...run, invocations: invocationsOf(run) })),
    FORECAST_OPTIONS,
  );
}

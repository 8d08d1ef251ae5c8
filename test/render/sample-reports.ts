import type { Machine, Report } from '../../src/model/report.ts';
import type { Route } from '../../src/model/route.ts';
import { collectReport } from '../../src/report/collect-report.ts';
import { FakeInsights, type FakeLine } from '../report/fake-insights.ts';
import { FakeWorld, histogramOf, type RunChanges, reportLines, runRecord } from '../report/fixtures.ts';

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
  interpreters: [
    { lambdaRuntime: 'nodejs24.x', version: 'Node 20.18.1' },
    { lambdaRuntime: 'python3.14', version: 'Python 3.12.4' },
  ],
  cpuShare: false,
};

export interface SampleOptions {
  readonly routes?: readonly Route[];
  readonly runtimes?: readonly string[];
  readonly rows?: number;
  readonly changes?: RunChanges;
  /** By function: what its log group holds instead. */
  readonly lines?: Readonly<Record<string, readonly FakeLine[]>>;
  readonly machine?: Machine;
  readonly priceRegion?: string;
}

/** A report of fixed rows, made by the real collector from fake logs. */
export async function sampleReport(options: SampleOptions = {}): Promise<Report> {
  const {
    routes = ['cat', 'sheep', 'dog', 'wolf'],
    runtimes = ['node', 'python', 'rust'],
    rows = 120,
  } = options;
  const world = new FakeWorld(Date.UTC(2026, 10, 23, 13, 30));
  const runs = routes.flatMap((route) =>
    runtimes.map((runtime) =>
      runRecord(runtime, route, {
        ...options.changes,
        accounting: {
          calls: rows,
          attemptsByStatus: route === 'wolf' ? { '204': 5, '404': rows - 5 } : { '200': rows },
          ...options.changes?.accounting,
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
      }),
    ),
  );
  const groups = Object.fromEntries(
    runs.map(({ runtime, route, logGroupName }, index) => {
      const typical = TYPICAL[runtime];
      if (typical === undefined || logGroupName === undefined)
        throw new Error(`no typical values for ${runtime}`);
      const lines = reportLines({
        seed: index,
        count: rows,
        cold: Math.ceil(rows / 10),
        typicalMs: typical[route],
        initMs: typical.initMs,
        memoryMB: typical.memoryMB,
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
      ...(options.priceRegion === undefined ? {} : { priceRegion: options.priceRegion }),
    },
    world.deps,
  );
}

/** The target of a local cloud. */
export const LOCAL = {
  kind: 'local' as const,
  region: 'us-east-1',
  accountId: '000000000000',
  endpoint: 'http://127.0.0.1:4000',
};

/** A report of two functions with most of what can be wrong. */
export async function troubledReport(): Promise<Report> {
  const lines = (count: number) => reportLines({ seed: 3, count, cold: 2, typicalMs: 30 });
  const [first, ...rest] = lines(40);
  const report = await sampleReport({
    routes: ['dog', 'wolf'],
    runtimes: ['node', 'rust'],
    rows: 40,
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
  return report;
}

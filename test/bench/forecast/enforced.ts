import { NO_TLS, type TlsCpu } from '../../../src/forecast/bursts.ts';
import { forecastDurations, summaryOf } from '../../../src/forecast/forecast-durations.ts';
import { measuredFunction } from '../../../src/forecast/forecast-report.ts';
import { languageOf, TLS_CPU } from '../../../src/forecast/lambda-figures.ts';
import { findGroupParents, isRefusal } from '../../../src/local/sandboxes/control-group-search.ts';
import type { Report, ReportedRun } from '../../../src/model/report.ts';
import { restedReports } from './local-runs.ts';
import { anywhere } from './place-in-period.ts';

const MEMORY_MB = 128;
/** A whole core: the kernel holds back nothing that has one thread. */
const WHOLE_CORE_MB = 1769;
const RUNTIMES = 'node,python,rust';
/**
 * Seldom enough that an environment is at rest when a call comes, as the forecast assumes. Calls that follow each other at
 * once inherit the debt of the one before: 3 ms of CPU time at 128 MB then take 41 ms each, whatever the steps.
 */
const LOADS = [
  { route: 'sheep', runtimes: RUNTIMES, callsPerSecond: 8, calls: 100, warmup: 5 },
  { route: 'cat', runtimes: 'node,rust', callsPerSecond: 4, calls: 48, warmup: 5 },
  { route: 'cat', runtimes: 'python', callsPerSecond: 0.4, calls: 14, warmup: 1 },
  { route: 'dog', runtimes: RUNTIMES, callsPerSecond: 8, calls: 100, warmup: 5 },
  { route: 'wolf', runtimes: RUNTIMES, callsPerSecond: 3, calls: 40, warmup: 5 },
];

/** A function: what was forecast from its runs at full speed, and what it took while the kernel enforced its share. */
export interface EnforcedRow {
  readonly label: string;
  /** CPU time of a warm invocation of the run that was forecast from, and of the enforced run, medians, in ms. */
  readonly cpuMs: number;
  readonly enforcedCpuMs: number;
  /** Both warm medians, in ms. */
  readonly forecastMs: number;
  readonly enforcedMs: number;
}

/** What the forecast was made from. */
export interface EnforcedRows {
  readonly fullSpeed: readonly EnforcedRow[];
  /** Runs with a whole core, enforced: they reach the database over TLS too, so that nothing is added for it. */
  readonly wholeCore: readonly EnforcedRow[];
  /** The enforced runs themselves: their CPU time through the model. What is left is the error of the model alone. */
  readonly itself: readonly EnforcedRow[];
}

/**
 * Loads every function of the fair handlers on this machine, at full speed and with `--as-lambda`, and sets the warm
 * median that is forecast from the first beside that of the second. Undefined where this system can't enforce a share.
 */
export async function enforcedRows(): Promise<EnforcedRows | undefined> {
  if (isRefusal(findGroupParents())) return undefined;
  const flags = (memoryMB: number, ...more: readonly string[]) => [
    ...['--runtime', RUNTIMES, '--memory', String(memoryMB)],
    ...more,
  ];
  const [full, core, enforced] = await restedReports(
    [flags(MEMORY_MB), flags(WHOLE_CORE_MB, '--as-lambda'), flags(MEMORY_MB, '--as-lambda')],
    LOADS,
  );
  if (full === undefined || core === undefined || enforced === undefined)
    throw new Error('a report is missing');
  return {
    fullSpeed: rowsOf(full, enforced, 'full speed'),
    wholeCore: rowsOf(core, enforced, 'enforced'),
    itself: rowsOf(enforced, enforced, 'enforced'),
  };
}

/** The functions that both reports have measured. @param speed that of the runs that are forecast from */
export function rowsOf(from: Report, enforced: Report, speed: 'full speed' | 'enforced'): EnforcedRow[] {
  return from.runs.flatMap((run) => {
    const other = enforced.runs.find(({ label }) => label === run.label);
    const tls = speed === 'enforced' ? NO_TLS : tlsHere(run, from);
    const row = other === undefined ? undefined : rowOf(run, other, tls);
    return row === undefined ? [] : [row];
  });
}

/** What the forecast adds for TLS, on this machine's core instead of Lambda's. No call that counts opens a connection. */
function tlsHere({ runId, lambdaRuntime }: ReportedRun, { forecast }: Report): TlsCpu {
  const language = languageOf(lambdaRuntime ?? '');
  const made = forecast?.state === 'made' ? forecast.functions : [];
  const factor = made.find((one) => one.runId === runId)?.coreFactor.value;
  if (language === undefined || factor === undefined) throw new Error('a run has no forecast');
  return { connectionMs: 0, requestMs: TLS_CPU[language].requestMs / factor };
}

function rowOf(
  { label, invocations }: ReportedRun,
  other: ReportedRun,
  tls: TlsCpu,
): EnforcedRow | undefined {
  const { server } = other;
  const enforcedMs = server.state === 'measured' ? server.warm?.durationMs.p50 : undefined;
  if (invocations === undefined || other.invocations === undefined || enforcedMs === undefined)
    return undefined;
  const { warm } = measuredFunction(invocations);
  const place = { memoryMB: MEMORY_MB, coreFactor: 1, overheadMs: 0, tls, latencyFactor: 1, start: anywhere };
  const medianCpuMs = (one: typeof warm) => {
    const cpus = one.map(({ cpuMs }) => cpuMs).sort((a, b) => a - b);
    return cpus[Math.floor(cpus.length / 2)] ?? 0;
  };
  return {
    label,
    cpuMs: medianCpuMs(warm),
    enforcedCpuMs: medianCpuMs(measuredFunction(other.invocations).warm),
    forecastMs: summaryOf(forecastDurations(warm, place)).p50,
    enforcedMs,
  };
}

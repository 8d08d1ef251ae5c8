import { forecastDurations, summaryOf } from '../../../src/forecast/forecast-durations.ts';
import { measuredFunction } from '../../../src/forecast/forecast-report.ts';
import { findGroupParents, isRefusal } from '../../../src/local/sandboxes/control-group-search.ts';
import type { Report, ReportedRun } from '../../../src/model/report.ts';
import { restedReport } from './local-runs.ts';

const MEMORY_MB = 128;
/** A whole core: the kernel holds back nothing that has one thread. */
const WHOLE_CORE_MB = 1769;
const RUNTIMES = 'node,python,rust';
/**
 * Seldom enough that an environment is at rest when a call comes, as the forecast assumes. Calls that follow each other at
 * once inherit the debt of the one before: 3 ms of CPU time at 128 MB then take 41 ms each, whatever the steps.
 */
const LOADS = [
  { route: 'sheep', runtimes: RUNTIMES, callsPerSecond: 4, calls: 30 },
  { route: 'cat', runtimes: 'node,rust', callsPerSecond: 4, calls: 30 },
  { route: 'cat', runtimes: 'python', callsPerSecond: 0.4, calls: 10 },
  { route: 'dog', runtimes: RUNTIMES, callsPerSecond: 4, calls: 30 },
  { route: 'wolf', runtimes: RUNTIMES, callsPerSecond: 2, calls: 24 },
];

/** A function: what was forecast from its runs at full speed, and what it took while the kernel enforced its share. */
export interface EnforcedRow {
  readonly label: string;
  /** CPU time of a warm invocation at full speed, median, in ms. */
  readonly cpuMs: number;
  /** Both warm medians, in ms. */
  readonly forecastMs: number;
  readonly enforcedMs: number;
}

/** What the forecast was made from. */
export interface EnforcedRows {
  readonly fullSpeed: readonly EnforcedRow[];
  /**
   * Runs with a whole core, enforced: they reach the database over TLS too. The difference of the errors is what the
   * forecast from full speed lacks of the CPU time of TLS.
   */
  readonly wholeCore: readonly EnforcedRow[];
}

/**
 * Loads every function of the fair handlers on this machine, at full speed and with `--as-lambda`, and sets the warm
 * median that is forecast from the first beside that of the second. Undefined where this system can't enforce a share.
 */
export function enforcedRows(): EnforcedRows | undefined {
  if (isRefusal(findGroupParents())) return undefined;
  const load = (memoryMB: number, ...flags: readonly string[]) =>
    restedReport(['--runtime', RUNTIMES, '--memory', String(memoryMB), ...flags], LOADS);
  const enforced = load(MEMORY_MB, '--as-lambda');
  return {
    fullSpeed: rowsOf(load(MEMORY_MB), enforced),
    wholeCore: rowsOf(load(WHOLE_CORE_MB, '--as-lambda'), enforced),
  };
}

/** The functions that both reports have measured. */
export function rowsOf(full: Report, enforced: Report): EnforcedRow[] {
  return full.runs.flatMap((run) => {
    const other = enforced.runs.find(({ label }) => label === run.label);
    const row = other === undefined ? undefined : rowOf(run, other);
    return row === undefined ? [] : [row];
  });
}

function rowOf({ label, invocations }: ReportedRun, { server }: ReportedRun): EnforcedRow | undefined {
  const enforcedMs = server.state === 'measured' ? server.warm?.durationMs.p50 : undefined;
  if (invocations === undefined || enforcedMs === undefined) return undefined;
  const { warm } = measuredFunction(invocations);
  const place = { memoryMB: MEMORY_MB, coreFactor: 1, overheadMs: 0, connectionMs: 0, latencyFactor: 1 };
  const cpus = warm.map(({ cpuMs }) => cpuMs).sort((a, b) => a - b);
  return {
    label,
    cpuMs: cpus[Math.floor(cpus.length / 2)] ?? 0,
    forecastMs: summaryOf(forecastDurations(warm, place)).p50,
    enforcedMs,
  };
}

import { forecastDurations, summaryOf } from '../../../src/forecast/forecast-durations.ts';
import { measuredFunction } from '../../../src/forecast/forecast-report.ts';
import { findGroupParents, isRefusal } from '../../../src/local/sandboxes/control-group-search.ts';
import type { Report, ReportedRun } from '../../../src/model/report.ts';
import { benchReport } from './local-runs.ts';

const MEMORY_MB = 128;
/** A whole core: the kernel holds back nothing that has one thread. */
const WHOLE_CORE_MB = 1769;
/** Per function. One call at a time, so that no function waits for a core. */
const LOAD = ['-p', '1', '-c', '30', '--warmup', '3', '--rounds', '3'];

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
 * Benches every function of the fair handlers on this machine, at full speed and with `--as-lambda`, and sets the warm
 * median that is forecast from the first beside that of the second. Undefined where this system can't enforce a share.
 */
export function enforcedRows(): EnforcedRows | undefined {
  if (isRefusal(findGroupParents())) return undefined;
  const bench = (memoryMB: number, ...flags: readonly string[]) =>
    benchReport([...LOAD, '--memory', String(memoryMB), ...flags]);
  const enforced = bench(MEMORY_MB, '--as-lambda');
  return {
    fullSpeed: rowsOf(bench(MEMORY_MB), enforced),
    wholeCore: rowsOf(bench(WHOLE_CORE_MB, '--as-lambda'), enforced),
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

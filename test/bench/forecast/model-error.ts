import { type Burst, meanElapsedMs } from '../../../src/forecast/cpu-share.ts';
import { MB_PER_VCPU } from '../../../src/model/vcpu.ts';
import { readRows } from './public-data.ts';

/** A memory size at which the model was held against a measured mean. */
interface Held {
  readonly series: string;
  readonly memoryMB: number;
  readonly measuredMs: number;
  readonly modelMs: number;
}

/** The mean of |model / measured − 1|, and the rows behind it. */
export interface ModelError {
  readonly meanAbsoluteError: number;
  readonly rows: readonly Held[];
}

function errorOf(rows: readonly Held[]): ModelError {
  const errors = rows.map(({ measuredMs, modelMs }) => Math.abs(modelMs / measuredMs - 1));
  return { meanAbsoluteError: errors.reduce((total, error) => total + error, 0) / errors.length, rows };
}

/** The CPU time of the EuroSys '26 function: 16.0 ms in the handler and 1.3 ms around it. */
const EUROSYS_WORK: readonly Burst[] = [{ cpuMs: 17.3, waitMs: 0 }];

/** The model against the EuroSys '26 means, all sizes below 1,769 MB. */
export function eurosysError(): ModelError {
  return errorOf(
    readRows('eurosys26-aws-by-memory.csv')
      .map((row) => ({
        memoryMB: Number(row.memory_mb),
        measuredMs: Number(row.report_duration_ms_mean),
      }))
      .filter(({ memoryMB }) => memoryMB < MB_PER_VCPU)
      .map((row) => ({ ...row, series: 'eurosys26', modelMs: meanElapsedMs(EUROSYS_WORK, row.memoryMB) })),
  );
}

/**
 * What the two DynamoDB calls of cebert's `light` wait for the network in all, in ms: two answers when warm; when cold
 * also the name look-up, the connection and the TLS handshake. Both figures give the least error over all series.
 */
const LIGHT_WAIT_MS = { warm: 7, cold: 35 } as const;
/** The work is split by the waits into this many equal parts. */
const LIGHT_PARTS = 5;

/** The model against cebert's `light`: the CPU time of each series is its duration at 1,769 MB less the waits. */
export function lightError(): ModelError {
  const series = new Map<string, { start: 'warm' | 'cold'; means: Map<number, number> }>();
  for (const row of readRows('cebert-2025-x86_64.csv')) {
    if (row.workload !== 'light') continue;
    const name = `${row.run} ${row.start} ${row.runtime}`;
    const entry = series.get(name) ?? { start: row.start === 'cold' ? 'cold' : 'warm', means: new Map() };
    entry.means.set(Number(row.memory_mb), Number(row.duration_ms_mean));
    series.set(name, entry);
  }
  return errorOf(
    [...series].flatMap(([name, { start, means }]) => {
      const fullMs = means.get(MB_PER_VCPU);
      if (fullMs === undefined) return [];
      const work = lightWork(fullMs, LIGHT_WAIT_MS[start]);
      return [...means]
        .filter(([memoryMB]) => memoryMB < MB_PER_VCPU)
        .map(([memoryMB, measuredMs]) => ({
          series: name,
          memoryMB,
          measuredMs,
          modelMs: meanElapsedMs(work, memoryMB),
        }));
    }),
  );
}

/** A series whose whole duration is below the waits has at least this much CPU time, in ms. */
const LEAST_CPU_MS = 0.3;

function lightWork(fullMs: number, waitMs: number): Burst[] {
  const cpuMs = Math.max(fullMs - waitMs, LEAST_CPU_MS);
  return Array.from({ length: LIGHT_PARTS }, (_, part) => ({
    cpuMs: cpuMs / LIGHT_PARTS,
    waitMs: part === LIGHT_PARTS - 1 ? 0 : waitMs / (LIGHT_PARTS - 1),
  }));
}

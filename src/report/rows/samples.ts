import type { InvocationGroup, Samples, Summary, Temperature } from '../../model/report.ts';
import { summarize } from '../statistics/statistics.ts';

/** What `Samples.status` holds. */
export const ROW_STATUS = { ok: 0, timeout: 1, error: 2 } as const;

export interface SampleRow {
  readonly atEpochMs: number;
  readonly durationMs: number;
  /** Undefined for a warm invocation. */
  readonly initMs: number | undefined;
  readonly billedMs: number;
  readonly memoryMB: number;
  readonly status: (typeof ROW_STATUS)[keyof typeof ROW_STATUS];
}

/** REPORT lines have two decimals, Insights prints four: what lies beyond comes from binary fractions. */
const DECIMALS = 1e4;
const INITIAL_ROWS = 1024;
const NUMBERS_PER_ROW = 5;

/** Gathers rows page by page into flat memory: a hundred thousand of them take four megabytes. */
export class SampleColumns {
  #length = 0;
  #numbers = new Float64Array(INITIAL_ROWS * NUMBERS_PER_ROW);
  #status = new Uint8Array(INITIAL_ROWS);

  get length(): number {
    return this.#length;
  }

  add(row: SampleRow): void {
    if (this.#length === this.#status.length) this.#grow();
    this.#numbers.set(
      [row.atEpochMs, row.durationMs, row.initMs ?? Number.NaN, row.billedMs, row.memoryMB],
      this.#length * NUMBERS_PER_ROW,
    );
    this.#status[this.#length++] = row.status;
  }

  /** Forgets all rows but the first `length`. */
  truncate(length: number): void {
    this.#length = Math.min(this.#length, length);
  }

  #grow(): void {
    const numbers = new Float64Array(this.#numbers.length * 2);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
    const status = new Uint8Array(this.#status.length * 2);
    status.set(this.#status);
    this.#status = status;
  }

  /** The rows in the order in which they came, times counted from the start of a window. */
  finish(windowStartEpochMs: number): Samples {
    const column = (offset: number): number[] =>
      Array.from({ length: this.#length }, (_, index) => {
        const value = this.#numbers[index * NUMBERS_PER_ROW + offset] ?? Number.NaN;
        return Math.round(value * DECIMALS) / DECIMALS;
      });
    return {
      atMs: column(0).map((atEpochMs) => atEpochMs - windowStartEpochMs),
      durationMs: column(1),
      initMs: column(2).map((initMs) => (Number.isNaN(initMs) ? null : initMs)),
      billedMs: column(3),
      memoryMB: column(4),
      status: Array.from(this.#status.subarray(0, this.#length)),
    };
  }
}

/** The places of a run's rows of one temperature. */
export function rowsOf({ initMs }: Samples, temperature: Temperature): number[] {
  const rows: number[] = [];
  for (let index = 0; index < initMs.length; index++) {
    if ((initMs[index] === null) === (temperature === 'warm')) rows.push(index);
  }
  return rows;
}

/** The values of one column at one temperature, in the order of time. */
export function columnOf(
  samples: Samples,
  column: 'durationMs' | 'initMs' | 'billedMs' | 'memoryMB',
  temperature: Temperature,
): Float64Array {
  return Float64Array.from(rowsOf(samples, temperature), (index) => samples[column][index] ?? Number.NaN);
}

/** The figures of all cold or all warm invocations; undefined where there were none. */
export function groupOf(samples: Samples, temperature: Temperature): InvocationGroup | undefined {
  const duration = summarize(columnOf(samples, 'durationMs', temperature));
  const billed = summarize(columnOf(samples, 'billedMs', temperature));
  const memory = summarize(columnOf(samples, 'memoryMB', temperature));
  if (duration === undefined || billed === undefined || memory === undefined) return undefined;
  const init: Summary | undefined =
    temperature === 'cold' ? summarize(columnOf(samples, 'initMs', 'cold')) : undefined;
  const statuses = rowsOf(samples, temperature).map((index) => samples.status[index]);
  return {
    count: duration.count,
    durationMs: duration,
    ...(init === undefined ? {} : { initMs: init }),
    billedMs: billed,
    memoryMB: memory,
    timeouts: statuses.filter((status) => status === ROW_STATUS.timeout).length,
    errors: statuses.filter((status) => status === ROW_STATUS.error).length,
  };
}

/** The invocations of a run by temperature; a temperature that did not occur is absent. */
export type Groups = Readonly<Partial<Record<Temperature, InvocationGroup>>>;

/** Both groups of a run's rows. */
export function groupsOf(samples: Samples): Groups {
  const [warm, cold] = [groupOf(samples, 'warm'), groupOf(samples, 'cold')];
  return { ...(warm === undefined ? {} : { warm }), ...(cold === undefined ? {} : { cold }) };
}

import type { InvocationGroup, Samples, Summary, Temperature } from '../../model/report.ts';
import { rowsOf } from '../../model/sample-rows.ts';
import { summarize } from '../statistics/statistics.ts';
import { roundsOfRows } from './row-rounds.ts';

/** The values in `Samples.status`. */
export const ROW_STATUS = { ok: 0, timeout: 1, error: 2 } as const;

export interface SampleRow {
  readonly atEpochMs: number;
  /** Init Duration (cold only) plus Duration. */
  readonly durationMs: number;
  /** Init Duration or Restore Duration. Undefined if the REPORT line has neither. */
  readonly initMs: number | undefined;
  /** Whether `initMs` is SnapStart's Restore Duration. */
  readonly isRestored?: boolean;
  /** The time of an init that failed and was repeated inside this invocation. */
  readonly failedInitMs?: number | undefined;
  readonly billedMs: number;
  readonly memoryMB: number;
  readonly status: (typeof ROW_STATUS)[keyof typeof ROW_STATUS];
  /** The log stream. Undefined if the endpoint names none. */
  readonly environment: string | undefined;
  /** Whether the request already has a row. */
  readonly isDuplicate: boolean;
}

/** The numbers of unusual cold starts, without duplicates. */
export interface ColdStartKinds {
  readonly all: number;
  /** Cold starts from a SnapStart snapshot. */
  readonly restored: number;
  /** Cold starts whose init failed, usually by Lambda's limit of 10 s, and was repeated inside the invocation. */
  readonly failedInit: number;
  /** Cold starts that were billed for less than Init Duration + Duration, as with provisioned concurrency. */
  readonly initNotBilled: number;
}

/** REPORT lines have two decimals, Insights prints four. Further digits come from binary fractions. */
const DECIMALS = 1e4;
const INITIAL_ROWS = 1024;
const NUMBERS_PER_ROW = 7;
const START_CODES = { warm: 0, init: 1, restored: 2, failedInit: 3 } as const;

/** Collects rows page by page in typed arrays. A hundred thousand rows take five megabytes. */
export class SampleColumns {
  #length = 0;
  #numbers = new Float64Array(INITIAL_ROWS * NUMBERS_PER_ROW);
  #status = new Uint8Array(INITIAL_ROWS);
  #isDuplicate = new Uint8Array(INITIAL_ROWS);
  #start = new Uint8Array(INITIAL_ROWS);
  readonly #environments = new Map<string, number>();

  get length(): number {
    return this.#length;
  }

  add(row: SampleRow): void {
    if (this.#length === this.#status.length) this.#grow();
    this.#numbers.set(
      [
        row.atEpochMs,
        row.durationMs,
        row.initMs ?? Number.NaN,
        row.billedMs,
        row.memoryMB,
        this.#environmentIndex(row.environment ?? ''),
        row.failedInitMs ?? Number.NaN,
      ],
      this.#length * NUMBERS_PER_ROW,
    );
    this.#isDuplicate[this.#length] = row.isDuplicate ? 1 : 0;
    this.#start[this.#length] = START_CODES[startOf(row)];
    this.#status[this.#length++] = row.status;
  }

  /** Removes all rows but the first `length`. */
  truncate(length: number): void {
    this.#length = Math.min(this.#length, length);
  }

  #environmentIndex(name: string): number {
    const known = this.#environments.get(name);
    if (known !== undefined) return known;
    this.#environments.set(name, this.#environments.size);
    return this.#environments.size - 1;
  }

  #grow(): void {
    const numbers = new Float64Array(this.#numbers.length * 2);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
    this.#status = doubled(this.#status);
    this.#isDuplicate = doubled(this.#isDuplicate);
    this.#start = doubled(this.#start);
  }

  /** Counts the unusual cold starts. */
  coldStarts(): ColdStartKinds {
    const rows = this.#rows(false);
    const count = (start: keyof typeof START_CODES) =>
      rows.filter((row) => this.#start[row] === START_CODES[start]).length;
    const initNotBilled = rows.filter(
      (row) =>
        this.#start[row] === START_CODES.init &&
        this.#number(row, 3) < this.#number(row, 1) - BILLING_SLACK_MS,
    ).length;
    const [init, restored, failedInit] = [count('init'), count('restored'), count('failedInit')];
    return { all: init + restored + failedInit, restored, failedInit, initNotBilled };
  }

  #rows(withDuplicates: boolean): number[] {
    const rows: number[] = [];
    for (let row = 0; row < this.#length; row++) {
      if (withDuplicates || this.#isDuplicate[row] === 0) rows.push(row);
    }
    return rows;
  }

  #number(row: number, offset: number): number {
    return this.#numbers[row * NUMBERS_PER_ROW + offset] ?? Number.NaN;
  }

  /**
   * The rows in the order of their arrival. With `asAggregated` they are counted as in the aggregate query:
   * duplicates are included, and an invocation that repeated a failed init is warm.
   */
  finish(run: RowsOfRun, asAggregated = false): Samples {
    const rows = this.#rows(asAggregated);
    const raw = (row: number, offset: number): number => {
      const value = this.#number(row, offset);
      const failedInitMs = this.#number(row, FAILED_INIT_OFFSET);
      if (asAggregated || Number.isNaN(failedInitMs)) return value;
      if (offset === DURATION_OFFSET) return value + failedInitMs;
      return offset === INIT_OFFSET ? failedInitMs : value;
    };
    const column = (offset: number): number[] =>
      rows.map((row) => Math.round(raw(row, offset) * DECIMALS) / DECIMALS);
    return {
      atMs: column(0).map((atEpochMs) => atEpochMs - run.windowStartEpochMs),
      round: roundsOfRows(
        rows.map((row) => raw(row, 0) - raw(row, 1)),
        run.rounds,
      ),
      environment: column(5),
      durationMs: column(1),
      initMs: column(2).map((initMs) => (Number.isNaN(initMs) ? null : initMs)),
      billedMs: column(3),
      memoryMB: column(4),
      status: rows.map((row) => this.#status[row] ?? ROW_STATUS.ok),
    };
  }
}

const DURATION_OFFSET = 1;
const INIT_OFFSET = 2;
const FAILED_INIT_OFFSET = 6;
/** Billed Duration is rounded up, so it is never below the sum, except by the error of binary fractions. */
const BILLING_SLACK_MS = 0.01;

/** The facts of a run's record that determine the rounds of its rows. */
export interface RowsOfRun {
  readonly windowStartEpochMs: number;
  readonly rounds: Parameters<typeof roundsOfRows>[1];
}

/** How the environment of an invocation started; `warm` if it had served an earlier invocation. */
function startOf({ initMs, isRestored, failedInitMs }: SampleRow): keyof typeof START_CODES {
  if (initMs !== undefined) return isRestored === true ? 'restored' : 'init';
  return failedInitMs === undefined ? 'warm' : 'failedInit';
}

function doubled(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const longer = new Uint8Array(bytes.length * 2);
  longer.set(bytes);
  return longer;
}

/** The values of one column at one temperature, in the order of time, without the warm-up's warm rows. */
export function columnOf(
  samples: Samples,
  column: 'durationMs' | 'initMs' | 'billedMs' | 'memoryMB',
  temperature: Temperature,
): Float64Array {
  return Float64Array.from(rowsOf(samples, temperature), (index) => samples[column][index] ?? Number.NaN);
}

/** The figures of all cold or all warm invocations. Undefined if there are none. */
export function groupOf(
  samples: Samples,
  temperature: Temperature,
  percentiles?: readonly number[],
): InvocationGroup | undefined {
  const of = (column: Parameters<typeof columnOf>[1]) =>
    summarize(columnOf(samples, column, temperature), percentiles);
  const [duration, billed, memory] = [of('durationMs'), of('billedMs'), of('memoryMB')];
  if (duration === undefined || billed === undefined || memory === undefined) return undefined;
  const init: Summary | undefined = temperature === 'cold' ? of('initMs') : undefined;
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
export function groupsOf(samples: Samples, percentiles?: readonly number[]): Groups {
  const [warm, cold] = [groupOf(samples, 'warm', percentiles), groupOf(samples, 'cold', percentiles)];
  return { ...(warm === undefined ? {} : { warm }), ...(cold === undefined ? {} : { cold }) };
}

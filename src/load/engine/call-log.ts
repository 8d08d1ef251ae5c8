import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileError, usageError } from '../../errors.ts';
import { OUTCOME, type OutcomeClass } from '../measure/timeline-recorder.ts';
import type { Slot } from '../wire/slot.ts';
import type { ThreadShare } from './engine.ts';

/** Lines are written to the file in batches of this size. */
const BATCH_CHARACTERS = 65_536;
const COLUMNS = [
  'runtime',
  'call',
  'intendedEpochMs',
  'startEpochMs',
  'latencyMs',
  'status',
  'error',
  'attempts',
  'bytes',
  'connection',
] as const;

/** The format of a file of calls: CSV, or one JSON object per line. Its name decides. */
export type CallFormat = 'csv' | 'ndjson';

/** `.csv` for CSV, anything else for NDJSON. */
export function callFormatOf(path: string): CallFormat {
  return path.toLowerCase().endsWith('.csv') ? 'csv' : 'ndjson';
}

/**
 * Creates the file, or empties it, and writes the heading of a CSV.
 * @throws ShedbenchError `calls-out` (exit 2) if the folder does not exist, or a pipe or a socket is in the file's place
 * @throws the file system's error, which `main` shows as `file-trouble` (exit 2)
 */
export function startCallFile(path: string): void {
  refusePipe(path);
  try {
    const file = openSync(path, 'w');
    if (callFormatOf(path) === 'csv') writeSync(file, `${COLUMNS.join(',')}\n`);
    closeSync(file);
  } catch (error) {
    if (!isAbsent(error)) throw withPath(error, path);
    const folder = dirname(path);
    throw usageError(
      'calls-out',
      `The folder ${folder} for the file of calls is not there.`,
      `mkdir -p ${folder}`,
    );
  }
}

/** Every thread opens the file. Opening a pipe would wait for a reader, without a way to interrupt it. */
function refusePipe(path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !(stat.isFIFO() || stat.isSocket())) return;
  throw usageError('calls-out', `${path} is a ${stat.isFIFO() ? 'pipe' : 'socket'}, not a file.`);
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** Sets the path in an error. Node names none if a call on an open file fails. */
function withPath(error: unknown, path: string): unknown {
  return error instanceof Error ? Object.assign(error, { path }) : error;
}

/**
 * Writes one line for every call that has ended: when it was due and when its last attempt was sent (epoch ms), how
 * long it took (ms), the status or error kind of its last attempt, the number of attempts, the bytes of the last
 * answer, and the number of the connection. Several threads append whole lines to the same file.
 */
export class CallLog {
  /** Why lines are missing in the file. Undefined if none are. */
  trouble: string | undefined;
  readonly #path: string;
  readonly #file: number;
  readonly #format: CallFormat;
  readonly #runtime: string;
  readonly #toEpochMs: number;
  readonly #connectionOf: (slot: Slot) => number;
  #isOn = true;
  #batch = '';

  /**
   * @param out an existing file, and the label of the runtime that is called
   * @param of `epochAtZeroMs`: the epoch time at which the monotonic clock read 0, ms; `thread`: this thread among
   * those that write the file, so that connections of different threads have different numbers
   */
  constructor(
    out: { readonly path: string; readonly runtime: string },
    { epochAtZeroMs, thread }: { readonly epochAtZeroMs: number; readonly thread: ThreadShare },
  ) {
    this.#path = out.path;
    this.#file = openSync(out.path, 'a');
    this.#format = callFormatOf(out.path);
    this.#runtime = out.runtime;
    this.#toEpochMs = epochAtZeroMs;
    this.#connectionOf = ({ connection }) =>
      connection === 0 ? 0 : (connection - 1) * thread.count + thread.index + 1;
  }

  /** Switched off during the warm-up, whose calls are left out. */
  set isOn(isOn: boolean) {
    this.#isOn = isOn;
  }

  add(slot: Slot, outcome: OutcomeClass, latencyMs: number): void {
    if (!this.#isOn || this.trouble !== undefined) return;
    const isAnswered = outcome !== OUTCOME.error;
    const values = [
      this.#runtime,
      slot.call,
      rounded(this.#toEpochMs + slot.intendedMs),
      rounded(this.#toEpochMs + slot.sentMs),
      rounded(latencyMs),
      isAnswered ? slot.status : null,
      isAnswered ? null : this.#format === 'csv' ? csvCell(slot.failure) : slot.failure,
      slot.attempts,
      isAnswered ? slot.answerBytes : 0,
      this.#connectionOf(slot),
    ];
    this.#batch +=
      this.#format === 'csv'
        ? `${values.map((value) => value ?? '').join(',')}\n`
        : `${JSON.stringify(Object.fromEntries(COLUMNS.map((name, at) => [name, values[at]])))}\n`;
    if (this.#batch.length >= BATCH_CHARACTERS) this.flush();
  }

  /** Writes the remaining lines and closes the file. */
  end(): void {
    this.flush();
    closeSync(this.#file);
  }

  /** Writes the lines so far. If the disk does not take them, the load goes on without the file. */
  flush(): void {
    try {
      for (let rest = Buffer.from(this.#batch); rest.length > 0; ) {
        rest = rest.subarray(writeSync(this.#file, rest));
      }
    } catch (error) {
      this.trouble = fileError(withPath(error, this.#path))?.message ?? String(error);
    }
    this.#batch = '';
  }
}

/** An error without a code has its message as its kind, which may contain anything. */
function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rounds to the microsecond. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

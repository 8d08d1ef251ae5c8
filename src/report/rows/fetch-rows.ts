import { ShedbenchError } from '../../errors.ts';
import type { Samples } from '../../model/report.ts';
import type { ReportDeps } from '../deps.ts';
import { numberIn, requiredNumberIn, unreadable } from './aggregate.ts';
import type { InsightsRow } from './insights-port.ts';
import type { QueryScope } from './query-scope.ts';
import { BYTES_PER_REPORTED_MB, rowsQuery } from './query-text.ts';
import { type InsightsAccess, runQuery } from './run-query.ts';
import { type ColdStartKinds, ROW_STATUS, type RowsOfRun, SampleColumns, type SampleRow } from './samples.ts';

/** The limits of the number of rows of one query. */
export interface RowLimits {
  /** The largest number of rows of one query. */
  readonly perQuery: number;
  /** The number of rows in a piece of a window. */
  readonly perPiece: number;
}

/**
 * The limit is that of Insights. Pieces are planned with fewer rows, because a load is seldom even.
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
 */
const ROW_LIMITS: RowLimits = { perQuery: 100_000, perPiece: 80_000 };

/** Whole epoch seconds; both are included. */
export interface SecondsWindow {
  readonly startEpochSeconds: number;
  readonly endEpochSeconds: number;
}

/** Insights shows a time as `2026-11-23 06:27:54.123` (UTC), or a computed one as epoch ms. @throws ShedbenchError `unreadable-rows` for anything else */
export function parseInsightsTime(text: string): number {
  const epochMs = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$/.test(text)
    ? Date.parse(`${text.replace(' ', 'T')}Z`)
    : Number(text);
  if (!Number.isFinite(epochMs) || text === '') throw unreadable(`'${text}' for a time`);
  return epochMs;
}

/** Reads a number whose field has another name in the text format than in the JSON format. */
function eitherNumber(row: InsightsRow, text: string, json: string): number | undefined {
  return numberIn(row, text) ?? numberIn(row, `record.metrics.${json}`);
}

/** @throws ShedbenchError `unreadable-rows` if a figure that every REPORT line has is missing */
function eitherRequired(row: InsightsRow, text: string, json: string): number {
  return eitherNumber(row, text, json) ?? requiredNumberIn(row, text);
}

/** How long an init took that failed, ms. Undefined if the row is of an invocation. */
function failedInitOf(row: InsightsRow): number | undefined {
  return row.type === 'platform.initReport'
    ? numberIn(row, 'record.metrics.durationMs')
    : numberIn(row, 'failedInitText');
}

/** @param failedInitMs how long an init took that failed and was repeated inside this invocation */
function sampleRow(row: InsightsRow, isDuplicate: boolean, failedInitMs: number | undefined): SampleRow {
  const restoreMs = eitherNumber(row, 'restoreText', 'restoreDurationMs');
  const initMs = eitherNumber(row, '@initDuration', 'initDurationMs') ?? restoreMs;
  const billedRestoreMs = eitherNumber(row, 'billedRestoreText', 'billedRestoreDurationMs');
  const memoryBytes = numberIn(row, '@maxMemoryUsed');
  const failed = (numberIn(row, 'isFailure') ?? 0) > 0;
  const timedOut = (numberIn(row, 'isTimeout') ?? 0) > 0;
  return {
    atEpochMs: parseInsightsTime(row['@timestamp'] ?? ''),
    durationMs: eitherRequired(row, '@duration', 'durationMs') + (initMs ?? 0),
    initMs,
    isRestored: restoreMs !== undefined,
    failedInitMs: initMs === undefined ? failedInitMs : undefined,
    billedMs: eitherRequired(row, '@billedDuration', 'billedDurationMs') + (billedRestoreMs ?? 0),
    memoryMB:
      memoryBytes === undefined
        ? eitherRequired(row, '@maxMemoryUsed', 'maxMemoryUsedMB')
        : memoryBytes / BYTES_PER_REPORTED_MB,
    status: timedOut ? ROW_STATUS.timeout : failed ? ROW_STATUS.error : ROW_STATUS.ok,
    environment: row['@logStream'],
    isDuplicate,
  };
}

/** Cuts a window into equal pieces that share their boundary seconds. */
export function cutWindow(window: SecondsWindow, pieces: number): SecondsWindow[] {
  const { startEpochSeconds: start, endEpochSeconds: end } = window;
  const count = Math.max(1, Math.min(pieces, end - start));
  const edge = (index: number) => start + Math.round(((end - start) * index) / count);
  return Array.from({ length: count }, (_, index) => ({
    startEpochSeconds: edge(index),
    endEpochSeconds: edge(index + 1),
  }));
}

/** The rows of one run. */
export interface FetchedRows {
  /** One row per request. */
  readonly samples: Samples;
  /** The rows as the aggregate query counts them: duplicates are included, and failed inits are not known. */
  readonly allSamples: Samples;
  readonly duplicates: number;
  readonly coldStarts: ColdStartKinds;
  /** The number of rows that could not be read, and the error of the first. */
  readonly unreadable: { readonly count: number; readonly first?: ShedbenchError };
}

/** Collects rows piece by piece, detects duplicates, and counts unreadable rows. */
class RowReader {
  readonly #columns = new SampleColumns();
  readonly #requests = new Set<string>();
  /** `@ptr` of the rows in boundary seconds, which two pieces return. */
  readonly #boundaryRows = new Set<string>();
  #duplicates = 0;
  #unreadable = 0;
  #firstUnreadable: ShedbenchError | undefined;
  /** The times of failed inits without a REPORT row yet, ms, by log stream. */
  readonly #failedInits = new Map<string, number>();
  /** The additions of the current piece, for `undoPiece`. */
  #piece = { rows: 0, duplicates: 0, unreadable: 0, requests: [] as string[], boundaryRows: [] as string[] };

  beginPiece(): void {
    this.#piece = {
      rows: this.#columns.length,
      duplicates: this.#duplicates,
      unreadable: this.#unreadable,
      requests: [],
      boundaryRows: [],
    };
  }

  /** Removes the rows of the current piece, which will be queried again in halves. */
  undoPiece(): void {
    const { rows, duplicates, unreadable, requests, boundaryRows } = this.#piece;
    this.#columns.truncate(rows);
    this.#duplicates = duplicates;
    this.#unreadable = unreadable;
    for (const request of requests) this.#requests.delete(request);
    for (const pointer of boundaryRows) this.#boundaryRows.delete(pointer);
  }

  read(row: InsightsRow, piece: SecondsWindow | undefined): void {
    try {
      if (piece !== undefined && this.#isKnownBoundaryRow(row, piece)) return;
      const stream = row['@logStream'];
      const failedInit = failedInitOf(row);
      if (failedInit !== undefined) {
        if (stream !== undefined) this.#failedInits.set(stream, failedInit);
        return;
      }
      const request = row['@requestId'] ?? row['record.requestId'] ?? '';
      const isDuplicate = request !== '' && this.#requests.has(request);
      const failedInitMs = stream === undefined ? undefined : this.#failedInits.get(stream);
      this.#columns.add(sampleRow(row, isDuplicate, failedInitMs));
      if (stream !== undefined) this.#failedInits.delete(stream);
      if (isDuplicate) this.#duplicates++;
      else if (request !== '') {
        this.#requests.add(request);
        this.#piece.requests.push(request);
      }
    } catch (error) {
      if (!(error instanceof ShedbenchError)) throw error;
      this.#unreadable++;
      this.#firstUnreadable ??= error;
    }
  }

  #isKnownBoundaryRow(row: InsightsRow, piece: SecondsWindow): boolean {
    const second = Math.floor(parseInsightsTime(row['@timestamp'] ?? '') / 1000);
    if (second !== piece.startEpochSeconds && second !== piece.endEpochSeconds) return false;
    const pointer = row['@ptr'];
    if (pointer === undefined) throw unreadable('a row without @ptr');
    if (this.#boundaryRows.has(pointer)) return true;
    this.#boundaryRows.add(pointer);
    this.#piece.boundaryRows.push(pointer);
    return false;
  }

  finish(run: RowsOfRun): FetchedRows {
    return {
      samples: this.#columns.finish(run),
      allSamples: this.#columns.finish(run, true),
      coldStarts: this.#columns.coldStarts(),
      duplicates: this.#duplicates,
      unreadable: {
        count: this.#unreadable,
        ...(this.#firstUnreadable === undefined ? {} : { first: this.#firstUnreadable }),
      },
    };
  }
}

/**
 * Reads all REPORT rows of a log group within a window, the oldest first. A window with more rows than one query
 * returns is queried in pieces. Pieces share their boundary second, because AWS does not say whether Insights
 * includes the whole last second of a window. `@ptr` identifies the rows that both pieces return.
 *
 * @returns undefined if a single second has more than 100,000 rows, because no query can return them
 * @throws ShedbenchError as `runQuery` does
 */
export async function fetchRows(
  access: InsightsAccess,
  logGroupName: string,
  window: SecondsWindow,
  run: RowsOfRun & { readonly scope?: QueryScope },
  expectedRows: number,
  deps: ReportDeps,
  limits: RowLimits = ROW_LIMITS,
): Promise<FetchedRows | undefined> {
  const reader = new RowReader();
  const queue = cutWindow(window, Math.ceil(expectedRows / limits.perPiece));
  let piece = queue.shift();
  while (piece !== undefined) {
    const { startEpochSeconds, endEpochSeconds } = piece;
    const isWhole =
      startEpochSeconds === window.startEpochSeconds && endEpochSeconds === window.endEpochSeconds;
    const cut = isWhole ? undefined : piece;
    let received = 0;
    reader.beginPiece();
    await runQuery(
      access,
      { logGroupNames: [logGroupName], ...piece, query: rowsQuery(run.scope ?? {}), limit: limits.perQuery },
      deps,
      (row) => {
        received++;
        reader.read(row, cut);
      },
    );
    if (received >= limits.perQuery) {
      // The limit may have cut off rows, so the two halves are queried instead.
      if (endEpochSeconds - startEpochSeconds <= 1) return undefined;
      reader.undoPiece();
      queue.unshift(...cutWindow(piece, 2));
    }
    piece = queue.shift();
  }
  return reader.finish(run);
}

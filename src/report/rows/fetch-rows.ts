import type { Samples } from '../../model/report.ts';
import type { ReportDeps } from '../deps.ts';
import { numberIn, requiredNumberIn, unreadable } from './aggregate.ts';
import type { InsightsRow } from './insights-port.ts';
import { BYTES_PER_REPORTED_MB, ROWS_QUERY } from './query-text.ts';
import { type InsightsAccess, runQuery } from './run-query.ts';
import { ROW_STATUS, SampleColumns } from './samples.ts';

/** How many rows are asked for at once. */
export interface RowLimits {
  /** Rows that one query gives at most. */
  readonly perQuery: number;
  /** Windows are cut so that a piece holds about this many rows. */
  readonly perPiece: number;
}

/**
 * Insights' own limit, and less than it for a piece: load is seldom even.
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
 */
const ROW_LIMITS: RowLimits = { perQuery: 100_000, perPiece: 80_000 };

/** Whole epoch seconds, both included. */
export interface SecondsWindow {
  readonly startEpochSeconds: number;
  readonly endEpochSeconds: number;
}

/** Insights shows `2026-11-23 06:27:54.123` (UTC); computed times come as epoch ms. @throws ShedbenchError `unreadable-rows` for neither */
export function parseInsightsTime(text: string): number {
  const epochMs = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$/.test(text)
    ? Date.parse(`${text.replace(' ', 'T')}Z`)
    : Number(text);
  if (!Number.isFinite(epochMs) || text === '') throw unreadable(`'${text}' for a time`);
  return epochMs;
}

function addRow(columns: SampleColumns, row: InsightsRow, atEpochMs: number): void {
  const initMs = numberIn(row, '@initDuration');
  const failed = (numberIn(row, 'isFailure') ?? 0) > 0;
  const timedOut = (numberIn(row, 'isTimeout') ?? 0) > 0;
  columns.add({
    atEpochMs,
    durationMs: requiredNumberIn(row, '@duration') + (initMs ?? 0),
    initMs,
    billedMs: requiredNumberIn(row, '@billedDuration'),
    memoryMB: requiredNumberIn(row, '@maxMemoryUsed') / BYTES_PER_REPORTED_MB,
    status: timedOut ? ROW_STATUS.timeout : failed ? ROW_STATUS.error : ROW_STATUS.ok,
  });
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

/**
 * All REPORT rows of a log group within a window, oldest first, or undefined where more than 100,000 stand in a single
 * second and no query could give them. Windows of more rows than one query gives are asked for in pieces; pieces share
 * their boundary second, whose rows are told apart by `@ptr`, since whether Insights includes the whole of a window's
 * last second is not documented.
 * @throws ShedbenchError as `runQuery` does
 */
export async function fetchRows(
  access: InsightsAccess,
  logGroupName: string,
  window: SecondsWindow,
  windowStartEpochMs: number,
  expectedRows: number,
  deps: ReportDeps,
  limits: RowLimits = ROW_LIMITS,
): Promise<Samples | undefined> {
  const columns = new SampleColumns();
  const boundaryRows = new Set<string>();
  const queue = cutWindow(window, Math.ceil(expectedRows / limits.perPiece));
  let piece = queue.shift();
  while (piece !== undefined) {
    const { startEpochSeconds, endEpochSeconds } = piece;
    const isWhole =
      startEpochSeconds === window.startEpochSeconds && endEpochSeconds === window.endEpochSeconds;
    const before = columns.length;
    let received = 0;
    const newBoundaryRows: string[] = [];
    await runQuery(
      access,
      {
        logGroupNames: [logGroupName],
        startEpochSeconds,
        endEpochSeconds,
        query: ROWS_QUERY,
        limit: limits.perQuery,
      },
      deps,
      (row) => {
        received++;
        const atEpochMs = parseInsightsTime(row['@timestamp'] ?? '');
        const second = Math.floor(atEpochMs / 1000);
        if (!isWhole && (second === startEpochSeconds || second === endEpochSeconds)) {
          const pointer = row['@ptr'];
          if (pointer === undefined) throw unreadable('a row without @ptr');
          if (boundaryRows.has(pointer)) return;
          newBoundaryRows.push(pointer);
        }
        addRow(columns, row, atEpochMs);
      },
    );
    if (received >= limits.perQuery) {
      // The limit may have cut rows off: ask for the two halves instead.
      if (endEpochSeconds - startEpochSeconds <= 1) return undefined;
      columns.truncate(before);
      queue.unshift(...cutWindow(piece, 2));
    } else {
      for (const pointer of newBoundaryRows) boundaryRows.add(pointer);
    }
    piece = queue.shift();
  }
  return columns.finish(windowStartEpochMs);
}

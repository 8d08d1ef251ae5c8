import { awsError, type ShedbenchError } from '../../errors.ts';
import type { InvocationGroup, Summary, Temperature } from '../../model/report.ts';
import type { InsightsRow } from './insights-port.ts';
import { LOGS_FAILURES } from './logs-failure.ts';
import type { AggregateQuantity } from './query-text.ts';
import type { Groups } from './samples.ts';

/** What the aggregate query says of one function in one window. */
export interface Aggregate {
  readonly found: number;
  readonly groups: Groups;
  /** As the REPORT lines give it; undefined without a row. */
  readonly memorySizeMB: number | undefined;
}

export const EMPTY_AGGREGATE: Aggregate = { found: 0, groups: {}, memorySizeMB: undefined };

/** Thrown where an answer of Insights holds something else than was asked for (exit 3). */
export function unreadable(what: string): ShedbenchError {
  return awsError(
    LOGS_FAILURES.unreadable,
    `CloudWatch Logs gave ${what}`,
    'Look at the log group itself: aws logs tail GROUP',
  );
}

/** The number in a field of a row; undefined where the field is absent or empty. @throws ShedbenchError `unreadable-rows` otherwise */
export function numberIn(row: InsightsRow, field: string): number | undefined {
  const text = row[field];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) throw unreadable(`'${text}' for ${field}, which is no number`);
  return value;
}

/** A number that every REPORT row has. @throws ShedbenchError `unreadable-rows` where it is absent */
export function requiredNumberIn(row: InsightsRow, field: string): number {
  const value = numberIn(row, field);
  if (value === undefined) throw unreadable(`a row without ${field}: ${JSON.stringify(row)}`);
  return value;
}

function summaryIn(row: InsightsRow, quantity: AggregateQuantity, count: number): Summary | undefined {
  if (numberIn(row, `avg${quantity}`) === undefined) return undefined;
  const stddev = numberIn(row, `stddev${quantity}`);
  return {
    count,
    mean: requiredNumberIn(row, `avg${quantity}`),
    min: requiredNumberIn(row, `min${quantity}`),
    max: requiredNumberIn(row, `max${quantity}`),
    ...(stddev === undefined || count < 2 ? {} : { stddev }),
    p50: requiredNumberIn(row, `p50${quantity}`),
    p90: requiredNumberIn(row, `p90${quantity}`),
    p99: requiredNumberIn(row, `p99${quantity}`),
  };
}

function groupIn(row: InsightsRow, temperature: Temperature): InvocationGroup {
  const count = requiredNumberIn(row, 'count');
  const duration = summaryIn(row, 'Duration', count);
  const billed = summaryIn(row, 'Billed', count);
  const memory = summaryIn(row, 'Memory', count);
  if (duration === undefined || billed === undefined || memory === undefined) {
    throw unreadable(`REPORT rows without figures: ${JSON.stringify(row)}`);
  }
  const init = temperature === 'cold' ? summaryIn(row, 'Init', count) : undefined;
  const timeouts = numberIn(row, 'timeouts') ?? 0;
  return {
    count,
    durationMs: duration,
    ...(init === undefined ? {} : { initMs: init }),
    billedMs: billed,
    memoryMB: memory,
    timeouts,
    errors: (numberIn(row, 'failures') ?? 0) - timeouts,
  };
}

/** Reads the rows of `aggregateQuery` for one function label; rows of other labels are left out. */
export function readAggregate(rows: readonly InsightsRow[], label: string): Aggregate {
  const groups: Partial<Record<Temperature, InvocationGroup>> = {};
  let memorySizeMB: number | undefined;
  for (const row of rows) {
    if (row.Lambda !== label) continue;
    // ispresent() answers 1 or 0; some endpoints print true and false.
    const temperature: Temperature = row.coldStart === '1' || row.coldStart === 'true' ? 'cold' : 'warm';
    groups[temperature] = groupIn(row, temperature);
    memorySizeMB = numberIn(row, 'memorySize') ?? memorySizeMB;
  }
  const found = (groups.cold?.count ?? 0) + (groups.warm?.count ?? 0);
  return { found, groups, memorySizeMB };
}

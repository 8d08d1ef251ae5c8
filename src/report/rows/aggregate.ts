import { awsError, type ShedbenchError } from '../../errors.ts';
import { computedPercentiles, percentileName } from '../../model/percentiles.ts';
import type { InvocationGroup, Summary, Temperature } from '../../model/report.ts';
import type { InsightsRow } from './insights-port.ts';
import { LOGS_FAILURES } from './logs-failure.ts';
import { type AggregateQuantity, percentileField } from './query-text.ts';
import type { Groups } from './samples.ts';

/** The figures of the aggregate query for one function in one window. */
export interface Aggregate {
  /** All rows. */
  readonly rows: number;
  /** Rows of different requests. Equal to `rows` if that number is not known. */
  readonly requests: number;
  /** The figures, duplicate rows included. */
  readonly groups: Groups;
  /** The memory size in the REPORT lines. Undefined without a row. */
  readonly memorySizeMB: number | undefined;
}

export const EMPTY_AGGREGATE: Aggregate = { rows: 0, requests: 0, groups: {}, memorySizeMB: undefined };

/**
 * The largest number of rows for which `count_distinct` is taken as exact. CloudWatch approximates it for fields with
 * very many values, and does not say from how many on.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Stats.html
 */
const EXACT_DISTINCT_ROWS = 10_000;

/** The error for a result of Insights that does not contain what was queried (`unreadable-rows`, exit 3). */
export function unreadable(what: string): ShedbenchError {
  return awsError(
    LOGS_FAILURES.unreadable,
    `CloudWatch Logs gave ${what}`,
    'Look at the log group itself: aws logs tail GROUP',
  );
}

/**
 * The number in a field of a row. Undefined if the field is absent or empty. @throws ShedbenchError `unreadable-rows`
 * for any other text
 */
export function numberIn(row: InsightsRow, field: string): number | undefined {
  const text = row[field];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) throw unreadable(`'${text}' for ${field}, which is no number`);
  return value;
}

/** Reads a number that every REPORT row has. @throws ShedbenchError `unreadable-rows` if it is absent */
export function requiredNumberIn(row: InsightsRow, field: string): number {
  const value = numberIn(row, field);
  if (value === undefined) throw unreadable(`a row without ${field}: ${JSON.stringify(row)}`);
  return value;
}

function summaryIn(
  row: InsightsRow,
  quantity: AggregateQuantity,
  count: number,
  percentiles: readonly number[],
): Summary | undefined {
  if (numberIn(row, `avg${quantity}`) === undefined) return undefined;
  const stddev = numberIn(row, `stddev${quantity}`);
  const at = (percent: number) => requiredNumberIn(row, percentileField(percent, quantity));
  return {
    count,
    mean: requiredNumberIn(row, `avg${quantity}`),
    min: requiredNumberIn(row, `min${quantity}`),
    max: requiredNumberIn(row, `max${quantity}`),
    ...(stddev === undefined || count < 2 ? {} : { stddev }),
    p50: at(50),
    p90: at(90),
    p99: at(99),
    ...Object.fromEntries(percentiles.map((percent) => [percentileName(percent), at(percent)])),
  };
}

function groupIn(
  row: InsightsRow,
  temperature: Temperature,
  percentiles: readonly number[],
): InvocationGroup {
  const count = requiredNumberIn(row, 'count');
  const of = (quantity: AggregateQuantity) => summaryIn(row, quantity, count, percentiles);
  const [duration, billed, memory] = [of('Duration'), of('Billed'), of('Memory')];
  if (duration === undefined || billed === undefined || memory === undefined) {
    throw unreadable(`REPORT rows without figures: ${JSON.stringify(row)}`);
  }
  const init = temperature === 'cold' ? of('Init') : undefined;
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

/** Reads the rows of `aggregateQuery` that belong to one function label. */
export function readAggregate(
  rows: readonly InsightsRow[],
  label: string,
  percentiles: readonly number[] = computedPercentiles([]),
): Aggregate {
  const groups: Partial<Record<Temperature, InvocationGroup>> = {};
  let memorySizeMB: number | undefined;
  let requests = 0;
  for (const row of rows) {
    if (row.Lambda !== label) continue;
    // ispresent() returns 1 or 0. Some endpoints print true and false.
    const temperature: Temperature = row.coldStart === '1' || row.coldStart === 'true' ? 'cold' : 'warm';
    groups[temperature] = groupIn(row, temperature, percentiles);
    memorySizeMB = numberIn(row, 'memorySize') ?? memorySizeMB;
    requests += numberIn(row, 'requests') ?? 0;
  }
  const found = (groups.cold?.count ?? 0) + (groups.warm?.count ?? 0);
  // An endpoint that does not extract request ids counts none.
  const isKnown = requests > 0 && requests <= found && found <= EXACT_DISTINCT_ROWS;
  return { rows: found, requests: isKnown ? requests : found, groups, memorySizeMB };
}

import { computedPercentiles, percentileName } from '../../model/percentiles.ts';

/**
 * The query that was published with the demo whose bench this is. It knows two languages. It is here for reference and
 * for the tests: reports ask `aggregateQuery`.
 */
export const PUBLISHED_QUERY = `filter @type = "REPORT"
| fields greatest(@initDuration, 0) + @duration as duration, ispresent(@initDuration) as coldStart
| parse @log /^\\d+:.*?-(?<Lambda>(rust|python)-.+)$/
| stats count(*) as count,
avg(duration) as avgDuration, min(duration) as minDuration, max(duration) as maxDuration, stddev(duration) as StdDevDuration,
avg(@billedDuration) as avgBilled, min(@billedDuration) as minBilled, max(@billedDuration) as maxBilled, stddev(@billedDuration) as StdDevBilled,
avg(@maxMemoryUsed / 1024 / 1024) as avgRam, min(@maxMemoryUsed / 1024 / 1024) as minRam, max(@maxMemoryUsed / 1024 / 1024) as maxRam, stddev(@maxMemoryUsed / 1024 / 1024) as StdDevRam
by Lambda, coldStart`;

/** The older form of the published query: without init, and with cold and warm invocations in one row. */
export const PUBLISHED_QUERY_OLDER = `filter @type = "REPORT"
| parse @log /^\\d+:.*?-(?<Lambda>(rust|python)-.+)$/
| stats count(*) as count,
avg(@duration) as avgDuration, min(@duration) as minDuration, max(@duration) as maxDuration, stddev(@duration) as StdDevDuration,
avg(@billedDuration) as avgBilled, min(@billedDuration) as minBilled, max(@billedDuration) as maxBilled, stddev(@billedDuration) as StdDevBilled,
avg(@maxMemoryUsed / 1024 / 1024) as avgRam, min(@maxMemoryUsed / 1024 / 1024) as minRam, max(@maxMemoryUsed / 1024 / 1024) as maxRam, stddev(@maxMemoryUsed / 1024 / 1024) as StdDevRam
by Lambda`;

/** Insights gives memory in bytes: the megabytes of the REPORT line × 1,000,000. */
export const BYTES_PER_REPORTED_MB = 1_000_000;

/** The quantities that the aggregate query summarizes. Result fields bear their names: `avgDuration`, `p99Billed`. */
const AGGREGATE_QUANTITIES = {
  Duration: 'duration',
  Init: '@initDuration',
  Billed: '@billedDuration',
  Memory: 'memory',
} as const;
export type AggregateQuantity = keyof typeof AGGREGATE_QUANTITIES;

/** The result field of a percentile: `p99Duration`, `p99_9Duration` (a name holds no dot). */
export function percentileField(percent: number, quantity: AggregateQuantity): string {
  return `${percentileName(percent).replace('.', '_')}${quantity}`;
}

function statisticsText(quantity: AggregateQuantity, expression: string, percentiles: readonly number[]) {
  return [
    ...['avg', 'min', 'max', 'stddev'].map((name) => `${name}(${expression}) as ${name}${quantity}`),
    ...percentiles.map(
      (percent) => `pct(${expression}, ${percent}) as ${percentileField(percent, quantity)}`,
    ),
  ].join(', ');
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/**
 * The published query with percentiles, init, timeouts, failures and the number of different requests, for a project of
 * any name and any runtimes. It gives one row per function label and `coldStart`.
 */
export function aggregateQuery(
  project: string,
  percentiles: readonly number[] = computedPercentiles([]),
): string {
  const statistics = Object.entries(AGGREGATE_QUANTITIES).map(([quantity, expression]) =>
    statisticsText(quantity as AggregateQuantity, expression, percentiles),
  );
  return `filter @type = "REPORT"
| fields greatest(@initDuration, 0) + @duration as duration, ispresent(@initDuration) as coldStart, @maxMemoryUsed / ${BYTES_PER_REPORTED_MB} as memory, strcontains(@message, "Status: timeout") as isTimeout, strcontains(@message, "Status: ") as isFailure
| parse @log /^\\d+:.aws.lambda.${escapeRegex(project)}-(?<Lambda>.+)$/
| stats count(*) as count, count_distinct(@requestId) as requests, sum(isTimeout) as timeouts, sum(isFailure) as failures, max(@memorySize / ${BYTES_PER_REPORTED_MB}) as memorySize,
${statistics.join(',\n')}
by Lambda, coldStart`;
}

/** The raw rows, oldest first. */
export const ROWS_QUERY = `filter @type = "REPORT"
| fields @timestamp, @duration, @initDuration, @billedDuration, @maxMemoryUsed, @requestId, @logStream, strcontains(@message, "Status: timeout") as isTimeout, strcontains(@message, "Status: ") as isFailure
| sort @timestamp asc`;

/** Asked where no row was found: it tells what the log group holds instead. */
export const DIAGNOSIS_QUERY = `fields strcontains(@message, "platform.report") as isJsonReport, strcontains(@message, "REPORT RequestId: ") as isTextReport
| stats count(*) as lines, sum(isJsonReport) as jsonReports, sum(isTextReport) as textReports, min(@timestamp) as firstAt, max(@timestamp) as lastAt`;

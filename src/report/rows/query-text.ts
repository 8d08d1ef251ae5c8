/**
 * The query as it was published with the demo whose bench this is; it knows two languages. Kept for reference and
 * for the tests; reports ask `aggregateQuery`.
 */
export const PUBLISHED_QUERY = `filter @type = "REPORT"
| fields greatest(@initDuration, 0) + @duration as duration, ispresent(@initDuration) as coldStart
| parse @log /^\\d+:.*?-(?<Lambda>(rust|python)-.+)$/
| stats count(*) as count,
avg(duration) as avgDuration, min(duration) as minDuration, max(duration) as maxDuration, stddev(duration) as StdDevDuration,
avg(@billedDuration) as avgBilled, min(@billedDuration) as minBilled, max(@billedDuration) as maxBilled, stddev(@billedDuration) as StdDevBilled,
avg(@maxMemoryUsed / 1024 / 1024) as avgRam, min(@maxMemoryUsed / 1024 / 1024) as minRam, max(@maxMemoryUsed / 1024 / 1024) as maxRam, stddev(@maxMemoryUsed / 1024 / 1024) as StdDevRam
by Lambda, coldStart`;

/** Its older form: init left out, cold and warm together. */
export const PUBLISHED_QUERY_OLDER = `filter @type = "REPORT"
| parse @log /^\\d+:.*?-(?<Lambda>(rust|python)-.+)$/
| stats count(*) as count,
avg(@duration) as avgDuration, min(@duration) as minDuration, max(@duration) as maxDuration, stddev(@duration) as StdDevDuration,
avg(@billedDuration) as avgBilled, min(@billedDuration) as minBilled, max(@billedDuration) as maxBilled, stddev(@billedDuration) as StdDevBilled,
avg(@maxMemoryUsed / 1024 / 1024) as avgRam, min(@maxMemoryUsed / 1024 / 1024) as minRam, max(@maxMemoryUsed / 1024 / 1024) as maxRam, stddev(@maxMemoryUsed / 1024 / 1024) as StdDevRam
by Lambda`;

/** Insights gives memory in bytes as megabytes × 1,000,000. */
export const BYTES_PER_REPORTED_MB = 1_000_000;

/** The statistics that the aggregate asks of every quantity; `stddev` is absent of one value. */
const AGGREGATE_STATISTICS = ['avg', 'min', 'max', 'stddev', 'p50', 'p90', 'p99'] as const;
export type AggregateStatistic = (typeof AGGREGATE_STATISTICS)[number];

/** The quantities, as result fields are named after them: `avgDuration`, `p99Billed`. */
const AGGREGATE_QUANTITIES = {
  Duration: 'duration',
  Init: '@initDuration',
  Billed: '@billedDuration',
  Memory: 'memory',
} as const;
export type AggregateQuantity = keyof typeof AGGREGATE_QUANTITIES;

function statisticText(statistic: AggregateStatistic, expression: string, quantity: string): string {
  const call = statistic.startsWith('p')
    ? `pct(${expression}, ${statistic.slice(1)})`
    : `${statistic}(${expression})`;
  return `${call} as ${statistic}${quantity}`;
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/**
 * The published query with percentiles, init, timeouts and failures, for a project of any name and any runtimes.
 * One row per function label and coldStart.
 */
export function aggregateQuery(project: string): string {
  const statistics = Object.entries(AGGREGATE_QUANTITIES).map(([quantity, expression]) =>
    AGGREGATE_STATISTICS.map((statistic) => statisticText(statistic, expression, quantity)).join(', '),
  );
  return `filter @type = "REPORT"
| fields greatest(@initDuration, 0) + @duration as duration, ispresent(@initDuration) as coldStart, @maxMemoryUsed / ${BYTES_PER_REPORTED_MB} as memory, strcontains(@message, "Status: timeout") as isTimeout, strcontains(@message, "Status: ") as isFailure
| parse @log /^\\d+:.aws.lambda.${escapeRegex(project)}-(?<Lambda>.+)$/
| stats count(*) as count, sum(isTimeout) as timeouts, sum(isFailure) as failures, max(@memorySize / ${BYTES_PER_REPORTED_MB}) as memorySize,
${statistics.join(',\n')}
by Lambda, coldStart`;
}

/** The raw rows, oldest first. */
export const ROWS_QUERY = `filter @type = "REPORT"
| fields @timestamp, @duration, @initDuration, @billedDuration, @maxMemoryUsed, strcontains(@message, "Status: timeout") as isTimeout, strcontains(@message, "Status: ") as isFailure
| sort @timestamp asc`;

/** Asked where no row was found: what stands in the log group instead. */
export const DIAGNOSIS_QUERY = `fields strcontains(@message, "platform.report") as isJsonReport, strcontains(@message, "REPORT RequestId: ") as isTextReport
| stats count(*) as lines, sum(isJsonReport) as jsonReports, sum(isTextReport) as textReports, min(@timestamp) as firstAt, max(@timestamp) as lastAt`;

import { computedPercentiles, percentileName } from '../../model/percentiles.ts';
import type { QueryScope } from './query-scope.ts';

/**
 * The query that was published with the original demo, for two languages. It is kept for reference and for the tests.
 * Reports use `aggregateQuery`.
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

/** Insights returns memory in bytes: the megabytes of the REPORT line × 1,000,000. */
export const BYTES_PER_REPORTED_MB = 1_000_000;

/**
 * The quantities that the aggregate query summarizes. The names of result fields contain theirs: `avgDuration`,
 * `p99Billed`.
 */
const AGGREGATE_QUANTITIES = {
  Duration: 'duration',
  Init: 'init',
  Billed: 'billed',
  Memory: 'memory',
} as const;
export type AggregateQuantity = keyof typeof AGGREGATE_QUANTITIES;

/** The result field of a percentile: `p99Duration`, `p99_9Duration` (field names contain no dot). */
export function percentileField(percent: number, quantity: AggregateQuantity): string {
  return `${percentileName(percent).replace('.', '_')}${quantity}`;
}

/** REPORT lines of the text format, and their counterparts of the JSON format. */
const REPORTS = '@type = "REPORT" or type = "platform.report"';

/** Filters the lines of a scope. */
function filterText(lines: string, { sharedBy }: QueryScope): string {
  return sharedBy === undefined
    ? `filter ${lines}`
    : `filter (${lines}) and @logStream like /\\/${escapeRegex(sharedBy)}\\[/`;
}

/**
 * The part that SnapStart adds to a REPORT line: `Restore Duration: 474.16 ms`, `Billed Restore Duration: 75 ms`. AWS
 * counts a cold start as Restore Duration + Duration.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/snapstart-monitoring.html
 */
const RESTORE_TIMES = `| parse @message /\\tRestore Duration: (?<restoreText>.*?) ms/
| parse @message /\\tBilled Restore Duration: (?<billedRestoreText>.*?) ms/`;

/** Whether Lambda ended an invocation by a timeout or a failure, in either log format. */
const STATUS_FIELDS = `strcontains(@message, "Status: timeout") + strcontains(@message, '"status":"timeout"') as isTimeout, strcontains(@message, "Status: ") + strcontains(@message, '"status":"') - strcontains(@message, '"status":"success"') as isFailure`;

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
 * The published query, extended by percentiles, init, timeouts, failures and the number of requests, for any project
 * and runtimes, or for log groups of any functions. It returns one row for each function label (or log group) and
 * `coldStart`.
 */
export function aggregateQuery(
  scope: QueryScope,
  percentiles: readonly number[] = computedPercentiles([]),
): string {
  const statistics = Object.entries(AGGREGATE_QUANTITIES).map(([quantity, expression]) =>
    statisticsText(quantity as AggregateQuantity, expression, percentiles),
  );
  const { project } = scope;
  const label = project === undefined ? '(?<Lambda>.+)' : `.aws.lambda.${escapeRegex(project)}-(?<Lambda>.+)`;
  return `${filterText(REPORTS, scope)}
${RESTORE_TIMES}
| fields coalesce(@initDuration, record.metrics.initDurationMs) as initMs, coalesce(restoreText, record.metrics.restoreDurationMs) as restoreMs
| fields coalesce(initMs, 0) + coalesce(restoreMs, 0) as init, coalesce(@duration, record.metrics.durationMs) + init as duration, (ispresent(initMs) or ispresent(restoreMs)) as coldStart
| fields coalesce(@billedDuration, record.metrics.billedDurationMs) + coalesce(billedRestoreText, record.metrics.billedRestoreDurationMs, 0) as billed
| fields coalesce(@maxMemoryUsed / ${BYTES_PER_REPORTED_MB}, record.metrics.maxMemoryUsedMB) as memory, coalesce(@memorySize / ${BYTES_PER_REPORTED_MB}, record.metrics.memorySizeMB) as size
| fields coalesce(@requestId, record.requestId) as requestOfRow, ${STATUS_FIELDS}
| parse @log /^\\d+:${label}$/
| stats count(*) as count, count_distinct(requestOfRow) as requests, sum(isTimeout) as timeouts, sum(isFailure) as failures, max(size) as memorySize,
${statistics.join(',\n')}
by Lambda, coldStart`;
}

/**
 * The INIT_REPORT lines of failed inits, in either log format. In JSON, inits that succeeded have one too where
 * concurrency is provisioned or the log level is DEBUG.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html#telemetry-platform-initReport
 */
const FAILED_INITS =
  '@message like /^INIT_REPORT .*Phase: init\\t/ or (type = "platform.initReport" and record.phase = "init" and record.status != "success")';

/** The query for the raw rows, the oldest first, and the lines of failed inits. */
export function rowsQuery(scope: QueryScope): string {
  return `${filterText(`${REPORTS} or ${FAILED_INITS}`, scope)}
${RESTORE_TIMES}
| parse @message /^INIT_REPORT Init Duration: (?<failedInitText>.*?) ms\\tPhase: init\\t/
| fields @timestamp, @duration, @initDuration, @billedDuration, @maxMemoryUsed, @requestId, @logStream, record.metrics.durationMs, record.metrics.initDurationMs, record.metrics.billedDurationMs, record.metrics.maxMemoryUsedMB, record.metrics.restoreDurationMs, record.metrics.billedRestoreDurationMs, record.requestId, type, ${STATUS_FIELDS}
| sort @timestamp asc`;
}

/** The query that shows what a log group without REPORT rows contains instead. */
export const DIAGNOSIS_QUERY = `fields strcontains(@message, "platform.report") as isJsonReport, strcontains(@message, "REPORT RequestId: ") as isTextReport
| stats count(*) as lines, sum(isJsonReport) as jsonReports, sum(isTextReport) as textReports, min(@timestamp) as firstAt, max(@timestamp) as lastAt`;

/** One result row: the values as text by field name. Rows of queries without `stats` also have `@ptr`. */
export type InsightsRow = Readonly<Record<string, string>>;

export type QueryStatus =
  | 'Scheduled'
  | 'Running'
  | 'Complete'
  | 'Failed'
  | 'Cancelled'
  | 'Timeout'
  | 'Unknown';

/** A query over one closed window; both ends are included, in whole epoch seconds. */
export interface QueryRequest {
  readonly logGroupNames: readonly string[];
  readonly startEpochSeconds: number;
  readonly endEpochSeconds: number;
  readonly query: string;
  /** The largest number of rows; at most 100,000. */
  readonly limit?: number;
}

export interface QueryPage {
  readonly status: QueryStatus;
  /** The rows so far while the query runs; the rows of the page when it is complete. */
  readonly rows: readonly InsightsRow[];
  readonly nextToken?: string;
}

/**
 * The operations of CloudWatch Logs that the report needs. Every method rejects with the SDK's own error.
 * `insights-client.ts` implements it with an AWS SDK client.
 */
export interface InsightsPort {
  startQuery(request: QueryRequest, signal: AbortSignal): Promise<string>;
  getQueryResults(queryId: string, nextToken: string | undefined, signal: AbortSignal): Promise<QueryPage>;
  stopQuery(queryId: string): Promise<void>;
  /** The time at which the log group was created, epoch ms. Undefined if it is not listed. */
  logGroupCreatedAt(name: string, signal: AbortSignal): Promise<number | undefined>;
}

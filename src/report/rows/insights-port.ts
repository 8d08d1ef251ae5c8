/** One result row: field name to its value as text. Non-aggregate rows carry `@ptr` too. */
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
  /** Rows at most; Insights takes up to 100,000. */
  readonly limit?: number;
}

export interface QueryPage {
  readonly status: QueryStatus;
  /** Rows so far while the query runs; the page's rows once it is complete. */
  readonly rows: readonly InsightsRow[];
  readonly nextToken?: string;
}

/**
 * What the report needs of CloudWatch Logs. Every method rejects with the SDK's own error. `insights-client.ts` makes one
 * from an AWS SDK client.
 */
export interface InsightsPort {
  startQuery(request: QueryRequest, signal: AbortSignal): Promise<string>;
  getQueryResults(queryId: string, nextToken: string | undefined, signal: AbortSignal): Promise<QueryPage>;
  stopQuery(queryId: string): Promise<void>;
  /** When the log group was created, epoch ms; undefined where it is not listed. */
  logGroupCreatedAt(name: string, signal: AbortSignal): Promise<number | undefined>;
}

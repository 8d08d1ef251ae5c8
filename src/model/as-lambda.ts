/** The user's choice of how the local cloud imitates the environment of a function on Lambda. */
export interface AsLambdaChoice {
  /** Undefined means DynamoDB's published latency. */
  readonly dynamodbLatency?: DynamodbLatencyChoice;
}

/** The database's latency: a constant time in ms, or the published distribution times a factor. */
export type DynamodbLatencyChoice =
  | { readonly kind: 'fixed'; readonly ms: number }
  | { readonly kind: 'scaled'; readonly factor: number };

/** The CPU limit that the kernel enforced while a run was measured. */
export interface EnforcedCpu {
  /** The version of Linux's control groups. */
  readonly controlGroupVersion: 1 | 2;
  /** The period in which the quota may be used, in µs. */
  readonly periodUs: number;
  /** The CPU time that a sandbox of the run's memory size may use in each period, in µs. */
  readonly quotaUs: number;
  /**
   * The time between the kernel's checks of the usage, in ms; absent if the kernel does not report it. Lambda's is 4
   * ms.
   */
  readonly tickMs?: number;
  /** Periods in which sandboxes of this memory size ran, since the cloud's start. */
  readonly periods: number;
  /** The number of these periods in which the kernel stopped them. */
  readonly throttledPeriods: number;
  /** The database's latency in words: `as published`, `5 ms`. */
  readonly dynamodbLatency: string;
}

/** The time between two checks of the usage on Lambda's hosts, in ms. @see docs/aws-facts.md */
export const LAMBDA_TICK_MS = 4;

/** `as published`, `as published × 2`, `5 ms` */
export function latencyText(choice: DynamodbLatencyChoice | undefined): string {
  if (choice === undefined) return 'as published';
  if (choice.kind === 'fixed') return `${choice.ms} ms`;
  return choice.factor === 1 ? 'as published' : `as published × ${choice.factor}`;
}

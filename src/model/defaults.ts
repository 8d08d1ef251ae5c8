/** The settings of the deployed functions unless flags say otherwise. The templates have the same defaults. */
export const FUNCTION_DEFAULTS = {
  architecture: 'arm64',
  memorySizeMB: 128,
  allowOrigin: '*',
  logRetentionDays: 7,
} as const;

/**
 * Lambda's own settings of a function that was created without them. They are assumed for a function whose settings
 * can't be read.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
 */
export const LAMBDA_DEFAULTS = { architecture: 'x86_64', memorySizeMB: 128, timeoutSeconds: 3 } as const;

/** The options of a load unless flags say otherwise. */
export const LOAD_DEFAULTS = {
  /** Calls in flight at once. */
  parallel: 100,
  calls: 1000,
  /** The cat's arguments, as in the original demo. */
  m: 3,
  n: 8,
  /** What `{n}` stands for in the first call, in decimal: of the sheep its tattoo. */
  startAt: '1',
  retries: 0,
  threads: 1,
  /** API Gateway ends an integration after 29 s. An answer that takes longer means that the connection is broken. */
  timeoutMs: 35_000,
  /**
   * The number of rounds if several runtimes take turns. A multiple of 2, 3 and 4: over twelve rounds two, three or
   * four runtimes have every place in the order equally often.
   */
  rounds: 12,
  /**
   * The warm-up of a bench, as a share of the measured calls. The first 20 to 30 calls of a function are slower than
   * the others, because interpreters compile and clients open connections (docs/statistics.md). That is 3 % of the
   * 1,000 calls of the standard bench. With fewer calls a larger share would take longer than it is worth.
   */
  benchWarmupShare: 0.03,
} as const;

/** The time before now whose invocations a report about functions covers, as typed. */
export const DEFAULT_SINCE = '1h';

/** The default region of a local cloud. The prices of this region are quoted most often. */
export const DEFAULT_LOCAL_REGION = 'us-east-1';

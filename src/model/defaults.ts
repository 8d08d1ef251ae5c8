/** The settings of the deployed functions where none are given. */
export const FUNCTION_DEFAULTS = { memorySizeMB: 128, allowOrigin: '*', logRetentionDays: 7 } as const;

/** The region that a local cloud says it is in. Prices of AWS's first region are the ones most people quote. */
export const DEFAULT_LOCAL_REGION = 'us-east-1';

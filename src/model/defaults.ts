/** The default settings of the deployed functions. */
export const FUNCTION_DEFAULTS = { memorySizeMB: 128, allowOrigin: '*', logRetentionDays: 7 } as const;

/** The default region of a local cloud. The prices of this region are quoted most often. */
export const DEFAULT_LOCAL_REGION = 'us-east-1';

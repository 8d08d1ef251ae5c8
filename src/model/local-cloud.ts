/** The state of a folder's local cloud, and the effect that a command had on it. */
export interface LocalCloudView {
  readonly state: 'up' | 'down' | 'unresponsive';
  /** The effect of this command. */
  readonly action: 'started' | 'found' | 'stopped' | 'none';
  /** Whether a state file existed without its process. */
  readonly stale?: true;
  readonly pid?: number;
  readonly endpoint?: string;
  readonly region?: string;
  readonly accountId?: string;
  readonly logFile?: string;
  /** The machine on which the cloud runs. Present if the cloud is up. */
  readonly machine?: {
    readonly cpuModel: string;
    readonly cores: number;
    readonly memoryMiB: number;
    readonly os: string;
    readonly nodeVersion: string;
    /** The versions of the interpreters by the name of the Lambda runtime. */
    readonly interpreters: Readonly<Record<string, string>>;
    /** Present if functions run at Lambda's speed. */
    readonly asLambda?: { readonly controlGroupVersion: 1 | 2; readonly dynamodbLatency: string };
  };
}

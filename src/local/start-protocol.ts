/**
 * What the starter and the process of the local cloud say to each other. Both sides import these types, and nothing
 * else of each other.
 *
 * 1. The starter runs `dist/local-cloud.cjs` and writes one `StartInput` to its standard input.
 * 2. Descriptor 3 is the *lifeline*, a socket pair. The cloud writes one `Readiness` to it, as a line of JSON.
 * 3. The starter writes the state file, `.shedbench/local.json`. The cloud ends itself once that file no longer names
 *   its process.
 * 4. The starter writes `KeepWord` to the lifeline to let the cloud outlive it. If the lifeline closes before, the
 *   cloud ends itself, so a starter that is killed leaves no cloud behind.
 * 5. Later commands ask the cloud with signed requests: `AdminPath`.
 */

/** The JSON that the starter writes to the cloud's standard input. */
export interface StartInput {
  /** Absolute path of the state file that will name the cloud. */
  readonly stateFile: string;
  /** Absolute path of the log file, to which the cloud's standard output appends. */
  readonly logFile: string;
  /**
   * Absolute path of the data folder, which the cloud creates. The starter chooses it, so that the starter can remove
   * it if cloud and watchdog are killed before the state file names it.
   */
  readonly dataDir: string;
  readonly region: string;
  /** 0 for any free port. */
  readonly port: number;
  /** If functions are to run at the speed that Lambda gives them; otherwise each has a core to itself. */
  readonly asLambda?: AsLambdaSettings;
}

/** Settings that make the surroundings of a function behave as on Lambda. */
export interface AsLambdaSettings {
  /** The latencies by DynamoDB's name of the operation. */
  readonly dynamodbLatency: Readonly<Record<string, LatencyPoints>>;
  /** The latency of all other operations. */
  readonly otherDynamodbLatency: LatencyPoints;
  /** The latency in words, for reports: `as published`, `5 ms`. */
  readonly dynamodbLatencyText: string;
}

/**
 * Points of a distribution: ascending shares of all requests, from 0 to 1, each with the latency in ms that the share
 * does not exceed.
 */
export type LatencyPoints = readonly (readonly [share: number, ms: number])[];

/** What a cloud reports about itself once it listens. */
export interface LocalCloudDescription {
  readonly port: number;
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly accountId: string;
  /** Absolute path of the folder that holds the cloud's data. */
  readonly dataDir: string;
  /** Process ids of its database and its watchdog. */
  readonly helperPids: readonly number[];
  /**
   * The folders in which the cloud may have created control groups. They must be removed if cloud and watchdog were
   * killed.
   */
  readonly groupFolders: readonly string[];
}

/** The first line that the cloud writes to the lifeline. */
export type Readiness =
  | ({ readonly ready: true } & LocalCloudDescription)
  | {
      readonly ready: false;
      readonly code: StartFailure;
      readonly message: string;
      /** Only for `no-cpu-limit`. */
      readonly refusal?: CpuLimitRefusal;
    };

/**
 * `port-in-use` and `bad-port` concern the requested port. `no-cpu-limit` means that functions can't run at Lambda's
 * speed here. `failed` is anything else.
 */
export type StartFailure = 'port-in-use' | 'bad-port' | 'no-cpu-limit' | 'failed';

/** The versions of Linux's control groups. */
export type ControlGroupVersion = 1 | 2;

/** Why the CPU of a process can't be limited on this machine, and the facts on which the advice depends. */
export interface CpuLimitRefusal {
  readonly code: /** Another system than Linux. */
    | 'no-linux'
    /** No hierarchy of control groups can be seen. */
    | 'no-control-groups'
    /** Version 2 without the cpu controller. */
    | 'no-cpu-controller'
    /** A kernel without CPU quotas. */
    | 'no-bandwidth-control'
    /** The groups are read-only, as in a container. */
    | 'read-only'
    /** This user may not make groups. */
    | 'no-rights'
    /** The cpu controller exists, but a group above this process does not delegate it. */
    | 'not-delegated'
    /** Version 2: the group of this process contains other programs. */
    | 'shared-group'
    /** The kernel sets another quota than the requested one. */
    | 'quota-altered'
    /** The kernel accepts a quota and does not enforce it. */
    | 'quota-ignored';
  /** One clause in plain words, without a full stop. */
  readonly reason: string;
  /** Undefined if no hierarchy was found. */
  readonly version?: ControlGroupVersion;
  /** The group that prevents it. */
  readonly folder?: string;
  readonly isContainer: boolean;
  readonly hasSystemd: boolean;
  readonly isRoot: boolean;
}

export type KeepWord = 'keep\n';

/** The cloud's own signed routes: `GET` answers a `MachineDescription`; `POST` ends the cloud. */
export type AdminPath = '/_shedbench/machine' | '/_shedbench/shutdown';

/** The machine that a local cloud runs on. */
export interface MachineDescription {
  readonly schema: 'shedbench/machine@1';
  readonly cpuModel: string;
  readonly cores: number;
  readonly memoryMiB: number;
  readonly os: string;
  readonly architecture: string;
  readonly nodeVersion: string;
  /**
   * The version of the interpreter by Lambda runtime identifier, with the AWS SDK that it includes: `{"nodejs24.x":
   * "20.20.2", "python3.14": "3.11.7 with boto3 1.40.4"}`. Empty until a function has run.
   */
  readonly interpreters: Readonly<Record<string, string>>;
  /** How many execution environments start at once, at least 1: each takes a whole core until it is initialised. */
  readonly startsAtOnce: number;
  /** How CPU is limited in proportion to memory, as on Lambda. Absent if every function runs at full speed. */
  readonly asLambda?: AsLambdaDescription;
}

/** What the kernel enforces. */
export interface AsLambdaDescription {
  readonly controlGroupVersion: ControlGroupVersion;
  /** The period in which a quota may be used, in µs. */
  readonly periodUs: number;
  /** The time between the kernel's checks of the usage, ms. Absent if the kernel does not publish it. */
  readonly tickMs?: number;
  /** The latency of the database in words: `as published`, `5 ms`. */
  readonly dynamodbLatency: string;
  /** One entry for each memory size of sandboxes so far. */
  readonly shares: readonly CpuShareDescription[];
}

/** The CPU share of one memory size, set for each sandbox and read back, and the kernel's counts for it. */
export interface CpuShareDescription {
  readonly memorySizeMB: number;
  /** CPU time in µs that a sandbox may use in each period. */
  readonly quotaUs: number;
  /** How many sandboxes had it. */
  readonly environments: number;
  /** Periods in which they ran. */
  readonly periods: number;
  /** Periods in which the kernel stopped them. */
  readonly throttledPeriods: number;
  /** For how long they were stopped, ms, summed over their cores. */
  readonly throttledMs: number;
}

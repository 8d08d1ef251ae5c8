/**
 * What the starter and the process of the local cloud say to each other. Both sides import these types, and nothing
 * else of each other.
 *
 * 1. The starter runs `dist/local-cloud.js` and writes one `StartInput` to its standard input.
 * 2. Descriptor 3 is the *lifeline*, a socket pair. The cloud writes one `Readiness` to it, as a line of JSON.
 * 3. The starter writes the state file, `.shedbench/local.json`. The cloud ends itself once that file no longer names
 *    its process.
 * 4. The starter writes `KeepWord` to the lifeline to let the cloud outlive it. Where the lifeline closes before, the
 *    cloud ends itself, so a starter that is killed leaves no cloud behind.
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
}

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
}

/** The first line that the cloud writes to the lifeline. */
export type Readiness =
  | ({ readonly ready: true } & LocalCloudDescription)
  | { readonly ready: false; readonly code: StartFailure; readonly message: string };

/** `port-in-use` and `bad-port` concern the requested port; `failed` is anything else. */
export type StartFailure = 'port-in-use' | 'bad-port' | 'failed';

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
   * By Lambda runtime identifier, the version of the interpreter that runs it, with the AWS SDK that it brings:
   * `{"nodejs24.x": "20.20.2", "python3.14": "3.11.7 with boto3 1.40.4"}`. Empty before any function ran.
   */
  readonly interpreters: Readonly<Record<string, string>>;
  /** Whether functions get CPU in proportion to their memory, as on Lambda. */
  readonly cpuShareApplied: boolean;
}

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  ChildRegistry,
  DatabaseControl,
  DatabaseTrust,
  FunctionConfiguration,
  LogEvent,
} from '../seams.ts';
import type { CallTelemetry } from './call-telemetry.ts';
import { type CpuLimits, type SandboxCpu, startCostOf } from './cpu-limits.ts';
import type { Dispatchable, EnvironmentListener } from './dispatcher.ts';
import type { EnvironmentPlan } from './environment-plan.ts';
import { sandboxEnvironment } from './environment-variables.ts';
import { ExecutionEnvironment } from './execution-environment.ts';
import type { PrivateTmp, PrivateTmps } from './private-tmp.ts';
import {
  type Entrypoint,
  hasOwnBootstrap,
  type Interpreter,
  launchOf,
  type RuntimeFamily,
} from './runtimes.ts';

/** What all sandboxes of the cloud share. */
export interface SandboxSurroundings {
  readonly region: string;
  /** Appends lines to the function's log group. */
  readonly deliverLog: (
    configuration: FunctionConfiguration,
    stream: string,
    events: readonly LogEvent[],
  ) => void;
  readonly dynamodb: Pick<DatabaseControl, 'endpoint' | 'credentialsOf' | 'trust'>;
  readonly telemetry: Pick<CallTelemetry, 'add'>;
  readonly children: ChildRegistry;
  /** The folder with the bootstraps of managed runtimes. */
  readonly bootstrapDir: string;
  /** Limits each environment's CPU. Undefined if functions run at full speed. */
  readonly cpuLimits: Pick<CpuLimits, 'create'> | undefined;
  /** Creates each environment's `/tmp`. */
  readonly privateTmps: Pick<PrivateTmps, 'create'>;
  /** The folder for scratch folders, which replace `/tmp` on systems that can't mount a private one. */
  readonly scratchRoot: string;
  /** The value of AWS_SESSION_TOKEN in every sandbox of this cloud. */
  readonly sessionToken: string;
  readonly nowMs: () => number;
  readonly nowEpochMs: () => number;
  readonly log: (message: string) => void;
}

/** The folder with a function's unzipped code. It is removed when no version and no sandbox uses it any more. */
export class CodeFolder {
  /** The folder that is `/var/task` on Lambda. */
  readonly path: string;
  /** The folder that is `/opt` on Lambda. It exists if the function has layers. */
  readonly optPath: string;
  #users = 1;
  readonly #onUnused: (folder: CodeFolder) => void;

  /** The creator is the first user. */
  constructor(path: string, onUnused: (folder: CodeFolder) => void) {
    this.path = path;
    this.optPath = `${path}-opt`;
    this.#onUnused = onUnused;
  }

  acquire(): void {
    this.#users += 1;
  }

  release(): void {
    this.#users -= 1;
    if (this.#users === 0) this.#onUnused(this);
  }
}

export interface DeployedCode {
  readonly family: RuntimeFamily;
  readonly interpreter: Interpreter;
  readonly folder: CodeFolder;
  /** The program of a `provided` runtime. */
  readonly entrypoint?: Entrypoint;
  /** Why `bootstrap` can't be started, in Lambda's words. */
  readonly invalidEntrypoint?: string;
}

export interface DeployedVersionOptions {
  /** Unique per version. Every change of `$LATEST` has a new key too. */
  readonly key: string;
  /** `$LATEST`, or the number of a published version. */
  readonly versionName: string;
  /** How many cores one busy sandbox uses after its init. */
  readonly cost: number;
  readonly configuration: FunctionConfiguration;
  readonly code: DeployedCode;
  readonly surroundings: SandboxSurroundings;
}

/**
 * The size of `/tmp` if the function does not set one.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-ephemeral-storage.html
 */
export const DEFAULT_EPHEMERAL_STORAGE_MB = 512;

/** One version of a function. It creates sandboxes. */
export class DeployedVersion implements Dispatchable {
  readonly key: string;
  readonly versionName: string;
  readonly code: DeployedCode;
  readonly #cost: number;
  readonly #configuration: FunctionConfiguration;
  readonly #surroundings: SandboxSurroundings;

  constructor(options: DeployedVersionOptions) {
    this.key = options.key;
    this.#cost = options.cost;
    this.versionName = options.versionName;
    this.code = options.code;
    this.#configuration = options.configuration;
    this.#surroundings = options.surroundings;
  }

  get startCost(): number {
    return this.#surroundings.cpuLimits === undefined ? this.#cost : startCostOf(this.#cost);
  }

  /**
   * In a log group of another name than the function's own, its streams bear the function's name.
   * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html
   */
  #streamOwner(): string {
    const { functionName, logGroup } = this.#configuration;
    return logGroup === `/aws/lambda/${functionName}` ? '' : functionName;
  }

  createEnvironment(listener: EnvironmentListener): ExecutionEnvironment {
    const surroundings = this.#surroundings;
    environments += 1;
    const environment = environments;
    const id = randomBytes(16).toString('hex');
    const logStream = `${logStreamDay(surroundings.nowEpochMs())}/${this.#streamOwner()}[${this.versionName}]${id}`;
    const scratch = this.#makeScratch(id);
    const { functionName, memorySizeMB } = this.#configuration;
    const cpu = this.#makeCpuLimit(memorySizeMB, scratch);
    this.code.folder.acquire();
    const origin = { functionName, versionName: this.versionName, logStream, environment, memorySizeMB };
    return new ExecutionEnvironment(this.#plan(environment, logStream, { scratch, cpu }), {
      children: surroundings.children,
      nowMs: surroundings.nowMs,
      nowEpochMs: surroundings.nowEpochMs,
      log: surroundings.log,
      append: (events) => surroundings.deliverLog(this.#configuration, logStream, events),
      ...listener,
      onMeasured: (call) => surroundings.telemetry.add(origin, call),
      onDisposed: () => {
        this.code.folder.release();
        cpu?.close();
        scratch.discard();
      },
    });
  }

  /** @throws the system's error if the kernel refuses a group */
  #makeCpuLimit(memorySizeMB: number, scratch: Scratch): SandboxCpu | undefined {
    try {
      return this.#surroundings.cpuLimits?.create(memorySizeMB);
    } catch (error) {
      scratch.discard();
      throw error;
    }
  }

  /** @throws the system's error if the scratch folder can't be created */
  #makeScratch(id: string): Scratch {
    const { code } = this;
    const { privateTmps, bootstrapDir, scratchRoot, dynamodb, log } = this.#surroundings;
    const { optPath } = code.folder;
    const tmp = privateTmps.create(this.#configuration.ephemeralStorageMB ?? DEFAULT_EPHEMERAL_STORAGE_MB, {
      taskRoot: code.folder.path,
      optDir: existsSync(optPath) ? optPath : undefined,
      bootstrapDir,
      interpreterPath: code.interpreter.path,
      trustDir: dynamodb.trust?.folder,
    });
    if (tmp !== undefined) return { tmp, dir: '/tmp', discard: () => tmp.close() };
    const dir = join(scratchRoot, id);
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const discard = (): void => {
      rm(dir, { recursive: true, force: true }).catch((error: unknown) =>
        log(`The folder ${dir} can't be removed: ${String(error)}`),
      );
    };
    return { tmp, dir, discard };
  }

  /** How the runtime's process is started. @param inSandbox converts a path of this machine to that in the sandbox */
  #launch(inSandbox: (path: string) => string): ReturnType<typeof launchOf> {
    const { family, interpreter, entrypoint, folder } = this.code;
    const { handler, memorySizeMB, environment } = this.#configuration;
    const { bootstrapDir, dynamodb } = this.#surroundings;
    return launchOf({
      family,
      interpreterPath: inSandbox(interpreter.path),
      handler,
      memorySizeMB,
      taskRoot: inSandbox(folder.path),
      optDir: inSandbox(folder.optPath),
      entrypoint: entrypoint === undefined ? undefined : { ...entrypoint, path: inSandbox(entrypoint.path) },
      bootstrapDir: inSandbox(bootstrapDir),
      execWrapper: environment.AWS_LAMBDA_EXEC_WRAPPER,
      trustStore: dynamodb.trust === undefined ? undefined : inSandbox(dynamodb.trust.storeFile),
    });
  }

  #plan(
    environment: number,
    logStream: string,
    { scratch, cpu }: { readonly scratch: Scratch; readonly cpu: SandboxCpu | undefined },
  ): EnvironmentPlan {
    const { code, versionName, key } = this;
    const { tmp } = scratch;
    const configuration = this.#configuration;
    const { region, bootstrapDir, dynamodb, sessionToken } = this.#surroundings;
    const { family, invalidEntrypoint } = code;
    const { functionName, functionArn, handler, memorySizeMB, runtime, logGroup } = configuration;
    const inSandbox = (path: string): string => tmp?.sandboxPath(path) ?? path;
    const taskRoot = inSandbox(code.folder.path);
    const optDir = inSandbox(code.folder.optPath);
    const runtimeDir = inSandbox(bootstrapDir);
    const { searchPath, ...launch } = this.#launch(inSandbox);
    return {
      key,
      cost: this.#cost,
      cpu,
      functionArn,
      versionName,
      memorySizeMB,
      timeoutMs: configuration.timeoutSeconds * 1000,
      ...runtimeVersion(code, runtime, region),
      ...(invalidEntrypoint === undefined ? {} : { invalidEntrypoint }),
      joinsLines: hasOwnBootstrap(family),
      ...launch,
      cwd: taskRoot,
      tmp,
      secret: hasOwnBootstrap(family) ? randomBytes(16).toString('hex') : '',
      environment: (runtimeApi) =>
        sandboxEnvironment({
          functionName,
          versionName,
          handler,
          runtime,
          memorySizeMB,
          region,
          logGroup,
          logStream,
          taskRoot,
          optDir,
          runtimeDir,
          scratchDir: scratch.dir,
          runtimeApi,
          searchPath,
          dynamodb: {
            endpoint: dynamodb.endpoint,
            credentials: dynamodb.credentialsOf(environment),
            ...(dynamodb.trust === undefined ? {} : { trust: inSandboxOf(dynamodb.trust, inSandbox) }),
          },
          sessionToken,
          variables: configuration.environment,
        }),
    };
  }
}

function inSandboxOf(trust: DatabaseTrust, inSandbox: (path: string) => string) {
  return { certificateFile: inSandbox(trust.certificateFile), bundleFile: inSandbox(trust.bundleFile) };
}

/** The `/tmp` of an environment. */
interface Scratch {
  readonly tmp: PrivateTmp | undefined;
  /** Its path inside the sandbox. */
  readonly dir: string;
  discard(): void;
}

/** Counts the environments of all versions, so that each has its own number. */
let environments = 0;

/** The beginning of a log stream's name: `2026/11/23`. */
function logStreamDay(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10).replaceAll('-', '/');
}

/**
 * The runtime version of the INIT_START line. It names the interpreter that really runs. The ARN's hash is derived from
 * it, because the line needs one.
 */
function runtimeVersion(
  code: DeployedCode,
  runtime: string,
  region: string,
): { readonly runtimeVersion: string; readonly runtimeVersionArn: string } {
  const version =
    code.family === 'provided' ? runtime.replace('.', ':') : `${code.family}:${code.interpreter.version}`;
  return { runtimeVersion: version, runtimeVersionArn: `arn:aws:lambda:${region}::runtime:${version}` };
}

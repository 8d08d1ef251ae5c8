import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChildRegistry, DatabaseControl, FunctionConfiguration, LogEvent } from '../seams.ts';
import type { CallTelemetry } from './call-telemetry.ts';
import type { Dispatchable, EnvironmentListener } from './dispatcher.ts';
import type { EnvironmentPlan } from './environment-plan.ts';
import { sandboxEnvironment } from './environment-variables.ts';
import { ExecutionEnvironment } from './execution-environment.ts';
import type { PrivateTmp, PrivateTmps } from './private-tmp.ts';
import { type Entrypoint, type Interpreter, launchOf, type RuntimeFamily } from './runtimes.ts';

/** What all sandboxes of the cloud share. */
export interface SandboxSurroundings {
  readonly region: string;
  /** Brings lines to the function's log group. */
  readonly deliverLog: (
    configuration: FunctionConfiguration,
    stream: string,
    events: readonly LogEvent[],
  ) => void;
  readonly dynamodb: Pick<DatabaseControl, 'endpoint' | 'credentialsOf'>;
  readonly telemetry: Pick<CallTelemetry, 'add'>;
  readonly children: ChildRegistry;
  /** The folder with the bootstraps of managed runtimes. */
  readonly bootstrapDir: string;
  /** Makes each environment's `/tmp`. */
  readonly privateTmps: Pick<PrivateTmps, 'create'>;
  /** Where scratch folders are made that stand in for `/tmp` where the system can't make one. */
  readonly scratchRoot: string;
  /** The value of AWS_SESSION_TOKEN in every sandbox of this cloud. */
  readonly sessionToken: string;
  readonly nowMs: () => number;
  readonly nowEpochMs: () => number;
  readonly log: (message: string) => void;
}

/** The folder that a function's code was unzipped into; it goes when neither a version nor a sandbox needs it. */
export class CodeFolder {
  /** What `/var/task` is on Lambda. */
  readonly path: string;
  /** What `/opt` is on Lambda; it exists where the function has layers. */
  readonly optPath: string;
  #users = 1;
  readonly #onUnused: (folder: CodeFolder) => void;

  /** The first user is whoever makes it. */
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
  /** The program of a `provided` runtime, where there is one. */
  readonly entrypoint?: Entrypoint;
  /** Why `bootstrap` can't be started, in Lambda's words. */
  readonly invalidEntrypoint?: string;
}

export interface DeployedVersionOptions {
  /** Differs from the key of every other version, changes of `$LATEST` included. */
  readonly key: string;
  /** `$LATEST`, or the number of a published version. */
  readonly versionName: string;
  /** Cores that one busy sandbox fills. */
  readonly cost: number;
  readonly configuration: FunctionConfiguration;
  readonly code: DeployedCode;
  readonly surroundings: SandboxSurroundings;
}

/** Size of `/tmp` where a function says none. @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-ephemeral-storage.html */
export const DEFAULT_EPHEMERAL_STORAGE_MB = 512;

/** One version of a function, from which sandboxes are made. */
export class DeployedVersion implements Dispatchable {
  readonly key: string;
  readonly cost: number;
  readonly versionName: string;
  readonly code: DeployedCode;
  readonly #configuration: FunctionConfiguration;
  readonly #surroundings: SandboxSurroundings;

  constructor(options: DeployedVersionOptions) {
    this.key = options.key;
    this.cost = options.cost;
    this.versionName = options.versionName;
    this.code = options.code;
    this.#configuration = options.configuration;
    this.#surroundings = options.surroundings;
  }

  createEnvironment(listener: EnvironmentListener): ExecutionEnvironment {
    const surroundings = this.#surroundings;
    environments += 1;
    const environment = environments;
    const id = randomBytes(16).toString('hex');
    const logStream = `${logStreamDay(surroundings.nowEpochMs())}/[${this.versionName}]${id}`;
    const scratch = this.#makeScratch(id);
    this.code.folder.acquire();
    const { functionName, memorySizeMB } = this.#configuration;
    const origin = { functionName, versionName: this.versionName, logStream, environment, memorySizeMB };
    return new ExecutionEnvironment(this.#plan(environment, logStream, scratch), {
      children: surroundings.children,
      nowMs: surroundings.nowMs,
      nowEpochMs: surroundings.nowEpochMs,
      log: surroundings.log,
      append: (events) => surroundings.deliverLog(this.#configuration, logStream, events),
      ...listener,
      onMeasured: (call) => surroundings.telemetry.add(origin, call),
      onDisposed: () => {
        this.code.folder.release();
        scratch.discard();
      },
    });
  }

  /** @throws the system's error where the stand-in for `/tmp` can't be made */
  #makeScratch(id: string): Scratch {
    const { code } = this;
    const { privateTmps, bootstrapDir, scratchRoot, log } = this.#surroundings;
    const { optPath } = code.folder;
    const tmp = privateTmps.create(this.#configuration.ephemeralStorageMB ?? DEFAULT_EPHEMERAL_STORAGE_MB, {
      taskRoot: code.folder.path,
      optDir: existsSync(optPath) ? optPath : undefined,
      bootstrapDir,
      interpreterPath: code.interpreter.path,
    });
    if (tmp !== undefined) return { tmp, dir: '/tmp', discard: () => tmp.close() };
    const dir = join(scratchRoot, id);
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const discard = (): void => {
      rm(dir, { recursive: true, force: true }).catch((error: unknown) =>
        log(`${dir} can't be removed: ${String(error)}`),
      );
    };
    return { tmp, dir, discard };
  }

  #plan(environment: number, logStream: string, scratch: Scratch): EnvironmentPlan {
    const { code, versionName, key, cost } = this;
    const { tmp } = scratch;
    const configuration = this.#configuration;
    const { region, bootstrapDir, dynamodb, sessionToken } = this.#surroundings;
    const { family, interpreter, entrypoint, invalidEntrypoint } = code;
    const { functionName, functionArn, handler, memorySizeMB, runtime, logGroup } = configuration;
    const inSandbox = (path: string): string => tmp?.sandboxPath(path) ?? path;
    const taskRoot = inSandbox(code.folder.path);
    const optDir = inSandbox(code.folder.optPath);
    const runtimeDir = inSandbox(bootstrapDir);
    const { searchPath, ...launch } = launchOf({
      family,
      interpreterPath: inSandbox(interpreter.path),
      memorySizeMB,
      taskRoot,
      optDir,
      entrypoint: entrypoint === undefined ? undefined : { ...entrypoint, path: inSandbox(entrypoint.path) },
      bootstrapDir: runtimeDir,
      execWrapper: configuration.environment.AWS_LAMBDA_EXEC_WRAPPER,
    });
    return {
      key,
      cost,
      functionArn,
      versionName,
      memorySizeMB,
      timeoutMs: configuration.timeoutSeconds * 1000,
      ...runtimeVersion(code, runtime, region),
      ...(invalidEntrypoint === undefined ? {} : { invalidEntrypoint }),
      joinsLines: family !== 'provided',
      ...launch,
      cwd: taskRoot,
      tmp,
      secret: family === 'provided' ? '' : randomBytes(16).toString('hex'),
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
          dynamodb: { endpoint: dynamodb.endpoint, credentials: dynamodb.credentialsOf(environment) },
          sessionToken,
          variables: configuration.environment,
        }),
    };
  }
}

/** What `/tmp` is to an environment. */
interface Scratch {
  readonly tmp: PrivateTmp | undefined;
  /** As the sandbox calls it. */
  readonly dir: string;
  discard(): void;
}

/** The environments made so far, in all versions: each has a number of its own. */
let environments = 0;

/** `2026/11/23`, the beginning of a log stream's name. */
function logStreamDay(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10).replaceAll('-', '/');
}

/** The INIT_START line says what really runs here; the ARN's hash is made of it, since the line has one. */
function runtimeVersion(
  code: DeployedCode,
  runtime: string,
  region: string,
): { readonly runtimeVersion: string; readonly runtimeVersionArn: string } {
  const version =
    code.family === 'provided' ? runtime.replace('.', ':') : `${code.family}:${code.interpreter.version}`;
  return { runtimeVersion: version, runtimeVersionArn: `arn:aws:lambda:${region}::runtime:${version}` };
}

import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChildRegistry, DatabaseControl, FunctionConfiguration, LogEvent } from '../seams.ts';
import type { CallTelemetry } from './call-telemetry.ts';
import type { Dispatchable, EnvironmentListener } from './dispatcher.ts';
import { sandboxEnvironment } from './environment-variables.ts';
import { ExecutionEnvironment } from './execution-environment.ts';
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
  /** Where scratch folders are made. */
  readonly scratchRoot: string;
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
    const { code, versionName } = this;
    const configuration = this.#configuration;
    const surroundings = this.#surroundings;
    const { family, folder } = code;
    const taskRoot = folder.path;
    folder.acquire();
    environments += 1;
    const environment = environments;
    const id = randomBytes(16).toString('hex');
    const logStream = `${logStreamDay(surroundings.nowEpochMs())}/[${versionName}]${id}`;
    const scratchDir = join(surroundings.scratchRoot, id);
    mkdirSync(scratchDir, { recursive: true, mode: 0o700 });
    const { memorySizeMB, runtime, logGroup } = configuration;
    const { searchPath, ...launch } = launchOf({
      family,
      interpreterPath: code.interpreter.path,
      memorySizeMB,
      taskRoot,
      optDir: folder.optPath,
      entrypoint: code.entrypoint,
      bootstrapDir: surroundings.bootstrapDir,
      execWrapper: configuration.environment.AWS_LAMBDA_EXEC_WRAPPER,
    });
    return new ExecutionEnvironment(
      {
        key: this.key,
        cost: this.cost,
        functionArn: configuration.functionArn,
        versionName,
        memorySizeMB,
        timeoutMs: configuration.timeoutSeconds * 1000,
        ...runtimeVersion(code, runtime, surroundings.region),
        ...(code.invalidEntrypoint === undefined ? {} : { invalidEntrypoint: code.invalidEntrypoint }),
        joinsLines: family !== 'provided',
        ...launch,
        cwd: taskRoot,
        secret: family === 'provided' ? '' : randomBytes(16).toString('hex'),
        environment: (runtimeApi) =>
          sandboxEnvironment({
            functionName: configuration.functionName,
            versionName,
            handler: configuration.handler,
            runtime,
            memorySizeMB,
            region: surroundings.region,
            logGroup,
            logStream,
            taskRoot,
            optDir: folder.optPath,
            runtimeDir: surroundings.bootstrapDir,
            scratchDir,
            runtimeApi,
            searchPath,
            dynamodb: {
              endpoint: surroundings.dynamodb.endpoint,
              credentials: surroundings.dynamodb.credentialsOf(environment),
            },
            variables: configuration.environment,
          }),
      },
      {
        children: surroundings.children,
        nowMs: surroundings.nowMs,
        nowEpochMs: surroundings.nowEpochMs,
        log: surroundings.log,
        append: (events) => surroundings.deliverLog(configuration, logStream, events),
        ...listener,
        onMeasured: (call) => {
          const { functionName } = configuration;
          surroundings.telemetry.add({ ...call, functionName, logStream, environment });
        },
        onDisposed: () => {
          folder.release();
          rm(scratchDir, { recursive: true, force: true }).catch((error: unknown) =>
            surroundings.log(`${scratchDir} can't be removed: ${String(error)}`),
          );
        },
      },
    );
  }
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

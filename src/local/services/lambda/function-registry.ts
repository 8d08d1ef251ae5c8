import { createHash, randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CodeFolder,
  type DeployedCode,
  DeployedVersion,
  type SandboxSurroundings,
} from '../../sandboxes/deployed-version.ts';
import type { Dispatcher } from '../../sandboxes/dispatcher.ts';
import {
  classifyExecutable,
  EXECUTABLE_HEAD_BYTES,
  hostArchitecture,
  whyNotRunnable,
} from '../../sandboxes/executable.ts';
import type { Interpreters } from '../../sandboxes/interpreters.ts';
import { BadZip, unzip } from '../../sandboxes/unzip.ts';
import {
  type Cloud,
  type FunctionCode,
  type FunctionConfiguration,
  type InvokeOptions,
  type InvokeOutcome,
  type LambdaControl,
  type LambdaPermission,
  ServiceError,
} from '../../seams.ts';
import { checkConfiguration, invalid } from './check-function.ts';
import { functionNotFound } from './function-name.ts';
import { ResourcePolicy } from './resource-policy.ts';

/** A function as the service's operations tell of it. */
export interface LambdaFunction {
  readonly configuration: FunctionConfiguration;
  readonly codeSha256: string;
  readonly codeSize: number;
  /** Wall clock, epoch ms. */
  readonly lastModifiedEpochMs: number;
  readonly revisionId: string;
  readonly version: DeployedVersion;
  readonly policy: ResourcePolicy;
}

interface Registered extends LambdaFunction {
  /** Calls that wait or run. */
  readonly inFlight: { count: number };
}

export interface RegistryOptions {
  readonly dispatcher: Dispatcher;
  readonly interpreters: Interpreters;
  readonly surroundings: SandboxSurroundings;
  /** Where code is unzipped. */
  readonly codeRoot: string;
  /** Cores that one busy sandbox of this memory fills. */
  readonly costOf: (memorySizeMB: number) => number;
  readonly host: { readonly platform: string; readonly arch: string };
}

/** The functions that exist, and their invocation. */
export class FunctionRegistry implements LambdaControl {
  private readonly cloud: Pick<Cloud, 'now' | 'log'>;
  private readonly options: RegistryOptions;
  private readonly functions = new Map<string, Registered>();
  /** Names whose creation is under way. */
  private readonly creating = new Set<string>();
  private versions = 0;

  constructor(cloud: Pick<Cloud, 'now' | 'log'>, options: RegistryOptions) {
    this.cloud = cloud;
    this.options = options;
  }

  async createFunction(
    configuration: FunctionConfiguration,
    code: FunctionCode,
    onProgress: (detail: string) => void = () => undefined,
  ): Promise<void> {
    const { functionName } = configuration;
    if (this.functions.has(functionName) || this.creating.has(functionName)) {
      throw new ServiceError('ResourceConflictException', `Function already exist: ${functionName}`, 409, {
        Type: 'User',
      });
    }
    this.creating.add(functionName);
    try {
      const deployed = await this.deploy(configuration, code, onProgress);
      this.functions.set(functionName, {
        ...deployed,
        policy: new ResourcePolicy(),
        inFlight: { count: 0 },
      });
    } finally {
      this.creating.delete(functionName);
    }
  }

  async updateFunction(
    configuration: FunctionConfiguration,
    code: FunctionCode | undefined,
    onProgress: (detail: string) => void = () => undefined,
  ): Promise<void> {
    const { functionName } = configuration;
    const before = this.registered(functionName);
    const deployed =
      code === undefined
        ? await this.redeploy(before, configuration, onProgress)
        : await this.deploy(configuration, code, onProgress);
    // It may have been deleted or changed while the code was unzipped.
    const now = this.functions.get(functionName);
    if (now !== before) {
      deployed.version.code.folder.release();
      if (now === undefined) throw functionNotFound(configuration.functionArn);
      throw new ServiceError(
        'ResourceConflictException',
        `The operation cannot be performed at this time. An update is in progress for resource: ${configuration.functionArn}`,
        409,
        { Type: 'User' },
      );
    }
    this.functions.set(functionName, { ...before, ...deployed });
    this.retire(before.version);
  }

  async deleteFunction(functionName: string): Promise<void> {
    const { version } = this.registered(functionName);
    this.functions.delete(functionName);
    this.retire(version);
  }

  functionExists(functionName: string): boolean {
    return this.functions.has(functionName);
  }

  addPermission(functionName: string, permission: LambdaPermission): void {
    this.registered(functionName).policy.add(permission);
  }

  removePermission(functionName: string, statementId: string): void {
    this.registered(functionName).policy.remove(statementId);
  }

  isInvokeAllowed(functionName: string, principal: string, sourceArn: string): boolean {
    return this.functions.get(functionName)?.policy.allows(principal, sourceArn) ?? false;
  }

  invoke(functionName: string, payload: Buffer, options: InvokeOptions = {}): Promise<InvokeOutcome> {
    const called = this.functions.get(functionName);
    if (called === undefined) return Promise.reject(functionNotFound(functionName));
    const { inFlight } = called;
    const { reservedConcurrency } = called.configuration;
    if (reservedConcurrency !== undefined && inFlight.count >= reservedConcurrency) {
      return Promise.resolve({ kind: 'throttled', message: 'Rate Exceeded.' });
    }
    inFlight.count += 1;
    return new Promise((resolve, reject) => {
      this.options.dispatcher.submit({
        requestId: randomUUID(),
        payload,
        traceId: options.traceId ?? '',
        version: () => this.currentVersion(called),
        onDispatch: options.onDispatch,
        settle: (outcome) => {
          inFlight.count -= 1;
          resolve(outcome);
        },
        refuse: (reason) => {
          inFlight.count -= 1;
          reject(reason === 'deleted' ? functionNotFound(functionName) : unavailable(reason));
        },
      });
    });
  }

  /** @throws ServiceError `ResourceNotFoundException` */
  describe(functionName: string): LambdaFunction {
    return this.registered(functionName);
  }

  /** All functions, by name. */
  list(): readonly LambdaFunction[] {
    return [...this.functions.values()].sort((a, b) =>
      a.configuration.functionName < b.configuration.functionName ? -1 : 1,
    );
  }

  /** The version to run for a call that came to `called`: after an update the new one, never another function's. */
  private currentVersion(called: Registered): DeployedVersion | undefined {
    const now = this.functions.get(called.configuration.functionName);
    return now?.policy === called.policy ? now.version : undefined;
  }

  private registered(functionName: string): Registered {
    const found = this.functions.get(functionName);
    if (found === undefined) throw functionNotFound(functionName);
    return found;
  }

  private async deploy(
    configuration: FunctionConfiguration,
    code: FunctionCode,
    onProgress: (detail: string) => void,
  ): Promise<Omit<Registered, 'policy' | 'inFlight'>> {
    const family = checkConfiguration(configuration);
    const interpreter = await this.options.interpreters.prepare(configuration.runtime, family, onProgress);
    this.versions += 1;
    const key = `${configuration.functionName}-${this.versions}`;
    const taskRoot = join(this.options.codeRoot, key);
    try {
      await unzip(code.zip, taskRoot);
    } catch (error) {
      await rm(taskRoot, { recursive: true, force: true });
      throw error instanceof BadZip ? invalid(`Could not unzip uploaded file: ${error.message}`) : error;
    }
    const folder = new CodeFolder(taskRoot, (path) => this.removeCode(path));
    let deployed: DeployedCode = { family, interpreter, folder };
    if (family === 'provided') {
      const check = await this.checkBootstrap(taskRoot, configuration.architecture);
      if (check.refusal !== undefined) {
        folder.release();
        throw invalid(`${configuration.functionName}: ${check.refusal}`);
      }
      if (check.invalidEntrypoint !== undefined) {
        deployed = { ...deployed, invalidEntrypoint: check.invalidEntrypoint };
      }
    }
    return this.versionOf(key, configuration, deployed, {
      codeSha256: createHash('sha256').update(code.zip).digest('base64'),
      codeSize: code.zip.length,
    });
  }

  /** A new configuration of the same code. */
  private async redeploy(
    before: Registered,
    configuration: FunctionConfiguration,
    onProgress: (detail: string) => void,
  ): Promise<Omit<Registered, 'policy' | 'inFlight'>> {
    const family = checkConfiguration(configuration);
    const interpreter = await this.options.interpreters.prepare(configuration.runtime, family, onProgress);
    const { folder } = before.version.code;
    const check =
      family === 'provided' ? await this.checkBootstrap(folder.path, configuration.architecture) : {};
    if (check.refusal !== undefined) throw invalid(`${configuration.functionName}: ${check.refusal}`);
    folder.acquire();
    this.versions += 1;
    return this.versionOf(
      `${configuration.functionName}-${this.versions}`,
      configuration,
      {
        family,
        interpreter,
        folder,
        ...(check.invalidEntrypoint === undefined ? {} : { invalidEntrypoint: check.invalidEntrypoint }),
      },
      { codeSha256: before.codeSha256, codeSize: before.codeSize },
    );
  }

  private versionOf(
    key: string,
    configuration: FunctionConfiguration,
    code: DeployedCode,
    about: { readonly codeSha256: string; readonly codeSize: number },
  ): Omit<Registered, 'policy' | 'inFlight'> {
    const { costOf, surroundings } = this.options;
    return {
      ...about,
      configuration,
      lastModifiedEpochMs: this.cloud.now(),
      revisionId: randomUUID(),
      version: new DeployedVersion(
        key,
        costOf(configuration.memorySizeMB),
        configuration,
        code,
        surroundings,
      ),
    };
  }

  private async checkBootstrap(
    taskRoot: string,
    architecture: 'arm64' | 'x86_64',
  ): Promise<{ readonly refusal?: string; readonly invalidEntrypoint?: string }> {
    const head = await firstBytes(join(taskRoot, 'bootstrap'));
    if (head === undefined) {
      // Lambda takes such code, and each invocation fails.
      return {
        invalidEntrypoint: "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]",
      };
    }
    const executable = classifyExecutable(head);
    if (executable.kind === 'unknown') {
      return { invalidEntrypoint: 'fork/exec /var/task/bootstrap: exec format error' };
    }
    const { platform, arch } = this.options.host;
    const refusal = whyNotRunnable(executable, architecture, {
      platform,
      architecture: hostArchitecture(arch),
    });
    return refusal === undefined ? {} : { refusal };
  }

  private retire(version: DeployedVersion): void {
    this.options.dispatcher.retire(version.key);
    version.code.folder.release();
  }

  private removeCode(path: string): void {
    rm(path, { recursive: true, force: true }).catch((error: unknown) =>
      this.cloud.log(`${path} can't be removed: ${String(error)}`),
    );
  }
}

function unavailable(reason: 'stopping' | 'failed'): ServiceError {
  const message =
    reason === 'stopping'
      ? 'The local cloud is stopping'
      : 'The local cloud could not make a sandbox, see its log';
  return new ServiceError('ServiceException', message, 500, { Type: 'Service' });
}

async function firstBytes(path: string): Promise<Buffer | undefined> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(
        Buffer.alloc(EXECUTABLE_HEAD_BYTES),
        0,
        EXECUTABLE_HEAD_BYTES,
        0,
      );
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // A folder of that name, or a file without read permission, is as good as none.
    if (code === 'ENOENT' || code === 'EISDIR') return undefined;
    // Mode 000: it can't be read here and could not be started there.
    if (code === 'EACCES') return undefined;
    throw error;
  }
}

import { randomUUID } from 'node:crypto';
import {
  type DeployedCode,
  DeployedVersion,
  type SandboxSurroundings,
} from '../../sandboxes/deployed-version.ts';
import type { Dispatcher } from '../../sandboxes/dispatcher.ts';
import { LATEST } from '../../sandboxes/log-lines.ts';
import { newTraceId } from '../../sandboxes/trace-id.ts';
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
import type { CodePackage, CodePackages } from './code-packages.ts';
import { functionNotFound } from './function-name.ts';
import { conflict, type FunctionVersion, LambdaFunction } from './lambda-function.ts';
import type { Layers } from './layers.ts';

export interface RegistryOptions {
  readonly dispatcher: Dispatcher;
  readonly packages: CodePackages;
  readonly layers: Layers;
  readonly surroundings: SandboxSurroundings;
  /** How many cores one busy sandbox of this memory size uses. */
  readonly costOf: (memorySizeMB: number) => number;
}

/**
 * True for a function that represents a machine elsewhere. A loader waits for the functions that it calls, so it must not take
 * the cores that they need.
 */
function isElsewhere({ tags }: FunctionConfiguration): boolean {
  return tags['shedbench:role'] === 'loader';
}

/** The functions of the cloud. It creates, changes, deletes and invokes them. */
export class FunctionRegistry implements LambdaControl {
  readonly #cloud: Pick<Cloud, 'now'>;
  readonly #options: RegistryOptions;
  readonly #functions = new Map<string, LambdaFunction>();
  /** The names of functions that are being created. */
  readonly #creating = new Set<string>();
  #keys = 0;

  constructor(cloud: Pick<Cloud, 'now'>, options: RegistryOptions) {
    this.#cloud = cloud;
    this.#options = options;
  }

  async createFunction(
    configuration: FunctionConfiguration,
    code: FunctionCode,
    onProgress: (detail: string) => void = () => undefined,
  ): Promise<void> {
    const { functionName } = configuration;
    if (this.#functions.has(functionName) || this.#creating.has(functionName)) {
      throw conflict(`Function already exist: ${functionName}`);
    }
    this.#creating.add(functionName);
    try {
      const unpacked = await this.#options.packages.unpack(configuration, code, onProgress);
      this.#functions.set(functionName, new LambdaFunction(this.#latestOf(configuration, unpacked)));
    } finally {
      this.#creating.delete(functionName);
    }
  }

  /** Replaces `$LATEST`. Its environments end: idle ones at once, busy ones after their invocation. */
  async updateFunction(
    configuration: FunctionConfiguration,
    code: FunctionCode | undefined,
    onProgress: (detail: string) => void = () => undefined,
  ): Promise<void> {
    const { functionName, functionArn } = configuration;
    const changed = this.describe(functionName);
    if (changed.isUpdating) {
      throw conflict(
        `The operation cannot be performed at this time. An update is in progress for resource: ${functionArn}`,
      );
    }
    changed.isUpdating = true;
    const { packages } = this.#options;
    try {
      const unpacked =
        code === undefined
          ? await packages.reuse(configuration, changed.latest, onProgress)
          : await packages.unpack(configuration, code, onProgress);
      // The function may have been deleted while the code was unzipped.
      if (this.#functions.get(functionName) !== changed) {
        unpacked.code.folder.release();
        throw functionNotFound(functionArn);
      }
      this.#retire(changed.replaceLatest(this.#latestOf(configuration, unpacked)));
    } finally {
      changed.isUpdating = false;
    }
  }

  async deleteFunction(functionName: string): Promise<void> {
    const deleted = this.describe(functionName);
    this.#functions.delete(functionName);
    for (const version of deleted.versions()) this.#retire(version);
  }

  publishLayerVersion(layerArn: string, code: FunctionCode): string {
    return this.#options.layers.publish(layerArn, code);
  }

  deleteLayerVersion(layerVersionArn: string): void {
    this.#options.layers.delete(layerVersionArn);
  }

  functionExists(functionName: string): boolean {
    return this.#functions.has(functionName);
  }

  addPermission(functionName: string, permission: LambdaPermission): void {
    this.describe(functionName).policy.add(permission);
  }

  removePermission(functionName: string, statementId: string): void {
    this.describe(functionName).policy.remove(statementId);
  }

  isInvokeAllowed(functionName: string, principal: string, sourceArn: string): boolean {
    return this.#functions.get(functionName)?.policy.allows(principal, sourceArn) ?? false;
  }

  /**
   * Publishes `$LATEST` as the next version. If nothing changed since the newest version, returns that one.
   * @throws ServiceError `ResourceNotFoundException`
   */
  publishVersion(functionName: string, description: string | undefined): FunctionVersion {
    const published = this.describe(functionName);
    const unchanged = published.unchangedSincePublish();
    if (unchanged !== undefined) return unchanged;
    const { latest } = published;
    return published.publish((versionName) => {
      latest.deployed.code.folder.acquire();
      const configuration =
        description === undefined ? latest.configuration : { ...latest.configuration, description };
      return {
        ...latest,
        configuration,
        revisionId: randomUUID(),
        deployed: this.#deploy(versionName, configuration, latest.deployed.code),
      };
    });
  }

  /** @throws ServiceError `ResourceNotFoundException`, `ResourceConflictException` */
  deleteVersion(functionName: string, number: string): void {
    this.#retire(this.describe(functionName).deleteVersion(number));
  }

  invoke(
    functionName: string,
    payload: Buffer | string,
    options: InvokeOptions = {},
  ): Promise<InvokeOutcome> {
    return new Promise((resolve, reject) => {
      const called = this.describe(functionName);
      const { qualifier } = options;
      // An unknown qualifier is refused before the call waits.
      const { configuration } = called.version(qualifier);
      const { reservedConcurrency } = called.latest.configuration;
      if (reservedConcurrency !== undefined && called.inFlight >= reservedConcurrency) {
        resolve({ kind: 'throttled', message: 'Rate Exceeded.' });
        return;
      }
      const { functionArn } = configuration;
      called.inFlight += 1;
      this.#options.dispatcher.submit({
        requestId: randomUUID(),
        payload,
        functionArn: qualifier === undefined ? functionArn : `${functionArn}:${qualifier}`,
        traceId: options.traceId ?? newTraceId(this.#cloud.now()),
        clientContext: options.clientContext,
        wantsLogTail: options.wantsLogTail ?? false,
        version: () => this.#currentVersion(called, qualifier),
        onDispatch: options.onDispatch,
        settle: (outcome) => {
          called.inFlight -= 1;
          resolve(outcome);
        },
        refuse: (reason) => {
          called.inFlight -= 1;
          reject(reason === 'deleted' ? functionNotFound(functionName) : unavailable(reason));
        },
      });
    });
  }

  /** @throws ServiceError `ResourceNotFoundException` */
  describe(functionName: string): LambdaFunction {
    const found = this.#functions.get(functionName);
    if (found === undefined) throw functionNotFound(functionName);
    return found;
  }

  /** All functions, by name. */
  list(): readonly LambdaFunction[] {
    return [...this.#functions.values()].sort((a, b) =>
      a.latest.configuration.functionName < b.latest.configuration.functionName ? -1 : 1,
    );
  }

  /**
   * Returns the version to run for a waiting call. After an update it is the new one. Undefined if the function was
   * deleted, even if another one of the same name exists.
   */
  #currentVersion(called: LambdaFunction, qualifier: string | undefined): DeployedVersion | undefined {
    if (this.#functions.get(called.latest.configuration.functionName) !== called) return undefined;
    if (qualifier === undefined) return called.latest.deployed;
    try {
      return called.version(qualifier).deployed;
    } catch (error) {
      // The version or the alias was deleted while the call waited.
      if (error instanceof ServiceError) return undefined;
      throw error;
    }
  }

  #latestOf(configuration: FunctionConfiguration, unpacked: CodePackage): FunctionVersion {
    const { code, codeSha256, codeSize } = unpacked;
    return {
      configuration,
      codeSha256,
      codeSize,
      lastModifiedEpochMs: this.#cloud.now(),
      revisionId: randomUUID(),
      deployed: this.#deploy(LATEST, configuration, code),
    };
  }

  #deploy(versionName: string, configuration: FunctionConfiguration, code: DeployedCode): DeployedVersion {
    const { costOf, surroundings } = this.#options;
    this.#keys += 1;
    return new DeployedVersion({
      key: `${configuration.functionName}-${this.#keys}`,
      versionName,
      cost: isElsewhere(configuration) ? 0 : costOf(configuration.memorySizeMB),
      configuration,
      code,
      surroundings,
    });
  }

  #retire({ deployed }: FunctionVersion): void {
    this.#options.dispatcher.retire(deployed.key);
    deployed.code.folder.release();
  }
}

function unavailable(reason: 'stopping' | 'failed'): ServiceError {
  const message =
    reason === 'stopping'
      ? 'The local cloud is stopping'
      : 'The local cloud could not create a sandbox; its log has the reason';
  return new ServiceError('ServiceException', message, 500, { Type: 'Service' });
}

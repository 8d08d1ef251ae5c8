import { availableParallelism, homedir, totalmem } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { monotonicMs } from '../../monotonic.ts';
import { restJsonService } from '../../protocols/rest-json.ts';
import { CallTelemetry } from '../../sandboxes/call-telemetry.ts';
import { type CpuLimits, coreShareOf } from '../../sandboxes/cpu-limits.ts';
import type { SandboxSurroundings } from '../../sandboxes/deployed-version.ts';
import { Dispatcher } from '../../sandboxes/dispatcher.ts';
import { Interpreters } from '../../sandboxes/interpreters.ts';
import { NAMESPACE_WAYS, type NamespaceWay, PrivateTmps } from '../../sandboxes/private-tmp.ts';
import { isProcessAlive, runProgram, userCacheDir } from '../../sandboxes/python-interpreter.ts';
import type { Interpreter } from '../../sandboxes/runtimes.ts';
import type {
  Cloud,
  DatabaseControl,
  DatabaseRequest,
  LambdaControl,
  LogStore,
  ObjectStore,
  RoleStore,
  Service,
  ServiceParts,
} from '../../seams.ts';
import { CodePackages } from './code-packages.ts';
import { FunctionRegistry } from './function-registry.ts';
import { lambdaErrorBody } from './lambda-error-body.ts';
import { Layers } from './layers.ts';
import { LogDelivery } from './log-delivery.ts';
import { createAlias } from './operations/create-alias.ts';
import { deleteAlias } from './operations/delete-alias.ts';
import { deleteFunction } from './operations/delete-function.ts';
import { getAccountSettings } from './operations/get-account-settings.ts';
import { getAlias } from './operations/get-alias.ts';
import { getFunction } from './operations/get-function.ts';
import { getFunctionConcurrency } from './operations/get-function-concurrency.ts';
import { getFunctionConfiguration } from './operations/get-function-configuration.ts';
import { getPolicy } from './operations/get-policy.ts';
import { invoke } from './operations/invoke.ts';
import { refuseStreaming } from './operations/invoke-with-response-stream.ts';
import { listAliases } from './operations/list-aliases.ts';
import { listFunctions } from './operations/list-functions.ts';
import { listTags } from './operations/list-tags.ts';
import { listVersionsByFunction } from './operations/list-versions-by-function.ts';
import { publishVersion } from './operations/publish-version.ts';
import { updateAlias } from './operations/update-alias.ts';
import { updateFunctionCode } from './operations/update-function-code.ts';
import { updateFunctionConfiguration } from './operations/update-function-configuration.ts';

export interface LambdaOptions {
  /** How many cores busy sandboxes may use together. By default all cores of the machine. */
  readonly cores?: number;
  /** The folder with the bootstraps of managed runtimes. By default the one that this program was bundled into. */
  readonly bootstrapDir?: string;
  /** The folder for a Python environment, if one must be created. By default the user's cache folder. */
  readonly cacheDir?: string;
  /** Limits the CPU of sandboxes to the share of their memory size; without it each has a core to itself. */
  readonly cpuLimits?: Pick<CpuLimits, 'create'>;
  /** The methods to try for a sandbox's own `/tmp`. By default all. */
  readonly namespaceWays?: readonly NamespaceWay[];
}

export interface LambdaParts extends ServiceParts<LambdaControl> {
  /** The interpreters that functions have used since the cloud's start. */
  interpreters(): readonly Interpreter[];
  /** How many sandboxes start at once, at least 1. */
  readonly startsAtOnce: number;
  /** Passes on requests of sandboxes that the database has served. */
  onServed(requests: readonly DatabaseRequest[]): void;
  close(): Promise<void>;
}

/** The parts of the cloud that Lambda uses. */
export interface LambdaCloud
  extends Pick<Cloud, 'accountId' | 'region' | 'dataDir' | 'now' | 'log' | 'children'> {
  readonly logs: Pick<LogStore, 'append' | 'createLogGroup' | 'logGroupExists'>;
  readonly dynamodb: Pick<DatabaseControl, 'endpoint' | 'credentialsOf' | 'trust'>;
  readonly s3: Pick<ObjectStore, 'readObject'>;
  readonly iam: Pick<RoleStore, 'isAssumableBy' | 'allows'>;
}

/** The share of the machine's memory that idle sandboxes may hold together. */
const IDLE_MEMORY_SHARE = 0.5;

/** Creates Lambda: its interface for other services, its API, and its sandboxes. */
export function createLambda(cloud: LambdaCloud, options: LambdaOptions = {}): LambdaParts {
  const telemetry = createTelemetry(cloud);
  const cores = coresForSandboxes(options);
  const dispatcher = new Dispatcher({
    cores,
    maxIdleMiB: (totalmem() / 1024 / 1024) * IDLE_MEMORY_SHARE,
    nowMs: monotonicMs,
    log: (message) => cloud.log(message),
  });
  const interpreters = findInterpreters(options);
  const layers = new Layers();
  const registry = new FunctionRegistry(cloud, {
    layers,
    dispatcher,
    packages: new CodePackages({
      layers,
      interpreters,
      codeRoot: join(cloud.dataDir, 'lambda', 'code'),
      host: { platform: process.platform, arch: process.arch },
      log: (message) => cloud.log(message),
    }),
    costOf: options.cpuLimits === undefined ? () => 1 : coreShareOf,
    surroundings: surroundingsOf(cloud, options, telemetry),
  });
  return {
    control: registry,
    services: [lambdaService(registry, cloud)],
    interpreters: () => interpreters.list(),
    startsAtOnce: Math.max(1, Math.floor(cores)),
    onServed: (requests) => telemetry.addRequests(requests),
    close: async () => {
      await dispatcher.close();
      telemetry.close();
    },
  };
}

/** What every sandbox gets from the cloud. */
function surroundingsOf(
  cloud: LambdaCloud,
  options: LambdaOptions,
  telemetry: CallTelemetry,
): SandboxSurroundings {
  const log = (message: string): void => cloud.log(message);
  const delivery = new LogDelivery({
    region: cloud.region,
    accountId: cloud.accountId,
    logs: cloud.logs,
    roles: cloud.iam,
    log,
  });
  return {
    region: cloud.region,
    deliverLog: (configuration, stream, events) => delivery.deliver(configuration, stream, events),
    telemetry,
    get dynamodb() {
      return cloud.dynamodb;
    },
    children: {
      register: (pid, registration) => cloud.children.register(pid, registration),
      forget: (pid) => cloud.children.forget(pid),
    },
    cpuLimits: options.cpuLimits,
    bootstrapDir: options.bootstrapDir ?? dirname(fileURLToPath(import.meta.url)),
    privateTmps: new PrivateTmps(options.namespaceWays ?? NAMESPACE_WAYS, log),
    scratchRoot: join(cloud.dataDir, 'lambda', 'scratch'),
    sessionToken: `local-session/${basename(cloud.dataDir)}/`,
    nowMs: monotonicMs,
    nowEpochMs: () => cloud.now(),
    log,
  };
}

/** Writes the CPU times of calls to the cloud's logs. */
function createTelemetry({ logs }: LambdaCloud): CallTelemetry {
  return new CallTelemetry({
    append: (group, stream, events) => logs.append(group, stream, events),
    createLogGroup: (name, settings) => logs.createLogGroup(name, settings),
    logGroupExists: (name) => logs.logGroupExists(name),
  });
}

/** The interpreters of this machine, and those that are prepared in the user's cache folder. */
function findInterpreters({ cacheDir }: LambdaOptions): Interpreters {
  return new Interpreters({
    env: process.env,
    cacheDir: cacheDir ?? userCacheDir(process.platform, process.env, homedir()),
    run: runProgram,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    isAlive: isProcessAlive,
    pid: process.pid,
  });
}

/**
 * Of the machine's cores, what sandboxes with a CPU limit may fill together. The rest is for the cloud, the database and the
 * load generator: sandboxes that filled all cores would get less than their share.
 */
const LIMITED_CORES_SHARE = 0.75;

function coresForSandboxes({ cores = availableParallelism(), cpuLimits }: LambdaOptions): number {
  return cpuLimits === undefined ? cores : cores * LIMITED_CORES_SHARE;
}

const FUNCTIONS = '/2015-03-31/functions';
const FUNCTION = `${FUNCTIONS}/{FunctionName}`;
const ALIAS = `${FUNCTION}/aliases/{Name}`;

/**
 * Creates Lambda's API with the operations that clients of the local cloud use. Only CloudFormation creates functions.
 */
function lambdaService(registry: FunctionRegistry, cloud: LambdaCloud): Service {
  const log = (message: string): void => cloud.log(message);
  return restJsonService({
    signingName: 'lambda',
    log,
    errorBody: lambdaErrorBody,
    routes: [
      { method: 'POST', path: `${FUNCTION}/invocations`, operation: invoke(registry, log), rawBody: true },
      {
        method: 'POST',
        path: '/2021-11-15/functions/{FunctionName}/response-streaming-invocations',
        operation: refuseStreaming,
        rawBody: true,
      },
      { method: 'GET', path: FUNCTION, operation: getFunction(registry) },
      { method: 'DELETE', path: FUNCTION, operation: deleteFunction(registry), status: 204 },
      { method: 'GET', path: `${FUNCTION}/configuration`, operation: getFunctionConfiguration(registry) },
      {
        method: 'PUT',
        path: `${FUNCTION}/configuration`,
        operation: updateFunctionConfiguration(registry, cloud.iam),
      },
      { method: 'PUT', path: `${FUNCTION}/code`, operation: updateFunctionCode(registry, cloud.s3) },
      { method: 'GET', path: `${FUNCTION}/versions`, operation: listVersionsByFunction(registry) },
      { method: 'POST', path: `${FUNCTION}/versions`, operation: publishVersion(registry), status: 201 },
      { method: 'GET', path: `${FUNCTION}/aliases`, operation: listAliases(registry) },
      { method: 'POST', path: `${FUNCTION}/aliases`, operation: createAlias(registry), status: 201 },
      { method: 'GET', path: ALIAS, operation: getAlias(registry) },
      { method: 'PUT', path: ALIAS, operation: updateAlias(registry) },
      { method: 'DELETE', path: ALIAS, operation: deleteAlias(registry), status: 204 },
      { method: 'GET', path: `${FUNCTION}/policy`, operation: getPolicy(registry) },
      {
        method: 'GET',
        path: '/2019-09-30/functions/{FunctionName}/concurrency',
        operation: getFunctionConcurrency(registry),
      },
      { method: 'GET', path: FUNCTIONS, operation: listFunctions(registry) },
      { method: 'GET', path: `${FUNCTIONS}/`, operation: listFunctions(registry) },
      { method: 'GET', path: '/2016-08-19/account-settings', operation: getAccountSettings(registry) },
      { method: 'GET', path: '/2016-08-19/account-settings/', operation: getAccountSettings(registry) },
      { method: 'GET', path: '/2017-03-31/tags/{Resource+}', operation: listTags(registry) },
    ],
  });
}

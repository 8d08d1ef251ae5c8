import { randomBytes } from 'node:crypto';
import { release } from 'node:os';
import { basename, dirname } from 'node:path';
import { adminService, describeMachine } from './admin.ts';
import { bundledScript } from './bundled-script.ts';
import { makeDataDir, removeDataDir, watchDataDir } from './data-dir.ts';
import { createDoor } from './door.ts';
import { monotonicMs } from './monotonic.ts';
import { PERIOD_US } from './sandboxes/control-groups.ts';
import { CpuLimits, findCpuLimitPlace, groupFoldersOf } from './sandboxes/cpu-limits.ts';
import { kernelTickMs } from './sandboxes/kernel-tick.ts';
import type { Interpreter } from './sandboxes/runtimes.ts';
import type { Cloud, DataPlaneHandler, Service } from './seams.ts';
import { createApiGateway } from './services/apigateway/service.ts';
import { createCloudFormation } from './services/cloudformation/service.ts';
import { createDynamoDb } from './services/dynamodb/service.ts';
import { createIam } from './services/iam/service.ts';
import { createLambda, type LambdaOptions, type LambdaParts } from './services/lambda/service.ts';
import { createLogs } from './services/logs/service.ts';
import { createS3 } from './services/s3/service.ts';
import { createSts } from './services/sts/service.ts';
import type { AsLambdaDescription, AsLambdaSettings } from './start-protocol.ts';
import { startWatchdog, type Watchdog } from './watchdog.ts';

/** An account number that no real account has. */
const ACCOUNT_ID = '000000000000';
/**
 * How long one service may take to close. After that the shutdown goes on without it, and the watchdog kills its
 * processes.
 */
const CLOSE_LIMIT_MS = 2_000;

export interface CreateCloudOptions {
  /** By default any free port. */
  readonly port?: number;
  readonly region?: string;
  /**
   * Absolute path of the data folder, which must not exist yet. By default a new one in the system's temporary folder.
   */
  readonly dataDir?: string;
  /** Wall clock, epoch ms. */
  readonly now?: () => number;
  /** Gets one line at a time. By default nothing is logged. */
  readonly log?: (message: string) => void;
  readonly lambda?: LambdaOptions;
  /** If functions are to run at the speed that Lambda gives them; otherwise each has a core to itself. */
  readonly asLambda?: AsLambdaSettings;
  /** What `POST /_shedbench/shutdown` does. By default it closes this cloud. */
  readonly onShutdown?: () => void;
  /**
   * Called with the reason when the cloud lost something that it can't work without: its database process, its data
   * folder, or the space on its disk. By default the cloud is closed.
   */
  readonly onLoss?: (why: string) => void;
}

export interface LocalCloud {
  readonly cloud: Cloud;
  readonly endpoint: string;
  readonly port: number;
  readonly region: string;
  readonly accountId: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly dataDir: string;
  /** Process ids of the watchdog and the database. */
  readonly helperPids: readonly number[];
  /** The folders in which it may have made control groups. */
  readonly groupFolders: readonly string[];
  /** Stops the cloud. Resolves once all of its processes have ended and all of its files are removed. */
  close(): Promise<void>;
}

/**
 * Creates the services of the local cloud and starts to listen.
 * @throws Error with code `EADDRINUSE` or `EACCES` if the port can't be used, NoCpuLimit if functions can't run at
 *   Lambda's speed here; everything that was started is ended then
 */
export async function createCloud(options: CreateCloudOptions = {}): Promise<LocalCloud> {
  const log = options.log ?? (() => undefined);
  const region = options.region ?? 'us-east-1';
  const now = options.now ?? Date.now;
  const keys = { accessKeyId: randomKeyId(), secretAccessKey: randomSecret() };
  const dataDir = makeDataDir(options.dataDir);
  const place = await placeOfLimits(options.asLambda, dataDir);
  const groupFolders = place === undefined ? [] : groupFoldersOf(place);
  const children = startWatchdog(dataDir, log, groupFolders);
  const { closers, close, lose } = createClosing(dataDir, children, log, options.onLoss);
  try {
    const base: CloudBase = { accountId: ACCOUNT_ID, region, dataDir, now, log, children };
    const cpuLimits = await openLimits(place, base, children.pid, closers);
    const parts = await startServices(base, { ...options, cpuLimits, onLoss: lose }, closers);
    const admin = adminService({
      machine: () => describeMachine(parts.describe()),
      shutdown: options.onShutdown ?? (() => void close()),
      log,
    });
    const door = createDoor({
      keys: { ...keys, region },
      services: [...parts.services, createSts(base, keys.accessKeyId), admin],
      dataPlane: parts.dataPlane,
      now,
      log,
    });
    const port = await door.listen(options.port ?? 0);
    const endpoint = `http://127.0.0.1:${port}`;
    parts.listensAt(endpoint);
    closers.push({ name: 'door', close: () => door.close() });
    return {
      cloud: parts.cloud,
      endpoint,
      port,
      region,
      accountId: ACCOUNT_ID,
      credentials: keys,
      dataDir,
      helperPids: [children.pid, parts.databasePid],
      groupFolders,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** How a cloud is closed. */
interface Closing {
  /** The services that were started, in that order. They are closed in the opposite order. */
  readonly closers: Closer[];
  /** Closes the services and the watchdog, and removes the data folder. Later calls return the same promise. */
  readonly close: () => Promise<void>;
  /** Reports the loss of something that the cloud can't work without, unless the cloud is closing. */
  readonly lose: (why: string) => void;
}

/** @param onLoss by default the cloud is closed */
function createClosing(
  dataDir: string,
  children: Watchdog,
  log: (message: string) => void,
  onLoss: ((why: string) => void) | undefined,
): Closing {
  const closers: Closer[] = [];
  let isClosing = false;
  const close = once(async () => {
    isClosing = true;
    stopWatch();
    for (const closer of closers.reverse()) await withinLimit(closer, log);
    await children.close();
    await removeDataDir(dataDir);
  });
  const lose = (why: string): void => {
    if (isClosing) return;
    if (onLoss !== undefined) onLoss(why);
    else {
      log(`ends: ${why}`);
      void close();
    }
  };
  const stopWatch = watchDataDir(dataDir, lose);
  return { closers, close, lose };
}

type CloudBase = Pick<Cloud, 'accountId' | 'region' | 'dataDir' | 'now' | 'log' | 'children'>;

/** The services of a cloud, connected with each other. */
interface CloudParts {
  readonly cloud: Cloud;
  readonly services: readonly Service[];
  readonly dataPlane: DataPlaneHandler;
  readonly databasePid: number;
  /** Sets `cloud.endpoint`. */
  readonly listensAt: (endpoint: string) => void;
  /** What the functions run on now. */
  readonly describe: () => Parameters<typeof describeMachine>[0];
}

/** Creates all services but STS. What has to be ended is added to `closers`, also if a later service fails. */
async function startServices(
  base: CloudBase,
  options: {
    readonly lambda?: LambdaOptions;
    readonly asLambda?: AsLambdaSettings;
    readonly cpuLimits: CpuLimits | undefined;
    readonly onLoss: (why: string) => void;
  },
  closers: Closer[],
): Promise<CloudParts> {
  const { asLambda, cpuLimits } = options;
  const s3 = createS3(base);
  const logs = createLogs(base);
  const iam = createIam(base);
  const databaseKeys = { accessKeyId: randomKeyId(), secretAccessKey: randomSecret() };
  const dynamodb = await createDynamoDb(base, databaseKeys, options.onLoss, asLambda);
  closers.push({ name: 'dynamodb', close: dynamodb.close });
  const lambda = createLambda(
    { ...base, logs: logs.store, dynamodb: dynamodb.control, s3: s3.control, iam: iam.control },
    {
      bootstrapDir: dirname(bundledScript('node-bootstrap.js')),
      ...(cpuLimits === undefined ? {} : { cpuLimits }),
      ...options.lambda,
    },
  );
  closers.push({ name: 'lambda', close: lambda.close });
  dynamodb.control.watch((requests) => lambda.onServed(requests));
  const apigateway = createApiGateway({ ...base, lambda: lambda.control });
  const { cloud, listensAt } = withEndpoint({
    ...base,
    s3: s3.control,
    logs: logs.store,
    lambda: lambda.control,
    apigateway: apigateway.control,
    dynamodb: dynamodb.control,
    iam: iam.control,
  });
  const cloudformation = createCloudFormation(cloud);
  closers.push({ name: 'cloudformation', close: cloudformation.close });
  return {
    cloud,
    services: [
      ...cloudformation.services,
      ...s3.services,
      ...lambda.services,
      logs.service,
      ...dynamodb.services,
      ...apigateway.services,
      ...iam.services,
    ],
    dataPlane: apigateway.handleExecuteApi,
    databasePid: dynamodb.pid,
    listensAt,
    describe: () => describeFunctions(lambda, cpuLimits, asLambda),
  };
}

/** What the functions run on now. */
function describeFunctions(
  lambda: Pick<LambdaParts, 'interpreters' | 'startsAtOnce'>,
  cpuLimits: CpuLimits | undefined,
  asLambda: AsLambdaSettings | undefined,
): ReturnType<CloudParts['describe']> {
  return {
    interpreters: interpretersOf(lambda.interpreters()),
    startsAtOnce: lambda.startsAtOnce,
    ...(cpuLimits === undefined || asLambda === undefined
      ? {}
      : { asLambda: describeLimits(cpuLimits, asLambda) }),
  };
}

/** Adds the endpoint, which is known only when the door listens. Until then it is empty. */
function withEndpoint(services: Omit<Cloud, 'endpoint'>): Pick<CloudParts, 'cloud' | 'listensAt'> {
  let endpoint = '';
  return {
    cloud: {
      ...services,
      get endpoint() {
        return endpoint;
      },
    },
    listensAt: (given) => {
      endpoint = given;
    },
  };
}

/** The version of each runtime's interpreter, with its SDK if that is known. */
function interpretersOf(interpreters: readonly Interpreter[]): Record<string, string> {
  return Object.fromEntries(
    interpreters.map(({ lambdaRuntime, version, sdk }) => [
      lambdaRuntime,
      sdk === undefined ? version : `${version} with ${sdk}`,
    ]),
  );
}

/** @throws NoCpuLimit, without the data folder */
async function placeOfLimits(asLambda: AsLambdaSettings | undefined, dataDir: string) {
  if (asLambda === undefined) return undefined;
  try {
    return findCpuLimitPlace(basename(dataDir));
  } catch (error) {
    await removeDataDir(dataDir);
    throw error;
  }
}

/** Opens the control groups of the cloud. Undefined if functions run at full speed. */
async function openLimits(
  place: Awaited<ReturnType<typeof placeOfLimits>>,
  { children, log }: CloudBase,
  watchdogPid: number,
  closers: Closer[],
): Promise<CpuLimits | undefined> {
  if (place === undefined) return undefined;
  const ownPids = [process.pid, watchdogPid];
  const limits = await CpuLimits.open({ place, ownPids, children, nowMs: monotonicMs, log });
  closers.push({ name: 'cpu limits', close: () => limits.close() });
  return limits;
}

function describeLimits(limits: CpuLimits, { dynamodbLatencyText }: AsLambdaSettings): AsLambdaDescription {
  const tickMs = kernelTickMs(release());
  return {
    controlGroupVersion: limits.version,
    periodUs: PERIOD_US,
    ...(tickMs === undefined ? {} : { tickMs }),
    dynamodbLatency: dynamodbLatencyText,
    shares: limits.shares(),
  };
}

interface Closer {
  readonly name: string;
  readonly close: (() => Promise<void>) | undefined;
}

/**
 * Closes one service. A failure or a timeout is logged and does not stop the others; the watchdog kills what is left.
 */
async function withinLimit(closer: Closer, log: (message: string) => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const limit = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), CLOSE_LIMIT_MS);
    });
    if ((await Promise.race([closer.close?.(), limit])) === 'late')
      log(`${closer.name} does not end in time`);
  } catch (error) {
    log(`${closer.name} failed to end: ${error instanceof Error ? error.stack : String(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= run();
    return running;
  };
}

const KEY_ID_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** An access key id: the prefix and 16 random characters out of 32, 80 random bits, as AWS's have. */
function randomKeyId(): string {
  return `AKIA${[...randomBytes(16)].map((byte) => KEY_ID_CHARACTERS[byte & 31]).join('')}`;
}

function randomSecret(): string {
  return randomBytes(30).toString('base64');
}

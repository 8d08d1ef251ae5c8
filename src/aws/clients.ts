import type { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { S3Client } from '@aws-sdk/client-s3';
import type { STSClient } from '@aws-sdk/client-sts';
import type { Target } from '../model/target.ts';
import { hasForeignEndpoint, isLoopbackEndpoint } from './aws-endpoint.ts';
import { rememberFailedCall } from './errors.ts';
import type { AwsCall, ServiceName } from './iam-actions.ts';
import { type ProxyAgents, proxyAgents } from './proxy-agents.ts';
import { QuietLogger, silenceNodeVersionWarning } from './quiet-sdk.ts';

/** The number of attempts of one call inside the SDK, with exponential back-off: at most half a minute in all. */
const MAX_ATTEMPTS = 6;

/**
 * CloudFormation gets fewer attempts, because its callers also repeat requests through longer outages (see `Patience`),
 * and their warning must not come half a minute late.
 */
const CLOUDFORMATION_MAX_ATTEMPTS = 4;

/** The time limit for opening a connection. The SDK's default is that of the operating system. */
const CONNECTION_TIMEOUT_MS = 10_000;
/**
 * The longest time without data on a connection. No answer takes longer, and an upload on a slow line is never silent.
 */
const SOCKET_TIMEOUT_MS = 60_000;

/** No data comes during an invocation until the function returns, which takes at most 15 minutes. */
const INVOCATION_TIMEOUT_MS = 16 * 60_000;

/** The SDK clients of one target. Each is loaded and created at its first use, and then shared. */
export interface AwsClients {
  readonly target: Target;
  cloudFormation(): Promise<CloudFormationClient>;
  logs(): Promise<CloudWatchLogsClient>;
  s3(): Promise<S3Client>;
  sts(): Promise<STSClient>;
  lambda(): Promise<LambdaClient>;
  /**
   * The client that invokes loaders. It never repeats a request, opens as many connections as it needs, and waits for
   * 16 minutes.
   */
  loaders(): Promise<LambdaClient>;
  dynamodb(): Promise<DynamoDBClient>;
  apiGateway(): Promise<APIGatewayClient>;
  /** Closes the keep-alive connections, which would delay the end of the process. */
  destroy(): void;
}

export interface ClientDeps {
  /** The environment, for `AWS_ENDPOINT_URL_<SERVICE>`, `HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly toolVersion: string;
  /** Called once for every call, before its first attempt. */
  readonly observe?: (call: AwsCall) => void;
}

/** `AWS_ENDPOINT_URL_<this>`: the SDK's own name for a service-specific endpoint. */
const ENDPOINT_VARIABLE: Readonly<Record<ServiceName, string>> = {
  cloudformation: 'AWS_ENDPOINT_URL_CLOUDFORMATION',
  logs: 'AWS_ENDPOINT_URL_CLOUDWATCH_LOGS',
  s3: 'AWS_ENDPOINT_URL_S3',
  sts: 'AWS_ENDPOINT_URL_STS',
  lambda: 'AWS_ENDPOINT_URL_LAMBDA',
  dynamodb: 'AWS_ENDPOINT_URL_DYNAMODB',
  apigateway: 'AWS_ENDPOINT_URL_API_GATEWAY',
};

interface CommonConfig {
  region: string;
  credentials: Target['credentials'];
  maxAttempts: number;
  retryMode: 'standard';
  customUserAgent: [string, string][];
  logger: QuietLogger;
  requestHandler: { connectionTimeout: number; socketTimeout: number } & Partial<ProxyAgents>;
  endpoint?: string;
  useFipsEndpoint?: boolean;
  useDualstackEndpoint?: boolean;
}

/** The middleware methods that are used here. Every client has them. */
interface Observable {
  middlewareStack: {
    add(
      middleware: <Args extends object, Output extends object>(
        next: (args: Args) => Promise<Output>,
        context: { readonly commandName?: string },
      ) => (args: Args) => Promise<Output>,
      options: { readonly step: 'initialize'; readonly name: string; readonly priority: 'high' },
    ): void;
    remove(name: string): boolean;
  };
  destroy(): void;
}

/** Calls to the local cloud are not repeated, because an error of a process on this machine is not temporary. */
function maxAttempts(target: Target, service: ServiceName): number {
  if (target.kind === 'local') return 1;
  return service === 'cloudformation' ? CLOUDFORMATION_MAX_ATTEMPTS : MAX_ATTEMPTS;
}

/** Returns the clients of a target. None is loaded before its first use, and all share the target's credentials. */
export function createClients(target: Target, deps: ClientDeps): AwsClients {
  silenceNodeVersionWarning();
  const made: Observable[] = [];
  const agents = once(async () =>
    isLoopbackEndpoint(target.endpoint) ? undefined : await proxyAgents(deps.env),
  );
  /** The client of a service, made at its first use. */
  const client = <Client extends Observable>(
    service: ServiceName,
    make: (config: CommonConfig) => Promise<Client>,
  ): (() => Promise<Client>) =>
    once(async () => {
      const one = await make(configFor(service, target, deps, await agents()));
      observeCalls(one, service, deps.observe);
      // It would copy every answer for the log, even if the logger prints nothing: 0.2 s for 10,000 rows of a query.
      one.middlewareStack.remove('loggerMiddleware');
      made.push(one);
      return one;
    });
  return {
    target,
    cloudFormation: client('cloudformation', async (config) => {
      return new (await import('./sdk/cloudformation.ts')).CloudFormationClient(config);
    }),
    logs: client('logs', async (config) => {
      return new (await import('./sdk/cloudwatch-logs.ts')).CloudWatchLogsClient(config);
    }),
    s3: client('s3', async (config) => {
      const byEndpoint = hasForeignEndpoint(target) ? { forcePathStyle: true } : {};
      return new (await import('./sdk/s3.ts')).S3Client({ ...config, ...byEndpoint });
    }),
    sts: client('sts', async (config) => new (await import('./sdk/sts.ts')).STSClient(config)),
    lambda: client('lambda', async (config) => {
      return new (await import('./sdk/lambda.ts')).LambdaClient(config);
    }),
    loaders: client('lambda', async (config) => {
      const requestHandler = {
        ...(await patientAgents()),
        ...config.requestHandler,
        socketTimeout: INVOCATION_TIMEOUT_MS,
      };
      const { LambdaClient } = await import('./sdk/lambda.ts');
      return new LambdaClient({ ...config, maxAttempts: 1, requestHandler });
    }),
    dynamodb: client('dynamodb', async (config) => {
      return new (await import('./sdk/dynamodb.ts')).DynamoDBClient(config);
    }),
    apiGateway: client('apigateway', async (config) => {
      return new (await import('./sdk/api-gateway.ts')).APIGatewayClient(config);
    }),
    destroy: () => {
      for (const one of made.splice(0)) one.destroy();
    },
  };
}

/** The configuration of a service's client. @param agents of the proxy that the environment names, if any */
function configFor(
  service: ServiceName,
  target: Target,
  deps: ClientDeps,
  agents: ProxyAgents | undefined,
): CommonConfig {
  const common: CommonConfig = {
    region: target.region,
    credentials: target.credentials,
    maxAttempts: maxAttempts(target, service),
    retryMode: 'standard',
    customUserAgent: [['shedbench', deps.toolVersion]],
    logger: new QuietLogger(),
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      socketTimeout: SOCKET_TIMEOUT_MS,
      ...agents,
    },
  };
  // Without an endpoint, the SDK resolves all endpoint settings, including those of single services.
  if (target.endpoint === undefined) return common;
  const specific = target.kind === 'local' ? undefined : deps.env[ENDPOINT_VARIABLE[service]];
  return {
    ...common,
    endpoint: specific ?? target.endpoint,
    // A profile may set these for AWS's own endpoints. The SDK refuses them together with another endpoint.
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
  };
}

/** Reports every call of a client to the observer, and records the failed call of an error. */
function observeCalls(client: Observable, service: ServiceName, observe: ClientDeps['observe']): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const call: AwsCall = {
        service,
        operation: (context.commandName ?? 'Unknown').replace(/Command$/, ''),
      };
      observe?.(call);
      try {
        return await next(args);
      } catch (error) {
        rememberFailedCall(error, call);
        throw error;
      }
    },
    { step: 'initialize', name: 'shedbenchObserver', priority: 'high' },
  );
}

/**
 * Agents for requests whose answer may take minutes. Each request has its own connection with TCP keep-alive, so that
 * no gateway drops it, and the connection is closed afterwards. A request on a reused connection could fail because the
 * server closes it at that moment, and these requests must not be repeated.
 */
async function patientAgents(): Promise<ProxyAgents> {
  const [http, https] = await Promise.all([import('node:http'), import('node:https')]);
  const httpAgent = new http.Agent({ keepAlive: true });
  const httpsAgent = new https.Agent({ keepAlive: true });
  for (const agent of [httpAgent, httpsAgent]) agent.maxFreeSockets = 0;
  return { httpAgent, httpsAgent };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

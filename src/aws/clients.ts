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

/** Attempts of one call inside the SDK, with exponential back-off between them: up to half a minute in all. */
const MAX_ATTEMPTS = 6;

/**
 * CloudFormation gets fewer attempts, since its callers retry through longer outages by themselves (see `Patience`). Their
 * warning must not come half a minute late.
 */
const CLOUDFORMATION_MAX_ATTEMPTS = 4;

/** The SDK's own default is to wait as long as the operating system does. */
const CONNECTION_TIMEOUT_MS = 10_000;
/** How long a connection may be silent. No answer takes longer, and an upload on a slow line is never silent. */
const SOCKET_TIMEOUT_MS = 60_000;

/** An invocation is silent until the function returns, which takes 15 minutes at most. */
const INVOCATION_TIMEOUT_MS = 16 * 60_000;

/** SDK clients of one target. Each is loaded and made at its first use and then shared. */
export interface AwsClients {
  readonly target: Target;
  cloudFormation(): Promise<CloudFormationClient>;
  logs(): Promise<CloudWatchLogsClient>;
  s3(): Promise<S3Client>;
  sts(): Promise<STSClient>;
  lambda(): Promise<LambdaClient>;
  /** Invokes the loaders: it never repeats a request, opens as many connections as it needs, and waits for 16 minutes. */
  loaders(): Promise<LambdaClient>;
  dynamodb(): Promise<DynamoDBClient>;
  apiGateway(): Promise<APIGatewayClient>;
  /** Closes the keep-alive connections, which would keep the process running for a while. */
  destroy(): void;
}

export interface ClientDeps {
  /** The environment: `AWS_ENDPOINT_URL_<SERVICE>`, `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` are read from it. */
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

/** The one middleware method that is used here; every client has it. */
interface Observable {
  middlewareStack: {
    add(
      middleware: <Args extends object, Output extends object>(
        next: (args: Args) => Promise<Output>,
        context: { readonly commandName?: string },
      ) => (args: Args) => Promise<Output>,
      options: { readonly step: 'initialize'; readonly name: string; readonly priority: 'high' },
    ): void;
  };
  destroy(): void;
}

/** A call to the local cloud is not repeated: it is a process of this machine, so what fails once fails for good. */
function maxAttempts(target: Target, service: ServiceName): number {
  if (target.kind === 'local') return 1;
  return service === 'cloudformation' ? CLOUDFORMATION_MAX_ATTEMPTS : MAX_ATTEMPTS;
}

/** Clients for a target. None is loaded before its first use, and all share the target's credentials. */
export function createClients(target: Target, deps: ClientDeps): AwsClients {
  silenceNodeVersionWarning();
  const made: Observable[] = [];

  const agents = once(async () =>
    isLoopbackEndpoint(target.endpoint) ? undefined : await proxyAgents(deps.env),
  );

  const configFor = async (service: ServiceName): Promise<CommonConfig> => {
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
        ...(await agents()),
      },
    };
    // Without an endpoint the SDK resolves everything by itself, the service-specific settings included.
    if (target.endpoint === undefined) return common;
    const specific = target.kind === 'local' ? undefined : deps.env[ENDPOINT_VARIABLE[service]];
    return {
      ...common,
      endpoint: specific ?? target.endpoint,
      // A profile may set these for AWS's own endpoints. The SDK refuses them together with another endpoint.
      useFipsEndpoint: false,
      useDualstackEndpoint: false,
    };
  };

  const watched = <Client extends Observable>(service: ServiceName, client: Client): Client => {
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const call: AwsCall = {
          service,
          operation: (context.commandName ?? 'Unknown').replace(/Command$/, ''),
        };
        deps.observe?.(call);
        try {
          return await next(args);
        } catch (error) {
          rememberFailedCall(error, call);
          throw error;
        }
      },
      { step: 'initialize', name: 'shedbenchObserver', priority: 'high' },
    );
    made.push(client);
    return client;
  };

  return {
    target,
    cloudFormation: once(async () => {
      const sdk = await import('@aws-sdk/client-cloudformation');
      return watched('cloudformation', new sdk.CloudFormationClient(await configFor('cloudformation')));
    }),
    logs: once(async () => {
      const sdk = await import('@aws-sdk/client-cloudwatch-logs');
      return watched('logs', new sdk.CloudWatchLogsClient(await configFor('logs')));
    }),
    s3: once(async () => {
      const sdk = await import('@aws-sdk/client-s3');
      const byEndpoint = hasForeignEndpoint(target) ? { forcePathStyle: true } : {};
      return watched('s3', new sdk.S3Client({ ...(await configFor('s3')), ...byEndpoint }));
    }),
    sts: once(async () => {
      const sdk = await import('@aws-sdk/client-sts');
      return watched('sts', new sdk.STSClient(await configFor('sts')));
    }),
    lambda: once(async () => {
      const sdk = await import('@aws-sdk/client-lambda');
      return watched('lambda', new sdk.LambdaClient(await configFor('lambda')));
    }),
    loaders: once(async () => {
      const [sdk, config] = await Promise.all([import('@aws-sdk/client-lambda'), configFor('lambda')]);
      const requestHandler = {
        ...(await patientAgents()),
        ...config.requestHandler,
        socketTimeout: INVOCATION_TIMEOUT_MS,
      };
      return watched('lambda', new sdk.LambdaClient({ ...config, maxAttempts: 1, requestHandler }));
    }),
    dynamodb: once(async () => {
      const sdk = await import('@aws-sdk/client-dynamodb');
      return watched('dynamodb', new sdk.DynamoDBClient(await configFor('dynamodb')));
    }),
    apiGateway: once(async () => {
      const sdk = await import('@aws-sdk/client-api-gateway');
      return watched('apigateway', new sdk.APIGatewayClient(await configFor('apigateway')));
    }),
    destroy: () => {
      for (const client of made.splice(0)) client.destroy();
    },
  };
}

/**
 * Agents for requests that are answered after minutes. Each opens a connection of its own with TCP keep-alive, so that no
 * gateway between forgets it, and closes it afterwards: a request on a connection that the server is about to close would
 * fail, and must not be repeated.
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

import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { S3Client } from '@aws-sdk/client-s3';
import type { STSClient } from '@aws-sdk/client-sts';
import type { Target } from '../model/target.ts';
import { hasForeignEndpoint } from './aws-endpoint.ts';
import { rememberFailedCall } from './errors.ts';
import type { AwsCall, ServiceName } from './iam-actions.ts';

/** Attempts of one call inside the SDK, with its exponential back-off in between: up to half a minute in all. */
const MAX_ATTEMPTS = 6;

/**
 * Fewer for CloudFormation: whoever calls it goes on trying through a longer outage and says so, which must not come half a
 * minute late.
 */
const CLOUDFORMATION_MAX_ATTEMPTS = 4;

/** A connection that is not up by then never will be; the SDK's own default is to wait for the system. */
const CONNECTION_TIMEOUT_MS = 10_000;
/** How long a connection may be silent: no answer of these takes longer, and an upload on a slow line is never silent. */
const SOCKET_TIMEOUT_MS = 60_000;

/** SDK clients of one target, each loaded and made at its first use and then shared. */
export interface AwsClients {
  readonly target: Target;
  cloudFormation(): Promise<CloudFormationClient>;
  logs(): Promise<CloudWatchLogsClient>;
  s3(): Promise<S3Client>;
  sts(): Promise<STSClient>;
  lambda(): Promise<LambdaClient>;
  dynamodb(): Promise<DynamoDBClient>;
  /** Closes the keep-alive connections, which would hold the process for a while. */
  destroy(): void;
}

export interface ClientDeps {
  /** The environment, for `AWS_ENDPOINT_URL_<SERVICE>`; the clients write nothing into it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly toolVersion: string;
  /** Hears every call once, before its first attempt. */
  readonly observe?: (call: AwsCall) => void;
}

/** What the SDK would print on the user's screen goes nowhere: errors reach the user as errors. */
class SilentLogger {
  trace(): void {}
  debug(): void {}
  info(): void {}
  warn(): void {}
  error(): void {}
}

/** `AWS_ENDPOINT_URL_<this>`: the SDK's own name for a service-specific endpoint. */
const ENDPOINT_VARIABLE: Readonly<Record<ServiceName, string>> = {
  cloudformation: 'AWS_ENDPOINT_URL_CLOUDFORMATION',
  logs: 'AWS_ENDPOINT_URL_CLOUDWATCH_LOGS',
  s3: 'AWS_ENDPOINT_URL_S3',
  sts: 'AWS_ENDPOINT_URL_STS',
  lambda: 'AWS_ENDPOINT_URL_LAMBDA',
  dynamodb: 'AWS_ENDPOINT_URL_DYNAMODB',
};

interface CommonConfig {
  region: string;
  credentials: Target['credentials'];
  maxAttempts: number;
  retryMode: 'standard';
  customUserAgent: [string, string][];
  logger: SilentLogger;
  requestHandler: { connectionTimeout: number; socketTimeout: number };
  endpoint?: string;
  useFipsEndpoint?: boolean;
  useDualstackEndpoint?: boolean;
}

/** The one middleware method that is used here, alike on every client. */
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

/** A call of the local cloud that fails once fails for good: it is a process of this machine. */
function maxAttempts(target: Target, service: ServiceName): number {
  if (target.kind === 'local') return 1;
  return service === 'cloudformation' ? CLOUDFORMATION_MAX_ATTEMPTS : MAX_ATTEMPTS;
}

/** Clients for a target; none is loaded before its first use, and all share the target's credentials. */
export function createClients(target: Target, deps: ClientDeps): AwsClients {
  // The SDK warns of the Node version by process.emitWarning, once per process, unless this is set before its first
  // client: package.json says which Node this program runs on, and tests hold it to that.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const made: Observable[] = [];

  const configFor = (service: ServiceName): CommonConfig => {
    const common: CommonConfig = {
      region: target.region,
      credentials: target.credentials,
      maxAttempts: maxAttempts(target, service),
      retryMode: 'standard',
      customUserAgent: [['shedbench', deps.toolVersion]],
      logger: new SilentLogger(),
      requestHandler: { connectionTimeout: CONNECTION_TIMEOUT_MS, socketTimeout: SOCKET_TIMEOUT_MS },
    };
    // Without an endpoint of the target's the SDK resolves everything by itself, service-specific settings included.
    if (target.endpoint === undefined) return common;
    const specific = target.kind === 'local' ? undefined : deps.env[ENDPOINT_VARIABLE[service]];
    return {
      ...common,
      endpoint: specific ?? target.endpoint,
      // Settings of a profile that make sense for AWS's own endpoints alone; the SDK refuses them beside another.
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
      return watched('cloudformation', new sdk.CloudFormationClient(configFor('cloudformation')));
    }),
    logs: once(async () => {
      const sdk = await import('@aws-sdk/client-cloudwatch-logs');
      return watched('logs', new sdk.CloudWatchLogsClient(configFor('logs')));
    }),
    s3: once(async () => {
      const sdk = await import('@aws-sdk/client-s3');
      const pathStyle = hasForeignEndpoint(target) ? { forcePathStyle: true } : {};
      return watched('s3', new sdk.S3Client({ ...configFor('s3'), ...pathStyle }));
    }),
    sts: once(async () => {
      const sdk = await import('@aws-sdk/client-sts');
      return watched('sts', new sdk.STSClient(configFor('sts')));
    }),
    lambda: once(async () => {
      const sdk = await import('@aws-sdk/client-lambda');
      return watched('lambda', new sdk.LambdaClient(configFor('lambda')));
    }),
    dynamodb: once(async () => {
      const sdk = await import('@aws-sdk/client-dynamodb');
      return watched('dynamodb', new sdk.DynamoDBClient(configFor('dynamodb')));
    }),
    destroy: () => {
      for (const client of made.splice(0)) client.destroy();
    },
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

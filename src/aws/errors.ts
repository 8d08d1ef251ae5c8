import { awsError, ShedbenchError } from '../errors.ts';
import type { Target } from '../model/target.ts';
import { isLoopbackEndpoint } from './aws-endpoint.ts';
import { type AwsCall, iamActionsOf } from './iam-actions.ts';

/** What kind of trouble a failed AWS call is: what to do about it depends on this alone. */
export type FailureKind =
  | 'throttled'
  | 'network'
  | 'server'
  | 'access-denied'
  | 'expired-sso'
  | 'expired-credentials'
  | 'invalid-credentials'
  | 'no-credentials'
  | 'clock-skew'
  /** The endpoint does not know the operation: an emulator, or a region that has not got it yet. */
  | 'unsupported'
  | 'aborted'
  | 'other';

/** The members of an error that the SDK, the network and S3's HEAD answers give, all of them optional. */
interface ErrorShape {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly throttling: boolean;
}

const failedCalls = new WeakMap<object, AwsCall>();

/** Keeps, beside an error that a client threw, which call it was. */
export function rememberFailedCall(error: unknown, call: AwsCall): void {
  if (typeof error === 'object' && error !== null && !failedCalls.has(error)) failedCalls.set(error, call);
}

/** The call that failed with this error, where a client of ours made it. */
export function failedCallOf(error: unknown): AwsCall | undefined {
  return typeof error === 'object' && error !== null ? failedCalls.get(error) : undefined;
}

/** AWS's error code (`ValidationError`, `NoSuchBucket`, …), or the system's (`ECONNREFUSED`), or the class name. */
export function errorCodeOf(error: unknown): string {
  const shape = shapeOf(error);
  return shape.code === '' ? shape.name : shape.code;
}

/** The message as AWS or the system wrote it. */
export function errorMessageOf(error: unknown): string {
  return shapeOf(error).message;
}

/** @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
const THROTTLING_CODES: ReadonlySet<string> = new Set([
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'TransactionInProgressException',
]);

const NETWORK_CODES: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'NetworkingError',
  'RequestTimeout',
  'RequestTimeoutException',
  'TimeoutError',
]);

const EXPIRED_CODES: ReadonlySet<string> = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'RequestExpired',
  'TokenRefreshRequired',
]);

const INVALID_CREDENTIAL_CODES: ReadonlySet<string> = new Set([
  'AuthFailure',
  'IncompleteSignature',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);

const DENIED_CODES: ReadonlySet<string> = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AuthorizationError',
  'Forbidden',
  'NotAuthorized',
  'UnauthorizedOperation',
]);

const UNSUPPORTED_CODES: ReadonlySet<string> = new Set([
  'InvalidAction',
  'NotImplemented',
  'UnknownOperationException',
  'UnsupportedOperation',
  'UnsupportedOperationException',
]);

/** Sorts an error into its kind; `other` is an answer that means what it says (`ValidationError`, `NoSuchKey`, …). */
export function classifyFailure(error: unknown): FailureKind {
  const shape = shapeOf(error);
  const { name, code, message, status } = shape;
  const either = (codes: ReadonlySet<string>): boolean => codes.has(name) || codes.has(code);
  if (name === 'AbortError') return 'aborted';
  if (
    /\bSSO\b|sso login/i.test(message) &&
    /expired|invalid|refresh|does not exist|not.*found/i.test(message)
  ) {
    return 'expired-sso';
  }
  if (name === 'SSOTokenProviderFailure') return 'expired-sso';
  if (name === 'CredentialsProviderError' || name === 'ProviderError' || name === 'TokenProviderError') {
    return /sso/i.test(message) ? 'expired-sso' : 'no-credentials';
  }
  if (isClockSkew(shape)) return 'clock-skew';
  if (shape.throttling || either(THROTTLING_CODES) || status === 429) return 'throttled';
  if (either(EXPIRED_CODES)) return 'expired-credentials';
  if (either(INVALID_CREDENTIAL_CODES)) return 'invalid-credentials';
  if (either(DENIED_CODES) || (status === 403 && !either(UNSUPPORTED_CODES))) return 'access-denied';
  if (either(UNSUPPORTED_CODES) || status === 501) return 'unsupported';
  if (status !== undefined) return status >= 500 ? 'server' : 'other';
  if (either(NETWORK_CODES) || /socket hang up|network|timed? ?out/i.test(message)) return 'network';
  return 'other';
}

/** True for a failure that passes by itself: the same call may be sent again a little later. */
export function isTransient(error: unknown): boolean {
  const kind = classifyFailure(error);
  return kind === 'throttled' || kind === 'network' || kind === 'server';
}

/** True where a service says that the named thing does not exist. */
export function isNotFound(error: unknown): boolean {
  const { name, code, message, status } = shapeOf(error);
  return (
    status === 404 ||
    /^(ResourceNotFound|NoSuch|NotFound|ChangeSetNotFound|StackNotFound)/.test(name) ||
    /^(ResourceNotFound|NoSuch|NotFound|ChangeSetNotFound|StackNotFound)/.test(code) ||
    // CloudFormation's word for an unknown stack is a ValidationError; the message is all that tells it apart.
    (name === 'ValidationError' && /does not exist/.test(message))
  );
}

/** Where the local cloud says why it failed or ended. */
const LOCAL_LOG_HINT = 'shedbench local logs says why (.shedbench/local.log)';

/** What the translation names beside the error itself. */
export type ErrorContext = Pick<Target, 'kind' | 'region' | 'endpoint' | 'profile'>;

/**
 * The error as a person should read it: one line that says what failed and a hint with the next command. A
 * `ShedbenchError` is returned as it is; what is no failure of AWS, credentials or network comes back unchanged.
 */
export function translateAwsError(error: unknown, context: ErrorContext): unknown {
  if (error instanceof ShedbenchError) return error;
  const shape = shapeOf(error);
  const call = failedCallOf(error);
  const kind = classifyFailure(error);
  if (call === undefined && (kind === 'other' || kind === 'aborted')) return error;
  const where = context.endpoint ?? context.region;
  const what = call === undefined ? '' : `${call.service}:${call.operation}: `;
  switch (kind) {
    case 'expired-sso':
      return awsError(
        'expired-sso',
        context.profile === undefined
          ? 'The SSO session has expired'
          : `The SSO session of profile ${context.profile} has expired`,
        `aws sso login${context.profile === undefined ? '' : ` --profile ${context.profile}`}`,
        error,
      );
    case 'no-credentials':
      return noCredentials(context, shape.message, error);
    case 'expired-credentials':
      return awsError(
        'expired-credentials',
        `${what}the credentials have expired${context.profile === undefined ? '' : ` (profile ${context.profile})`}`,
        'Fetch fresh ones the way these came (for SSO: aws sso login), then run the same command again: it picks up',
        error,
      );
    case 'invalid-credentials':
      return awsError(
        'invalid-credentials',
        `${what}${where} does not accept the credentials: ${shape.message}`,
        `Check the keys and that the region ${context.region} is enabled for the account: aws sts get-caller-identity --region ${context.region}`,
        error,
      );
    case 'clock-skew':
      return awsError(
        'clock-skew',
        `${what}this machine's clock is off: ${shape.message}`,
        'Set the clock (timedatectl set-ntp true), then run the same command again',
        error,
      );
    case 'access-denied':
      return accessDenied(error, shape, call, context);
    case 'throttled':
      return awsError(
        'throttled',
        `${what}AWS still refuses for too many requests after all retries: ${shape.message}`,
        'Run the same command again in a minute: it picks up where this one ended',
        error,
      );
    case 'network':
      return networkError(error, shape, what, context);
    case 'server':
      if (context.kind === 'local') {
        return awsError(
          'local-cloud-failed',
          `${what}the local cloud failed: ${shape.message}`,
          LOCAL_LOG_HINT,
          error,
        );
      }
      return awsError(
        'aws-server-error',
        `${what}${where} answered ${shape.status ?? 'an error'} after all retries: ${shape.message}`,
        'Run the same command again: it picks up where this one ended',
        error,
      );
    case 'unsupported':
      return awsError(
        'unsupported-operation',
        `${where} does not know the operation${call === undefined ? '' : ` ${call.service}:${call.operation}`}`,
        undefined,
        error,
      );
    default:
      return awsError(
        'aws-error',
        `${what}${shape.message}${shape.requestId === undefined ? '' : ` (request ${shape.requestId})`}`,
        undefined,
        error,
      );
  }
}

function noCredentials(context: ErrorContext, message: string, cause: unknown): ShedbenchError {
  const missingProfile =
    /could not resolve.*profile|profile .* (could not be found|not found)|parsing.*profile/i;
  if (context.profile !== undefined && missingProfile.test(message)) {
    return awsError(
      'unknown-profile',
      `Profile ${context.profile} gives no credentials: ${message}`,
      'List the profiles there are: aws configure list-profiles; or run on this machine: --local',
      cause,
    );
  }
  return awsError(
    'no-credentials',
    `No AWS credentials found${context.profile === undefined ? '' : ` for profile ${context.profile}`}`,
    'Name a profile (--profile NAME), log in (aws sso login), or run everything on this machine: --local',
    cause,
  );
}

const DENIED_MESSAGE =
  /(?:User: (?<who>\S+) )?is not authorized to perform: (?<action>[\w-]+:\w+)(?:.*? on resource: (?<resource>\S+))?(?:.*?(?<why>because .*|with an explicit deny.*))?/;

/**
 * The action and resource of a denial, from AWS's message, `undefined` where it names none.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export function parseDenial(message: string):
  | {
      readonly action: string;
      readonly resource: string | undefined;
      readonly who: string | undefined;
      readonly why: string | undefined;
    }
  | undefined {
  const groups = DENIED_MESSAGE.exec(message)?.groups;
  if (groups?.action === undefined) return undefined;
  return {
    action: groups.action,
    resource: groups.resource?.replace(/[.,;]$/, ''),
    who: groups.who,
    why: groups.why,
  };
}

function accessDenied(
  error: unknown,
  shape: ErrorShape,
  call: AwsCall | undefined,
  context: ErrorContext,
): ShedbenchError {
  const denial = parseDenial(shape.message);
  // A HEAD answer has no body and S3's names no action: the call itself tells which permission it needed.
  const action = denial?.action ?? (call === undefined ? undefined : iamActionsOf(call).join(' or '));
  if (action === undefined || action === '') {
    return awsError(
      'access-denied',
      `${context.endpoint ?? 'AWS'} refused: ${shape.message}`,
      undefined,
      error,
    );
  }
  const on = denial?.resource === undefined ? '' : ` on ${denial.resource}`;
  const by = denial?.who === undefined ? '' : ` to ${denial.who}`;
  const why = denial?.why === undefined ? '' : ` (${denial.why})`;
  return awsError(
    'access-denied',
    `Not allowed${by}: ${action}${on}${why}`,
    'Ask for this permission; docs/iam-policy.json in the package lists all that shedbench needs',
    error,
  );
}

function networkError(
  error: unknown,
  shape: ErrorShape,
  what: string,
  context: ErrorContext,
): ShedbenchError {
  if (isLoopbackEndpoint(context.endpoint)) {
    const local = context.kind === 'local';
    return awsError(
      local ? 'local-cloud-gone' : 'endpoint-unreachable',
      `${local ? 'The local cloud does not answer' : 'Nothing answers'} at ${context.endpoint ?? ''}: ${shape.message}`,
      local ? LOCAL_LOG_HINT : 'Start the endpoint, or unset AWS_ENDPOINT_URL',
      error,
    );
  }
  if (shape.code === 'ENOTFOUND' && context.endpoint === undefined) {
    return awsError(
      'endpoint-not-found',
      `${what}no such host: ${shape.message}`,
      `Check the network and that ${context.region} is a region: --region us-east-1`,
      error,
    );
  }
  return awsError(
    'network',
    `${what}no connection to ${context.endpoint ?? context.region}: ${shape.message}`,
    'Check the network, then run the same command again: it picks up where this one ended',
    error,
  );
}

function isClockSkew({ name, code, message }: ErrorShape): boolean {
  const skewCodes = ['RequestTimeTooSkewed', 'RequestInTheFuture'];
  return (
    skewCodes.includes(name) ||
    skewCodes.includes(code) ||
    /Signature expired: .* is now earlier than|Signature not yet current/.test(message)
  );
}

function shapeOf(error: unknown): ErrorShape {
  const object = typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : {};
  const metadata = record(object.$metadata);
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const status = metadata.httpStatusCode;
  const requestId = metadata.requestId;
  const innermost = Array.isArray(object.errors) ? record(object.errors[0]) : {};
  const message = text(object.message) || text(innermost.message) || text(object.name) || String(error);
  return {
    name: text(object.name),
    // A refused connection to a name with several addresses is an AggregateError around the real ones.
    code: text(object.Code) || text(object.code) || text(innermost.code),
    message: message.replace(/\s+/g, ' ').trim(),
    status: typeof status === 'number' ? status : undefined,
    requestId: typeof requestId === 'string' ? requestId : undefined,
    throttling: record(object.$retryable).throttling === true,
  };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

import { awsError, ShedbenchError } from '../errors.ts';
import type { Target } from '../model/target.ts';
import { isLoopbackEndpoint } from './aws-endpoint.ts';
import { type ErrorShape, shapeOf } from './error-shape.ts';
import { classifyFailure, type FailureKind } from './failure-kind.ts';
import { type AwsCall, iamActionsOf } from './iam-actions.ts';

const failedCalls = new WeakMap<object, AwsCall>();

/** Records the call that failed with an error. */
export function rememberFailedCall(error: unknown, call: AwsCall): void {
  if (typeof error === 'object' && error !== null && !failedCalls.has(error)) failedCalls.set(error, call);
}

/** The call that failed with this error, if one of shedbench's clients made it. */
export function failedCallOf(error: unknown): AwsCall | undefined {
  return typeof error === 'object' && error !== null ? failedCalls.get(error) : undefined;
}

/**
 * AWS's error code (`ValidationError`, `NoSuchBucket`, …), otherwise the system's (`ECONNREFUSED`), otherwise the class
 * name.
 */
export function errorCodeOf(error: unknown): string {
  const shape = shapeOf(error);
  return shape.code === '' ? shape.name : shape.code;
}

/** The message as AWS or the system wrote it. */
export function errorMessageOf(error: unknown): string {
  return shapeOf(error).message;
}

/** The facts that a translated message contains besides the error. */
export type ErrorContext = Pick<Target, 'kind' | 'region' | 'endpoint' | 'profile'>;

/** A failure of known kind. */
interface Failure {
  readonly error: unknown;
  readonly shape: ErrorShape;
  readonly call: AwsCall | undefined;
  readonly context: ErrorContext;
  /** The endpoint, or AWS's region. */
  readonly where: string;
  /** `cloudformation:DescribeStacks: `. Empty if the call is not known. */
  readonly what: string;
}

/** The hint that names the local cloud's log. */
const LOCAL_LOG_HINT = 'shedbench local logs says why';

/**
 * Translates an error for the user: one line that says what failed, and a hint with the next command. Returns a
 * `ShedbenchError` unchanged, and also every error that is not a failure of AWS, credentials or the network.
 */
export function translateAwsError(error: unknown, context: ErrorContext): unknown {
  if (error instanceof ShedbenchError) return error;
  const call = failedCallOf(error);
  const kind = classifyFailure(error);
  if (call === undefined && (kind === 'other' || kind === 'aborted')) return error;
  return TRANSLATIONS[kind]({
    error,
    shape: shapeOf(error),
    call,
    context,
    where: context.endpoint ?? context.region,
    what: call === undefined ? '' : `${call.service}:${call.operation}: `,
  });
}

const TRANSLATIONS: Readonly<Record<FailureKind, (failure: Failure) => ShedbenchError>> = {
  throttled: ({ what, shape, error }) =>
    awsError(
      'throttled',
      `${what}AWS still refuses for too many requests after all retries: ${shape.message}`,
      'Run the same command again in a minute: it continues where this one ended',
      error,
    ),
  quota: quotaReached,
  network: networkError,
  tls: untrustedCertificate,
  'proxy-denied': proxyDenied,
  server: serverError,
  'access-denied': accessDenied,
  'expired-credentials': ({ what, context, error }) =>
    awsError(
      'expired-credentials',
      `${what}the credentials have expired${context.profile === undefined ? '' : ` (profile ${context.profile})`}`,
      'Get new ones in the same way (for SSO: aws sso login), then run the same command again: it continues',
      error,
    ),
  'invalid-credentials': ({ what, where, shape, context, error }) =>
    awsError(
      'invalid-credentials',
      `${what}${where} does not accept the credentials: ${shape.message}`,
      `Check the keys and that the region ${context.region} is enabled for the account: aws sts get-caller-identity --region ${context.region}`,
      error,
    ),
  'clock-skew': ({ what, shape, error }) =>
    awsError(
      'clock-skew',
      `${what}this machine's clock is wrong: ${shape.message}`,
      'Set the clock (timedatectl set-ntp true), then run the same command again',
      error,
    ),
  unsupported: ({ where, call, error }) =>
    awsError(
      'unsupported-operation',
      `${where} does not know the operation${call === undefined ? '' : ` ${call.service}:${call.operation}`}`,
      undefined,
      error,
    ),
  aborted: otherFailure,
  other: otherFailure,
};

function serverError({ what, where, shape, context, error }: Failure): ShedbenchError {
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
    'Run the same command again: it continues where this one ended',
    error,
  );
}

function otherFailure({ what, shape, error }: Failure): ShedbenchError {
  const request = shape.requestId === undefined ? '' : ` (request ${shape.requestId})`;
  return awsError('aws-error', `${what}${shape.message}${request}`, undefined, error);
}

/** Service Quotas' names of services whose name differs from the IAM prefix. */
const QUOTA_SERVICE: Readonly<Record<string, string>> = { sts: 'iam' };

/** @see https://docs.aws.amazon.com/servicequotas/latest/userguide/request-quota-increase.html */
function quotaReached({ what, call, context, shape, error }: Failure): ShedbenchError {
  const service = call === undefined ? '' : `/services/${QUOTA_SERVICE[call.service] ?? call.service}/quotas`;
  const console = `https://${context.region}.console.aws.amazon.com/servicequotas/home${service}`;
  const code = shape.code === '' ? shape.name : shape.code;
  return awsError(
    'quota-reached',
    `${what}a quota of the account is used up in ${context.region}: ${code}: ${shape.message}`,
    context.endpoint === undefined
      ? `Delete what is not needed, or ask for more at ${console}`
      : 'Delete what is not needed',
    error,
  );
}

/**
 * The error for an untrusted certificate. Usually a proxy intercepts the traffic and signs it with a company's own key.
 */
export function untrustedCertificate({
  what,
  where,
  shape,
  error,
}: Pick<Failure, 'what' | 'where' | 'shape' | 'error'>): ShedbenchError {
  return awsError(
    'tls-not-trusted',
    `${what}the certificate of ${where} is not trusted: ${shape.message}`,
    'If a proxy intercepts the traffic, name the certificate of its authority: NODE_EXTRA_CA_CERTS=/path/to/ca.pem',
    error,
  );
}

function proxyDenied({ what, error }: Failure): ShedbenchError {
  return awsError(
    'proxy-denied',
    `${what}the proxy asks for a user name and password (status 407)`,
    'Give both in HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT',
    error,
  );
}

const DENIED_MESSAGE =
  /(?:User: (?<who>\S+) )?is not authorized to perform: (?<action>[\w-]+:\w+)(?:.*? on resource: (?<resource>\S+))?(?:.*?(?<why>because .*|with an explicit deny.*))?/;

/**
 * The action and the resource in AWS's message of a denial. Undefined if the message names none.
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

function accessDenied({ error, shape, call, context }: Failure): ShedbenchError {
  const denial = parseDenial(shape.message);
  // Answers to HEAD requests have no body, and S3's messages name no action. The call determines the permission.
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

function networkError({ error, shape, what, context }: Failure): ShedbenchError {
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
    'Check the network and HTTPS_PROXY, then run the same command again: it continues where this one ended',
    error,
  );
}

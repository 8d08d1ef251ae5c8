import type { ErrorShape } from './error-shape.ts';
import { shapeOf } from './error-shape.ts';

/** The kind of an AWS call's failure. It determines how the failure is handled. */
export type FailureKind =
  /** Too many requests at this time. The same request works later. */
  | 'throttled'
  /** A quota of the account is used up. The same request fails until the quota is raised or something is deleted. */
  | 'quota'
  | 'network'
  /** The server's certificate is not trusted, for example because a proxy intercepts TLS. */
  | 'tls'
  /** The proxy requires a user name and password. */
  | 'proxy-denied'
  | 'server'
  | 'access-denied'
  | 'expired-credentials'
  | 'invalid-credentials'
  | 'clock-skew'
  /** The endpoint does not know the operation. It is an emulator, or a region that does not have the operation yet. */
  | 'unsupported'
  | 'aborted'
  | 'other';

/**
 * The error codes that mean "too many requests". `LimitExceededException` is not one of them: the SDK retries it, but
 * in the services that shedbench calls it means a quota.
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
const THROTTLING_CODES: ReadonlySet<string> = new Set([
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
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

/**
 * The error codes that mean that a quota is used up.
 * @see
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html#API_CreateChangeSet_Errors
 */
const QUOTA_CODES: ReadonlySet<string> = new Set([
  'CodeStorageExceededException',
  'LimitExceeded',
  'LimitExceededException',
  'QuotaExceededException',
  'ServiceQuotaExceededException',
  'TooManyBuckets',
]);

/**
 * Node's codes for a certificate that it does not trust.
 * @see https://nodejs.org/api/tls.html#x509-certificate-error-codes
 */
const TLS_CODES: ReadonlySet<string> = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** OpenSSL's texts for an untrusted certificate, for errors of which only the text is known. */
const TLS_TEXT =
  /self-signed certificate|unable to (get|verify) .*(issuer|first) certificate|certificate has expired/i;

/** Texts for a lost network, for errors of which only the text is known. */
const NETWORK_TEXT =
  /socket hang up|network|timed? ?out|\b(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT)\b/i;

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

/** The HTTP status with which a proxy requires a user name and password. */
const PROXY_AUTHENTICATION_REQUIRED = 407;

/** The kind of a failure. `other` is an error that AWS means literally (`ValidationError`, `NoSuchKey`, …). */
export function classifyFailure(error: unknown): FailureKind {
  const shape = shapeOf(error);
  const { name, message, status } = shape;
  if (name === 'AbortError') return 'aborted';
  // A missing network while credentials are fetched is a ShedbenchError.
  if (name === 'ShedbenchError') return shape.code === 'network' ? 'network' : 'other';
  if (status === PROXY_AUTHENTICATION_REQUIRED) return 'proxy-denied';
  if (isClockSkew(shape)) return 'clock-skew';
  const answered = kindOfAnswer(shape);
  if (answered !== undefined) return answered;
  if (status !== undefined) return status >= 500 ? 'server' : 'other';
  if (hasCode(shape, TLS_CODES) || TLS_TEXT.test(message)) return 'tls';
  if (hasCode(shape, NETWORK_CODES) || NETWORK_TEXT.test(message)) return 'network';
  return 'other';
}

function kindOfAnswer(shape: ErrorShape): FailureKind | undefined {
  const { status } = shape;
  if (hasCode(shape, QUOTA_CODES)) return 'quota';
  if (hasCode(shape, THROTTLING_CODES) || shape.throttling || status === 429) return 'throttled';
  if (hasCode(shape, EXPIRED_CODES)) return 'expired-credentials';
  if (hasCode(shape, INVALID_CREDENTIAL_CODES)) return 'invalid-credentials';
  if (hasCode(shape, UNSUPPORTED_CODES) || status === 501) return 'unsupported';
  if (hasCode(shape, DENIED_CODES) || status === 403) return 'access-denied';
  return undefined;
}

function hasCode({ name, code }: ErrorShape, codes: ReadonlySet<string>): boolean {
  return codes.has(name) || codes.has(code);
}

function isClockSkew({ name, code, message }: ErrorShape): boolean {
  const skewCodes = ['RequestTimeTooSkewed', 'RequestInTheFuture'];
  return (
    skewCodes.includes(name) ||
    skewCodes.includes(code) ||
    /Signature expired: .* is now earlier than|Signature not yet current/.test(message)
  );
}

/** Whether a failure is temporary, so that the same call can be repeated a little later. */
export function isTransient(error: unknown): boolean {
  const kind = classifyFailure(error);
  return kind === 'throttled' || kind === 'network' || kind === 'server';
}

/** The HTTP status of S3's answer about a bucket in another region than that of the request. */
const MOVED_PERMANENTLY = 301;

/**
 * The region of a bucket that was requested in another region (`us-west-2`, or `another region` if S3 does not name
 * it). Undefined for every other failure.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html
 */
export function otherRegionOf(error: unknown): string | undefined {
  const { status, bucketRegion } = shapeOf(error);
  return status === MOVED_PERMANENTLY ? (bucketRegion ?? 'another region') : undefined;
}

/** Whether a service says that the named thing does not exist. */
export function isNotFound(error: unknown): boolean {
  const { name, code, message, status } = shapeOf(error);
  return (
    status === 404 ||
    /^(ResourceNotFound|NoSuch|NotFound|ChangeSetNotFound|StackNotFound)/.test(name) ||
    /^(ResourceNotFound|NoSuch|NotFound|ChangeSetNotFound|StackNotFound)/.test(code) ||
    // CloudFormation answers a request for an unknown stack with a ValidationError. Only the message identifies the
    // cause.
    (name === 'ValidationError' && /does not exist/.test(message))
  );
}

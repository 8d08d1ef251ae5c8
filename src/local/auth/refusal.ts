import { jsonError } from '../protocols/aws-json.ts';
import { escapeXml } from '../protocols/xml.ts';
import type { DoorResponse, ServiceError } from '../seams.ts';
import type { AuthFailure } from './sigv4.ts';

/** The groups of protocols with the same form of error. */
export type Family = 'query' | 'json' | 'rest-json' | 's3';

const FAMILY_OF_SERVICE: Readonly<Record<string, Family>> = {
  cloudformation: 'query',
  sts: 'query',
  iam: 'query',
  logs: 'json',
  dynamodb: 'json',
  lambda: 'rest-json',
  apigateway: 'rest-json',
  shedbench: 'rest-json',
  s3: 's3',
};

/**
 * AWS's error code for each failure, by family.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
const CODES: Readonly<Record<AuthFailure, Readonly<Record<Family, string>>>> = {
  missing: {
    query: 'MissingAuthenticationToken',
    json: 'MissingAuthenticationTokenException',
    'rest-json': 'MissingAuthenticationTokenException',
    s3: 'AccessDenied',
  },
  incomplete: {
    query: 'IncompleteSignature',
    json: 'IncompleteSignatureException',
    'rest-json': 'IncompleteSignatureException',
    s3: 'AccessDenied',
  },
  'unknown-key': {
    query: 'InvalidClientTokenId',
    json: 'UnrecognizedClientException',
    'rest-json': 'UnrecognizedClientException',
    s3: 'InvalidAccessKeyId',
  },
  mismatch: {
    query: 'SignatureDoesNotMatch',
    json: 'InvalidSignatureException',
    'rest-json': 'InvalidSignatureException',
    s3: 'SignatureDoesNotMatch',
  },
  'wrong-region': {
    query: 'SignatureDoesNotMatch',
    json: 'InvalidSignatureException',
    'rest-json': 'InvalidSignatureException',
    s3: 'AuthorizationHeaderMalformed',
  },
  skewed: {
    query: 'SignatureDoesNotMatch',
    json: 'InvalidSignatureException',
    'rest-json': 'InvalidSignatureException',
    s3: 'RequestTimeTooSkewed',
  },
  expired: {
    query: 'RequestExpired',
    json: 'InvalidSignatureException',
    'rest-json': 'InvalidSignatureException',
    s3: 'AccessDenied',
  },
  'payload-mismatch': {
    query: 'SignatureDoesNotMatch',
    json: 'InvalidSignatureException',
    'rest-json': 'InvalidSignatureException',
    s3: 'XAmzContentSHA256Mismatch',
  },
};

/** The family of a service. For a request that names no service, the family whose client most likely sent it. */
export function familyOf(
  service: string | undefined,
  headers: Readonly<Record<string, string>>,
  path: string,
): Family {
  const known =
    service !== undefined && Object.hasOwn(FAMILY_OF_SERVICE, service)
      ? FAMILY_OF_SERVICE[service]
      : undefined;
  if (known !== undefined) return known;
  if (headers['x-amz-target'] !== undefined) return 'json';
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true) return 'query';
  return /^\/(?:\d{4}-\d\d-\d\d|_)/.test(path) ? 'rest-json' : 's3';
}

export function authFailureCode(failure: AuthFailure, family: Family): string {
  return CODES[failure][family];
}

/** Renders an error in the form that clients of this family read. */
export function renderRefusal(error: ServiceError, family: Family, requestId: string): DoorResponse {
  switch (family) {
    case 'json':
      return jsonError(error, 'application/x-amz-json-1.1');
    case 'rest-json':
      return jsonError(error, 'application/json');
    case 'query':
      return xml(
        error.status,
        `<ErrorResponse><Error><Type>Sender</Type><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
      );
    case 's3':
      return xml(
        error.status,
        `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message><RequestId>${requestId}</RequestId></Error>`,
      );
  }
}

function xml(status: number, body: string): DoorResponse {
  return { status, headers: { 'content-type': 'application/xml' }, body };
}

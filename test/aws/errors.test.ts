import { describe, expect, test } from 'vitest';
import {
  type ErrorContext,
  parseDenial,
  rememberFailedCall,
  translateAwsError,
} from '../../src/aws/errors.ts';
import { classifyFailure, isNotFound, isTransient } from '../../src/aws/failure-kind.ts';
import type { AwsCall } from '../../src/aws/iam-actions.ts';
import { ShedbenchError, usageError } from '../../src/errors.ts';

const CONTEXT: ErrorContext = { kind: 'aws', region: 'eu-west-3', profile: 'farm' };
const CALL: AwsCall = { service: 'cloudformation', operation: 'DescribeStacks' };

function error(fields: Record<string, unknown>, message = 'the message'): Error {
  return Object.assign(new Error(message), fields);
}

function answered(name: string, status: number, message = 'the message'): Error {
  return error({ name, $metadata: { httpStatusCode: status, requestId: 'r-1' } }, message);
}

function translated(failure: Error, context = CONTEXT, call: AwsCall | undefined = CALL): ShedbenchError {
  if (call !== undefined) rememberFailedCall(failure, call);
  const told = translateAwsError(failure, context);
  if (told instanceof ShedbenchError) return told;
  throw new Error('not translated', { cause: told });
}

describe('the kind of a failure', () => {
  test.each([
    ['throttled', answered('Throttling', 400)],
    ['throttled', answered('TooManyRequestsException', 429)],
    ['throttled', answered('Unknown', 429)],
    ['throttled', error({ name: 'X', $retryable: { throttling: true } })],
    ['throttled', answered('SlowDown', 503)],
    ['quota', answered('LimitExceededException', 400)],
    ['quota', answered('LimitExceededException', 429)],
    ['quota', answered('ServiceQuotaExceededException', 402)],
    ['quota', answered('TooManyBuckets', 400)],
    ['tls', error({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })],
    ['tls', error({}, 'self-signed certificate in certificate chain')],
    ['proxy-denied', answered('Unknown', 407)],
    ['network', error({ code: 'ECONNRESET' })],
    ['network', error({ code: 'ENOTFOUND' })],
    ['network', error({ code: 'EAI_AGAIN' })],
    ['network', error({ name: 'TimeoutError' }, 'connection timed out')],
    ['network', error({}, 'socket hang up')],
    ['network', new AggregateError([error({ code: 'ECONNREFUSED' })])],
    ['server', answered('InternalFailure', 500)],
    ['server', answered('ServiceUnavailable', 503)],
    ['access-denied', answered('AccessDenied', 403)],
    ['access-denied', answered('AccessDeniedException', 400)],
    ['access-denied', answered('Forbidden', 403, 'UnknownError')],
    ['expired-credentials', answered('ExpiredToken', 403)],
    ['expired-credentials', answered('ExpiredTokenException', 400)],
    ['invalid-credentials', answered('InvalidClientTokenId', 403)],
    ['invalid-credentials', answered('UnrecognizedClientException', 400)],
    ['invalid-credentials', answered('SignatureDoesNotMatch', 403)],
    [
      'clock-skew',
      answered(
        'SignatureDoesNotMatch',
        403,
        'Signature expired: 20260101T000000Z is now earlier than 20260101T001500Z',
      ),
    ],
    ['clock-skew', answered('RequestTimeTooSkewed', 403)],
    ['unsupported', answered('InvalidAction', 400)],
    ['unsupported', answered('UnknownOperationException', 404)],
    ['unsupported', answered('NotImplemented', 501)],
    ['aborted', error({ name: 'AbortError' })],
    ['other', answered('ValidationError', 400)],
    ['other', answered('NoSuchKey', 404)],
    ['other', new TypeError('x is not a function')],
    ['other', 'a string'],
  ])('the kind of a failure is %s for %s', (kind, failure) => {
    expect(classifyFailure(failure)).toBe(kind);
  });

  test('the kind of a failure decides whether it passes by itself', () => {
    expect(isTransient(answered('Throttling', 400))).toBe(true);
    expect(isTransient(error({ code: 'ECONNRESET' }))).toBe(true);
    expect(isTransient(answered('InternalFailure', 500))).toBe(true);
    expect(isTransient(answered('AccessDenied', 403))).toBe(false);
    expect(isTransient(answered('LimitExceededException', 400))).toBe(false);
    expect(isTransient(error({ name: 'AbortError' }))).toBe(false);
  });
});

describe('what does not exist', () => {
  test.each([
    [true, answered('NotFound', 404)],
    [true, answered('NoSuchBucket', 404)],
    [true, answered('ResourceNotFoundException', 400)],
    [true, answered('ChangeSetNotFoundException', 404)],
    [true, answered('ChangeSetNotFound', 404)],
    [true, answered('ValidationError', 400, 'Stack with id shed does not exist')],
    [false, answered('ValidationError', 400, 'No updates are to be performed.')],
    [false, answered('AccessDenied', 403)],
    [false, answered('InternalFailure', 500)],
  ])('%s does not exist for %s', (expected, failure) => {
    expect(isNotFound(failure)).toBe(expected);
  });
});

describe('a denial', () => {
  test.each([
    [
      'User: arn:aws:sts::123456789012:assumed-role/dev/jo is not authorized to perform: cloudformation:CreateChangeSet on resource: arn:aws:cloudformation:eu-west-3:123456789012:stack/shed-node-api/* because no identity-based policy allows the cloudformation:CreateChangeSet action',
      'cloudformation:CreateChangeSet',
      'arn:aws:cloudformation:eu-west-3:123456789012:stack/shed-node-api/*',
      'because no identity-based policy allows the cloudformation:CreateChangeSet action',
    ],
    [
      'User: arn:aws:iam::123456789012:user/jo is not authorized to perform: lambda:GetFunction on resource: arn:aws:lambda:eu-west-3:123456789012:function:shed-node-get-dog-count with an explicit deny in a service control policy',
      'lambda:GetFunction',
      'arn:aws:lambda:eu-west-3:123456789012:function:shed-node-get-dog-count',
      'with an explicit deny in a service control policy',
    ],
    [
      'User: arn:aws:iam::123456789012:user/jo is not authorized to perform: logs:DescribeLogGroups',
      'logs:DescribeLogGroups',
      undefined,
      undefined,
    ],
  ])('a denial names action and resource: %s', (message, action, resource, why) => {
    expect(parseDenial(message)).toMatchObject({ action, resource, why });
  });

  test('a denial that names nothing adds no guess', () => {
    expect(parseDenial('Access Denied')).toBeUndefined();
  });

  test('a denial of a HEAD without a body names the permissions that the call needs', () => {
    const told = translated(answered('Forbidden', 403, 'UnknownError'), CONTEXT, {
      service: 's3',
      operation: 'HeadObject',
    });
    expect(told.message).toBe('Not allowed: s3:GetObject or s3:GetObjectVersion');
    expect(told).toMatchObject({ code: 'access-denied', exitCode: 3 });
  });
});

describe('what a person reads', () => {
  test('the message about a quota names it and where to raise it', () => {
    const told = translated(answered('LimitExceededException', 400, 'stack limit exceeded'));
    expect(told).toMatchObject({
      code: 'quota-reached',
      exitCode: 3,
      message:
        'cloudformation:DescribeStacks: a quota of the account is used up in eu-west-3: LimitExceededException: stack limit exceeded',
      hint: 'Delete what is not needed, or ask for more at https://eu-west-3.console.aws.amazon.com/servicequotas/home/services/cloudformation/quotas',
    });
  });

  test('the message about a certificate that is not trusted names NODE_EXTRA_CA_CERTS', () => {
    const failure = error(
      { code: 'SELF_SIGNED_CERT_IN_CHAIN' },
      'self-signed certificate in certificate chain',
    );
    expect(translated(failure)).toMatchObject({
      code: 'tls-not-trusted',
      exitCode: 3,
      hint: expect.stringContaining('NODE_EXTRA_CA_CERTS='),
    });
  });

  test('the message about a proxy that requires a password says how to give it', () => {
    expect(translated(answered('Unknown', 407))).toMatchObject({
      code: 'proxy-denied',
      hint: expect.stringContaining('HTTPS_PROXY'),
    });
  });

  test('the message about a killed local cloud names its address, and the hint names its log', () => {
    const context: ErrorContext = { kind: 'local', region: 'us-east-1', endpoint: 'http://127.0.0.1:4567' };
    expect(
      translated(error({ code: 'ECONNREFUSED' }, 'connect ECONNREFUSED 127.0.0.1:4567'), context),
    ).toMatchObject({
      code: 'local-cloud-gone',
      message:
        'The local cloud does not answer at http://127.0.0.1:4567: connect ECONNREFUSED 127.0.0.1:4567',
      hint: 'shedbench local logs says why',
    });
  });

  test('the message about a failed local cloud names its log, not AWS', () => {
    const context: ErrorContext = { kind: 'local', region: 'us-east-1', endpoint: 'http://127.0.0.1:4567' };
    expect(translated(answered('InternalFailure', 500, 'the database is gone'), context)).toMatchObject({
      code: 'local-cloud-failed',
      message: 'cloudformation:DescribeStacks: the local cloud failed: the database is gone',
      hint: 'shedbench local logs says why',
    });
  });

  test('the message about an unknown host questions the region', () => {
    const told = translated(
      error({ code: 'ENOTFOUND' }, 'getaddrinfo ENOTFOUND sts.eu-west-9.amazonaws.com'),
    );
    expect(told).toMatchObject({ code: 'endpoint-not-found', hint: expect.stringContaining('--region') });
  });

  test('the message about an unforeseen answer contains the request id', () => {
    expect(translated(answered('ValidationError', 400, 'Template error')).message).toBe(
      'cloudformation:DescribeStacks: Template error (request r-1)',
    );
  });

  test.each([
    ['expired-credentials', answered('ExpiredToken', 403)],
    ['invalid-credentials', answered('InvalidClientTokenId', 403)],
    ['clock-skew', answered('RequestTimeTooSkewed', 403)],
    ['throttled', answered('Throttling', 400)],
    ['aws-server-error', answered('InternalFailure', 500)],
    ['network', error({ code: 'ECONNRESET' })],
  ])('the message about %s is one line with a hint, and exits with 3', (code, failure) => {
    const told = translated(failure);
    expect(told).toMatchObject({ code, exitCode: 3 });
    expect(told.message).not.toContain('\n');
    expect(told.hint).not.toBe('');
    expect(told.cause).toBe(failure);
  });
});

describe('what is no failure of AWS', () => {
  test('an error of shedbench stays unchanged', () => {
    const ours = usageError('x', 'y');
    expect(translateAwsError(ours, CONTEXT)).toBe(ours);
  });

  test('a bug stays unchanged', () => {
    const bug = new TypeError('x is not a function');
    expect(translateAwsError(bug, CONTEXT)).toBe(bug);
  });
});

import { createHmac, timingSafeEqual } from 'node:crypto';
import { ServiceError } from '../seams.ts';
import { decodeAwsChunked } from './aws-chunked.ts';
import { canonicalHeaders, canonicalPath, canonicalQuery, sha256Hex } from './canonical.ts';

/** The parts of a request that its signature depends on. */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly rawQuery: string;
  readonly query: URLSearchParams;
  /** Names in lower case. Repeated headers are joined with `,`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

/** Why a request is refused. `refusal.ts` maps it to AWS's error code. */
export type AuthFailure =
  | 'missing'
  | 'incomplete'
  | 'unknown-key'
  | 'mismatch'
  | 'wrong-region'
  | 'skewed'
  | 'expired'
  | 'payload-mismatch';

export type Verdict =
  | {
      readonly ok: true;
      readonly service: string;
      /** The body without `aws-chunked` framing. */
      readonly body: Buffer;
      /** Trailers of a chunked body, names in lower case. */
      readonly trailers: Readonly<Record<string, string>>;
    }
  | {
      readonly ok: false;
      readonly failure: AuthFailure;
      readonly message: string;
      /** The service that the credential scope names; undefined if the request has none. */
      readonly service: string | undefined;
    };

const ALGORITHM = 'AWS4-HMAC-SHA256';
/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html */
const MAX_SKEW_MS = 15 * 60_000;
/** A presigned URL is valid for a week at most. */
const MAX_EXPIRES_SECONDS = 604_800;
const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';
const HEX_SHA256 = /^[0-9a-f]{64}$/;

/** A signature from either the Authorization header or a presigned URL. */
interface Signature {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly amzDate: string;
  /** For how many seconds a presigned URL is valid. */
  readonly expires: number | undefined;
}

/** A signature of the right key, region and time. Its value has not been compared yet. */
interface CheckedSignature {
  readonly signature: Signature;
  readonly isPresigned: boolean;
}

/**
 * Checks whether a request may send its body. Its signature must name this key and region and a current time. If a
 * header states the hash of the body, the signature itself is checked too. Otherwise it is checked when the body has
 * arrived.
 */
export function checkHead(
  request: Omit<SignedRequest, 'body'>,
  keys: Keys,
  nowEpochMs: number,
): { readonly ok: true; readonly service: string } | Extract<Verdict, { ok: false }> {
  const checked = readSignature(request, keys, nowEpochMs);
  if ('failure' in checked) return checked;
  const { signature, isPresigned } = checked;
  const { service } = signature;
  const payloadHash = request.headers['x-amz-content-sha256'];
  if (payloadHash !== undefined && !isSigned(request, checked, keys, payloadHash)) return mismatch(service);
  // S3 accepts an unsigned body for a presigned URL without this header.
  if (payloadHash === undefined && isPresigned && service === 's3') {
    if (!isSigned(request, checked, keys, UNSIGNED_PAYLOAD)) return mismatch(service);
  }
  return { ok: true, service };
}

/**
 * Verifies that a request is signed with these keys (Signature Version 4, in the Authorization header or presigned).
 * Signatures are compared in constant time.
 * @throws ServiceError for an `aws-chunked` body that is cut short or whose chunks are not signed
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function verifySignature(request: SignedRequest, keys: Keys, nowEpochMs: number): Verdict {
  const checked = readSignature(request, keys, nowEpochMs);
  if ('failure' in checked) return checked;
  const { signature, isPresigned } = checked;
  const { service } = signature;
  const payloadHash =
    request.headers['x-amz-content-sha256'] ??
    (isPresigned && service === 's3' ? UNSIGNED_PAYLOAD : sha256Hex(request.body));
  if (!isSigned(request, checked, keys, payloadHash)) return mismatch(service);
  return acceptPayload(request, service, payloadHash, {
    signingKey: deriveKey(keys.secretAccessKey, signature),
    seedSignature: signature.signature,
    amzDate: signature.amzDate,
    scope: scopeOf(signature),
  });
}

function readSignature(
  request: Omit<SignedRequest, 'body'>,
  keys: Keys,
  nowEpochMs: number,
): CheckedSignature | Extract<Verdict, { ok: false }> {
  const hasQuery = request.query.has('X-Amz-Signature') || request.query.has('X-Amz-Algorithm');
  const { authorization } = request.headers;
  if (!hasQuery && authorization === undefined) {
    return refuse('missing', 'Request is missing Authentication Token');
  }
  const signature =
    authorization === undefined ? fromQuery(request.query) : fromHeader(authorization, request.headers);
  if (typeof signature === 'string') return refuse('incomplete', signature);
  const { service } = signature;
  if (!constantTimeEqual(signature.accessKeyId, keys.accessKeyId)) {
    return refuse('unknown-key', 'The security token included in the request is invalid.', service);
  }
  if (signature.region !== keys.region) {
    return refuse(
      'wrong-region',
      `Credential should be scoped to a valid region, not '${signature.region}': this cloud is in ${keys.region}`,
      service,
    );
  }
  const late = checkTime(signature, nowEpochMs);
  if (late !== undefined) return refuse(late.failure, late.message, service);
  return { signature, isPresigned: authorization === undefined };
}

function scopeOf({ date, region, service }: Signature): string {
  return `${date}/${region}/${service}/aws4_request`;
}

function isSigned(
  request: Omit<SignedRequest, 'body'>,
  { signature }: CheckedSignature,
  keys: Keys,
  payloadHash: string,
): boolean {
  const hasQuery = request.query.has('X-Amz-Signature') || request.query.has('X-Amz-Algorithm');
  const canonical = [
    request.method,
    canonicalPath(request.path, signature.service),
    canonicalQuery(request.rawQuery, hasQuery ? 'X-Amz-Signature' : undefined),
    canonicalHeaders(signature.signedHeaders, request.headers),
    signature.signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
  const expected = createHmac('sha256', deriveKey(keys.secretAccessKey, signature))
    .update(`${ALGORITHM}\n${signature.amzDate}\n${scopeOf(signature)}\n${sha256Hex(canonical)}`)
    .digest('hex');
  return constantTimeEqual(signature.signature, expected);
}

function mismatch(service: string): Extract<Verdict, { ok: false }> {
  return refuse(
    'mismatch',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
    service,
  );
}

/** Checks that the body is the one that the valid signature covers. */
function acceptPayload(
  request: SignedRequest,
  service: string,
  payloadHash: string,
  signer: Parameters<typeof decodeAwsChunked>[1],
): Verdict {
  const { body } = request;
  const none = {};
  if (payloadHash.startsWith('STREAMING-')) {
    const kind = /^STREAMING-(?:AWS4-HMAC-SHA256-PAYLOAD(-TRAILER)?|(UNSIGNED)-PAYLOAD-TRAILER)$/.exec(
      payloadHash,
    );
    if (kind === null)
      return refuse('incomplete', `Unsupported x-amz-content-sha256: ${payloadHash}`, service);
    const isUnsigned = kind[2] !== undefined;
    const decoded = decodeAwsChunked(
      body,
      isUnsigned ? undefined : signer,
      isUnsigned || kind[1] !== undefined,
    );
    const declared = request.headers['x-amz-decoded-content-length'];
    if (declared !== undefined && declared !== String(decoded.body.length)) {
      throw new ServiceError(
        'IncompleteBody',
        `x-amz-decoded-content-length is ${declared}, the body has ${decoded.body.length} bytes`,
      );
    }
    return { ok: true, service, body: decoded.body, trailers: decoded.trailers };
  }
  if (HEX_SHA256.test(payloadHash)) {
    // Only a hash from a header can differ from the body's hash. Without that header the hash was computed from the
    // body.
    const named = request.headers['x-amz-content-sha256'];
    if (named === payloadHash && sha256Hex(body) !== payloadHash) {
      return refuse(
        'payload-mismatch',
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
        service,
      );
    }
    return { ok: true, service, body, trailers: none };
  }
  if (payloadHash === UNSIGNED_PAYLOAD) return { ok: true, service, body, trailers: none };
  return refuse('incomplete', `Unsupported x-amz-content-sha256: ${payloadHash}`, service);
}

function fromHeader(authorization: string, headers: Readonly<Record<string, string>>): Signature | string {
  const space = authorization.indexOf(' ');
  if (authorization.slice(0, space) !== ALGORITHM) {
    return `Unsupported AWS 'algorithm': only ${ALGORITHM} is accepted`;
  }
  const fields = new Map<string, string>();
  for (const part of authorization.slice(space + 1).split(',')) {
    const equals = part.indexOf('=');
    fields.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim());
  }
  for (const name of ['Credential', 'SignedHeaders', 'Signature']) {
    if (!fields.has(name)) return `Authorization header requires '${name}' parameter.`;
  }
  return assemble(
    fields.get('Credential') ?? '',
    fields.get('SignedHeaders') ?? '',
    fields.get('Signature') ?? '',
    headers['x-amz-date'] ?? isoBasic(headers.date) ?? '',
    undefined,
  );
}

function fromQuery(query: URLSearchParams): Signature | string {
  if (query.get('X-Amz-Algorithm') !== ALGORITHM) return `X-Amz-Algorithm only supports "${ALGORITHM}"`;
  for (const name of ['Credential', 'SignedHeaders', 'Signature', 'Date', 'Expires']) {
    if (!query.has(`X-Amz-${name}`)) return `AWS query-string parameters must include 'X-Amz-${name}'.`;
  }
  const expires = query.get('X-Amz-Expires') ?? '';
  if (!/^\d{1,6}$/.test(expires) || Number(expires) > MAX_EXPIRES_SECONDS) {
    return 'X-Amz-Expires must be between 0 and 604800 seconds';
  }
  return assemble(
    query.get('X-Amz-Credential') ?? '',
    query.get('X-Amz-SignedHeaders') ?? '',
    query.get('X-Amz-Signature') ?? '',
    query.get('X-Amz-Date') ?? '',
    Number(expires),
  );
}

function assemble(
  credential: string,
  signedHeaders: string,
  signature: string,
  amzDate: string,
  expires: number | undefined,
): Signature | string {
  const scope = credential.split('/');
  const [accessKeyId = '', date = '', region = '', service = '', end = ''] = scope;
  if (scope.length !== 5 || end !== 'aws4_request') {
    return `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`;
  }
  if (!/^\d{8}T\d{6}Z$/.test(amzDate)) return "Date must be in ISO-8601 'basic format'.";
  if (!amzDate.startsWith(`${date}T`)) {
    return `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${amzDate.slice(0, 8)}'.`;
  }
  const names = signedHeaders.split(';');
  if (!names.includes('host')) return "'Host' must be a 'SignedHeader' in the AWS Authorization.";
  return { accessKeyId, date, region, service, signedHeaders: names, signature, amzDate, expires };
}

function checkTime(
  signature: Signature,
  nowEpochMs: number,
): { readonly failure: 'skewed' | 'expired'; readonly message: string } | undefined {
  const at = parseIsoBasic(signature.amzDate);
  if (Number.isNaN(at)) return { failure: 'skewed', message: 'The date of the request is not a valid date' };
  const now = formatIsoBasic(nowEpochMs);
  if (signature.expires !== undefined && nowEpochMs > at + signature.expires * 1000) {
    return { failure: 'expired', message: 'Request has expired' };
  }
  if (at > nowEpochMs + MAX_SKEW_MS) {
    return {
      failure: 'skewed',
      message: `Signature not yet current: ${signature.amzDate} is still later than ${now} (+ 15 min.)`,
    };
  }
  if (signature.expires === undefined && at < nowEpochMs - MAX_SKEW_MS) {
    return {
      failure: 'skewed',
      message: `Signature expired: ${signature.amzDate} is now earlier than ${now} (- 15 min.)`,
    };
  }
  return undefined;
}

let lastKey: { readonly of: string; readonly key: Buffer } | undefined;

/** Derives the signing key. It is the same for a whole day and service, so the last one is cached. */
function deriveKey(secret: string, signature: Signature): Buffer {
  const { date, region, service } = signature;
  const of = `${secret}/${date}/${region}/${service}`;
  if (lastKey?.of === of) return lastKey.key;
  let key: Buffer = Buffer.from(`AWS4${secret}`);
  for (const part of [date, region, service, 'aws4_request']) {
    key = createHmac('sha256', key).update(part).digest();
  }
  lastKey = { of, key };
  return key;
}

function constantTimeEqual(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

function refuse(failure: AuthFailure, message: string, service?: string): Extract<Verdict, { ok: false }> {
  return { ok: false, failure, message, service };
}

function isoBasic(date: string | undefined): string | undefined {
  if (date === undefined) return undefined;
  if (/^\d{8}T\d{6}Z$/.test(date)) return date;
  const ms = Date.parse(date);
  return Number.isNaN(ms) ? undefined : formatIsoBasic(ms);
}

function formatIsoBasic(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

function parseIsoBasic(text: string): number {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  return Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
}

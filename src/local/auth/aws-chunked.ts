import { createHmac } from 'node:crypto';
import { ServiceError } from '../seams.ts';
import { sha256Hex } from './canonical.ts';

/** What the signatures of chunks are checked with. */
export interface ChunkSigner {
  readonly signingKey: Buffer;
  /** The signature of the request, from which the signature of the first chunk is derived. */
  readonly seedSignature: string;
  readonly amzDate: string;
  /** `20260101/us-east-1/s3/aws4_request` */
  readonly scope: string;
}

export interface DecodedStream {
  readonly body: Buffer;
  /** Names in lower case. */
  readonly trailers: Readonly<Record<string, string>>;
}

const EMPTY_SHA256 = sha256Hex('');
const MAX_LINE_BYTES = 4096;

/**
 * Decodes S3's `aws-chunked` framing of a body. For a signed stream it checks the signature of every chunk and of the
 * trailers.
 * @param signer undefined for `STREAMING-UNSIGNED-PAYLOAD-TRAILER`
 * @param hasTrailers whether the payload's kind ends in `-TRAILER`
 * @throws ServiceError `IncompleteBody`, `SignatureDoesNotMatch`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export function decodeAwsChunked(
  body: Buffer,
  signer: ChunkSigner | undefined,
  hasTrailers: boolean,
): DecodedStream {
  const parts: Buffer[] = [];
  let previous = signer?.seedSignature ?? '';
  let at = 0;
  const line = (): string => {
    const end = body.indexOf('\r\n', at);
    if (end === -1 || end - at > MAX_LINE_BYTES) throw incomplete();
    const text = body.toString('latin1', at, end);
    at = end + 2;
    return text;
  };
  for (;;) {
    const header = /^([0-9a-fA-F]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line());
    if (header?.[1] === undefined) throw incomplete();
    const size = Number.parseInt(header[1], 16);
    const data = body.subarray(at, at + size);
    if (data.length !== size) throw incomplete();
    if (signer !== undefined) {
      const toSign = `AWS4-HMAC-SHA256-PAYLOAD\n${signer.amzDate}\n${signer.scope}\n${previous}\n${EMPTY_SHA256}\n${sha256Hex(data)}`;
      previous = hmacHex(signer.signingKey, toSign);
      if (header[2] !== previous) throw mismatch();
    }
    at += size;
    if (size === 0) break;
    parts.push(data);
    if (line() !== '') throw incomplete();
  }
  const trailers: Record<string, string> = {};
  let trailerText = '';
  let signature: string | undefined;
  while (at < body.length) {
    const text = line();
    if (text === '') continue;
    const colon = text.indexOf(':');
    if (colon < 1 || !hasTrailers) throw incomplete();
    const name = text.slice(0, colon).trim().toLowerCase();
    const value = text.slice(colon + 1).trim();
    if (name === 'x-amz-trailer-signature') signature = value;
    else {
      trailers[name] = value;
      trailerText += `${name}:${value}\n`;
    }
  }
  if (signer !== undefined && hasTrailers) {
    const toSign = `AWS4-HMAC-SHA256-TRAILER\n${signer.amzDate}\n${signer.scope}\n${previous}\n${sha256Hex(trailerText)}`;
    if (signature !== hmacHex(signer.signingKey, toSign)) throw mismatch();
  }
  return { body: Buffer.concat(parts), trailers };
}

function hmacHex(key: Buffer, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

function incomplete(): ServiceError {
  return new ServiceError(
    'IncompleteBody',
    'You did not provide the number of bytes specified by the Content-Length HTTP header',
  );
}

function mismatch(): ServiceError {
  return new ServiceError(
    'SignatureDoesNotMatch',
    'The chunk signature we calculated does not match the signature you provided',
    403,
  );
}

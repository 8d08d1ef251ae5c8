import { createHash } from 'node:crypto';
import { crc32, crc32c, crc64nvme } from './crc.ts';
import { S3Error } from './s3-error.ts';

export type ChecksumAlgorithm = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256';

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64. A composite checksum is followed by `-` and the number of parts. */
  readonly value: string;
  /** `COMPOSITE` if it is computed from the checksums of the parts. Undefined if it is of the whole object. */
  readonly type?: 'COMPOSITE';
}

const COMPUTE: Readonly<Record<ChecksumAlgorithm, (data: Buffer) => Buffer>> = {
  CRC32: crc32,
  CRC32C: crc32c,
  CRC64NVME: crc64nvme,
  SHA1: (data) => createHash('sha1').update(data).digest(),
  SHA256: (data) => createHash('sha256').update(data).digest(),
};
const ALGORITHMS = Object.keys(COMPUTE) as ChecksumAlgorithm[];

/** The ETag of an object or part that was uploaded as a whole: the MD5 of its bytes, in quotes. */
export function etagOf(body: Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`;
}

/** The header of an algorithm, such as `x-amz-checksum-crc32`. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** Computes the checksum of bytes. */
export function checksumOf(algorithm: ChecksumAlgorithm, data: Buffer): Checksum {
  return { algorithm, value: COMPUTE[algorithm](data).toString('base64') };
}

/**
 * Computes the checksum of an object that was uploaded in parts: the checksum of the concatenated checksums of the
 * parts.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export function compositeChecksum(algorithm: ChecksumAlgorithm, parts: readonly Checksum[]): Checksum {
  const digests = Buffer.concat(parts.map(({ value }) => Buffer.from(value, 'base64')));
  return {
    algorithm,
    value: `${COMPUTE[algorithm](digests).toString('base64')}-${parts.length}`,
    type: 'COMPOSITE',
  };
}

/**
 * Checks a body against the digests in the headers or trailers of its request. Returns the checksum to store: the given
 * one; a computed one if only the algorithm is given; CRC64NVME if nothing is given.
 * @throws S3Error `BadDigest`, `InvalidDigest`, `InvalidRequest`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
 */
export function verifyChecksums(body: Buffer, headers: Readonly<Record<string, string>>): Checksum {
  const md5 = headers['content-md5'];
  if (md5 !== undefined) {
    if (Buffer.from(md5, 'base64').length !== 16) {
      throw new S3Error('InvalidDigest', 'The Content-MD5 you specified was invalid.');
    }
    if (createHash('md5').update(body).digest('base64') !== md5) {
      throw new S3Error('BadDigest', 'The Content-MD5 you specified did not match what we received.');
    }
  }
  const named = ALGORITHMS.filter((algorithm) => headers[checksumHeader(algorithm)] !== undefined);
  if (named.length > 1) {
    throw new S3Error(
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  }
  const [algorithm = declaredAlgorithm(headers['x-amz-sdk-checksum-algorithm']) ?? 'CRC64NVME'] = named;
  const { value } = checksumOf(algorithm, body);
  const claimed = headers[checksumHeader(algorithm)];
  if (claimed !== undefined && claimed !== value) {
    throw new S3Error('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
  }
  return { algorithm, value };
}

/** Returns the algorithm that a header names. @throws S3Error `InvalidRequest` for an unknown name */
export function declaredAlgorithm(header: string | undefined): ChecksumAlgorithm | undefined {
  if (header === undefined) return undefined;
  const algorithm = ALGORITHMS.find((one) => one === header.toUpperCase());
  if (algorithm === undefined) {
    throw new S3Error(
      'InvalidRequest',
      'Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]',
    );
  }
  return algorithm;
}

import type { ChecksumAlgorithm } from './checksum.ts';
import { declaredAlgorithm } from './checksum.ts';
import type { UploadHeaders } from './multipart-uploads.ts';
import { metadataOf, rejectUnknownHeaders, systemHeadersOf } from './object-headers.ts';
import { S3Error } from './s3-error.ts';
import { parseTaggingHeader } from './tagging.ts';

/**
 * The algorithms with which a multipart upload can have a checksum of the whole object. S3 computes it from the
 * checksums of the parts, which only these algorithms allow.
 */
const JOINABLE: ReadonlySet<ChecksumAlgorithm> = new Set(['CRC32', 'CRC32C', 'CRC64NVME']);

/**
 * Reads the object's attributes from the headers of CreateMultipartUpload.
 * @throws S3Error `InvalidRequest`, `NotImplemented`, `MetadataTooLarge`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export function uploadHeadersOf(headers: Readonly<Record<string, string>>): UploadHeaders {
  rejectUnknownHeaders(headers);
  const algorithm = declaredAlgorithm(headers['x-amz-checksum-algorithm']) ?? 'CRC64NVME';
  const asked = headers['x-amz-checksum-type']?.toUpperCase();
  const checksumType = asked ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  const isPossible = checksumType === 'FULL_OBJECT' ? JOINABLE.has(algorithm) : algorithm !== 'CRC64NVME';
  if ((checksumType !== 'FULL_OBJECT' && checksumType !== 'COMPOSITE') || !isPossible) {
    throw new S3Error(
      'InvalidRequest',
      `The ${checksumType} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  }
  return {
    metadata: metadataOf(headers),
    systemHeaders: systemHeadersOf(headers),
    tags: parseTaggingHeader(headers['x-amz-tagging']),
    algorithm,
    checksumType,
  };
}

import { checksumOf, declaredAlgorithm, etagOf } from '../checksum.ts';
import { readCopySource } from '../copy-source.ts';
import { metadataOf, rejectUnknownHeaders, systemHeadersOf, versionHeader } from '../object-headers.ts';
import { type S3Operation, xmlAnswer } from '../operation.ts';
import { requireWriteConditions } from '../preconditions.ts';
import { invalidArgument, S3Error } from '../s3-error.ts';
import { parseTaggingHeader } from '../tagging.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export const copyObject: S3Operation = async ({ request, store, bucket, key }) => {
  const { headers } = request;
  store.bucket(bucket);
  rejectUnknownHeaders(headers);
  const { version: source, body } = await readCopySource(store, headers);
  const replacesMetadata = directive(headers, 'x-amz-metadata-directive') === 'REPLACE';
  const replacesTags = directive(headers, 'x-amz-tagging-directive') === 'REPLACE';
  const [from = ''] = (headers['x-amz-copy-source'] ?? '').replace(/^\//, '').split('?');
  if (decodeURIComponent(from) === `${bucket}/${key}` && !replacesMetadata) {
    throw new S3Error(
      'InvalidRequest',
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const algorithm =
    declaredAlgorithm(headers['x-amz-checksum-algorithm']) ?? source.checksum?.algorithm ?? 'CRC64NVME';
  const checksum = checksumOf(algorithm, body);
  // The copy is stored as a single object, even if its source was uploaded in parts.
  const etag = etagOf(body);
  const version = await store.put(
    bucket,
    key,
    {
      body,
      etag,
      metadata: replacesMetadata ? metadataOf(headers) : source.metadata,
      systemHeaders: replacesMetadata ? systemHeadersOf(headers) : source.systemHeaders,
      tags: replacesTags ? parseTaggingHeader(headers['x-amz-tagging']) : source.tags,
      checksum,
    },
    (current) => requireWriteConditions(current, key, headers),
  );
  return xmlAnswer(
    'CopyObjectResult',
    {
      ETag: etag,
      LastModified: new Date(version.lastModifiedEpochMs),
      ChecksumType: 'FULL_OBJECT',
      [`Checksum${algorithm}`]: checksum.value,
    },
    {
      'x-amz-server-side-encryption': 'AES256',
      ...(source.versionId === 'null' ? {} : { 'x-amz-copy-source-version-id': source.versionId }),
      ...versionHeader(store.bucket(bucket), version),
    },
  );
};

function directive(headers: Readonly<Record<string, string>>, name: string): 'COPY' | 'REPLACE' {
  const value = headers[name] ?? 'COPY';
  if (value === 'COPY' || value === 'REPLACE') return value;
  throw invalidArgument(`Unknown directive.`, name, value);
}

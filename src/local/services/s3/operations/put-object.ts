import { checksumHeader, etagOf, verifyChecksums } from '../checksum.ts';
import { metadataOf, rejectUnknownHeaders, systemHeadersOf, versionHeader } from '../object-headers.ts';
import { emptyAnswer, type S3Operation } from '../operation.ts';
import { requireWriteConditions } from '../preconditions.ts';
import { parseTaggingHeader } from '../tagging.ts';
import { copyObject } from './copy-object.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export const putObject: S3Operation = async (call) => {
  const { request, store, bucket, key } = call;
  const { body, headers } = request;
  // A request with the same method and path is a copy if it names a source.
  if (headers['x-amz-copy-source'] !== undefined) return copyObject(call);
  store.bucket(bucket);
  rejectUnknownHeaders(headers);
  const checksum = verifyChecksums(body, headers);
  const etag = etagOf(body);
  const version = await store.put(
    bucket,
    key,
    {
      body,
      etag,
      metadata: metadataOf(headers),
      systemHeaders: systemHeadersOf(headers),
      tags: parseTaggingHeader(headers['x-amz-tagging']),
      checksum,
    },
    (current) => requireWriteConditions(current, key, headers),
  );
  return emptyAnswer(200, {
    etag,
    'x-amz-server-side-encryption': 'AES256',
    'x-amz-checksum-type': 'FULL_OBJECT',
    [checksumHeader(checksum.algorithm)]: checksum.value,
    ...versionHeader(store.bucket(bucket), version),
  });
};

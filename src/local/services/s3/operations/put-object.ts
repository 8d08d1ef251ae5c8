import { createHash } from 'node:crypto';
import { checksumHeader, verifyChecksums } from '../checksum.ts';
import { metadataOf, rejectUnknownHeaders, systemHeadersOf, versionHeader } from '../object-headers.ts';
import { emptyAnswer, type S3Operation } from '../operation.ts';
import { preconditionFailed } from '../preconditions.ts';
import { noSuchKey } from '../s3-error.ts';
import { parseTaggingHeader } from '../tagging.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export const putObject: S3Operation = async ({ request, store, bucket, key }) => {
  const { body, headers } = request;
  store.bucket(bucket);
  rejectUnknownHeaders(headers);
  const checksum = verifyChecksums(body, headers);
  const etag = `"${createHash('md5').update(body).digest('hex')}"`;
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
    (current) => {
      const { 'if-none-match': ifNoneMatch, 'if-match': ifMatch } = headers;
      if (ifNoneMatch !== undefined && current !== undefined) throw preconditionFailed('If-None-Match');
      if (ifMatch === undefined) return;
      if (current === undefined) throw noSuchKey(key);
      if (ifMatch !== current.etag) throw preconditionFailed('If-Match');
    },
  );
  return emptyAnswer(200, {
    etag,
    'x-amz-server-side-encryption': 'AES256',
    'x-amz-checksum-type': 'FULL_OBJECT',
    [checksumHeader(checksum.algorithm)]: checksum.value,
    ...versionHeader(store.bucket(bucket), version),
  });
};

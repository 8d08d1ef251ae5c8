import { objectHeaders, responseOverrides } from '../object-headers.ts';
import type { S3Operation } from '../operation.ts';
import { checkPreconditions } from '../preconditions.ts';
import { selectRange } from '../range.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
export const getObject: S3Operation = async ({ request, store, bucket, key }) => {
  const version = store.version(bucket, key, request.query.get('versionId') ?? undefined);
  // The SDK's presigned URLs carry this header in the query.
  const checksumMode = request.query.get('x-amz-checksum-mode');
  const asked = {
    ...request.headers,
    ...(checksumMode === null ? {} : { 'x-amz-checksum-mode': checksumMode }),
  };
  const headers = {
    ...objectHeaders(store.bucket(bucket), version, asked),
    ...responseOverrides(request.query),
  };
  if (checkPreconditions(version, request.headers) === 'not-modified')
    return { status: 304, headers, body: '' };
  const body = await store.readVersion(version, key);
  const range = selectRange(request.headers.range, body.length);
  if (range === undefined) return { status: 200, headers, body };
  // The checksum is of the whole object, so a client must not compare it with the requested range.
  const partHeaders = Object.fromEntries(
    Object.entries(headers).filter(([name]) => !name.startsWith('x-amz-checksum-')),
  );
  return {
    status: 206,
    headers: { ...partHeaders, 'content-range': `bytes ${range.start}-${range.end}/${body.length}` },
    body: body.subarray(range.start, range.end + 1),
  };
};

import { objectHeaders, responseOverrides } from '../object-headers.ts';
import type { S3Operation } from '../operation.ts';
import { checkPreconditions } from '../preconditions.ts';
import { selectRange } from '../range.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
export const headObject: S3Operation = ({ request, store, bucket, key }) => {
  const version = store.version(bucket, key, request.query.get('versionId') ?? undefined);
  const headers = {
    ...objectHeaders(store.bucket(bucket), version, request.headers),
    ...responseOverrides(request.query),
  };
  if (checkPreconditions(version, request.headers) === 'not-modified')
    return { status: 304, headers, body: '' };
  const range = selectRange(request.headers.range, version.size);
  if (range === undefined) {
    return { status: 200, headers: { ...headers, 'content-length': String(version.size) }, body: '' };
  }
  return {
    status: 206,
    headers: {
      ...headers,
      'content-length': String(range.end - range.start + 1),
      'content-range': `bytes ${range.start}-${range.end}/${version.size}`,
    },
    body: '',
  };
};

import { listKeys, objectShape, pageShape, readListQuery } from '../listing.ts';
import { type S3Operation, xmlAnswer } from '../operation.ts';
import { invalidArgument } from '../s3-error.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export const listObjectsV2: S3Operation = ({ request, store, bucket, accountId }) => {
  const { query } = request;
  const list = readListQuery(query);
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after') ?? undefined;
  const page = listKeys(store.bucket(bucket), {
    ...list,
    after: token === null ? startAfter : decodeToken(token),
  });
  const owner = query.get('fetch-owner') === 'true' ? { ID: accountId } : undefined;
  return xmlAnswer('ListBucketResult', {
    ...pageShape(bucket, list, page),
    StartAfter: startAfter === undefined ? undefined : list.encode(startAfter),
    ContinuationToken: token ?? undefined,
    NextContinuationToken: page.next === undefined ? undefined : encodeToken(page.next),
    KeyCount: page.objects.length + page.commonPrefixes.length,
    Contents: page.objects.map(({ key, version }) => ({
      Key: list.encode(key),
      LastModified: new Date(version.lastModifiedEpochMs),
      ...objectShape(version),
      ChecksumAlgorithm: version.checksum?.algorithm,
      ChecksumType: 'FULL_OBJECT',
      Owner: owner,
    })),
  });
};

function encodeToken(after: string): string {
  return Buffer.from(after, 'utf8').toString('base64url');
}

function decodeToken(token: string): string {
  const after = Buffer.from(token, 'base64url').toString('utf8');
  if (token === '' || encodeToken(after) !== token) {
    throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
  }
  return after;
}

import { type S3Operation, xmlAnswer } from '../operation.ts';
import { invalidArgument } from '../s3-error.ts';

const MAX_BUCKETS = 10_000;

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html */
export const listBuckets: S3Operation = ({ request, store, accountId, region }) => {
  const { query } = request;
  const maxBuckets = Number(query.get('max-buckets') ?? MAX_BUCKETS);
  if (!Number.isInteger(maxBuckets) || maxBuckets < 1 || maxBuckets > MAX_BUCKETS) {
    throw invalidArgument(
      `Argument max-buckets must be an integer between 1 and ${MAX_BUCKETS}`,
      'max-buckets',
      query.get('max-buckets') ?? '',
    );
  }
  const prefix = query.get('prefix') ?? undefined;
  const wantedRegion = query.get('bucket-region') ?? region;
  // A token is the name of the previous page's last bucket.
  const after = Buffer.from(query.get('continuation-token') ?? '', 'base64url').toString('utf8');
  const all = store
    .list()
    .filter(({ name }) => name > after && name.startsWith(prefix ?? '') && wantedRegion === region);
  const page = all.slice(0, maxBuckets);
  const last = page.at(-1)?.name ?? '';
  return xmlAnswer('ListAllMyBucketsResult', {
    Owner: { ID: accountId },
    Buckets: {
      Bucket: page.map((bucket) => ({
        Name: bucket.name,
        CreationDate: new Date(bucket.createdAtEpochMs),
        BucketRegion: region,
      })),
    },
    ContinuationToken: all.length > page.length ? Buffer.from(last).toString('base64url') : undefined,
    Prefix: prefix,
  });
};

import { type S3Operation, xmlAnswer } from '../operation.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html */
export const listBuckets: S3Operation = ({ store, accountId, region }) =>
  xmlAnswer('ListAllMyBucketsResult', {
    Owner: { ID: accountId },
    Buckets: {
      Bucket: store.list().map((bucket) => ({
        Name: bucket.name,
        CreationDate: new Date(bucket.createdAtEpochMs),
        BucketRegion: region,
      })),
    },
  });

import type { S3Operation } from '../operation.ts';
import { S3Error } from '../s3-error.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicy.html */
export const getBucketPolicy: S3Operation = ({ store, bucket }) => {
  const { policy } = store.bucket(bucket);
  if (policy === undefined) {
    throw new S3Error('NoSuchBucketPolicy', 'The bucket policy does not exist', 404, { BucketName: bucket });
  }
  return { status: 200, headers: { 'content-type': 'application/json' }, body: policy };
};

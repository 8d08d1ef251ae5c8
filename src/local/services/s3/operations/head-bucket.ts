import { emptyAnswer, type S3Operation } from '../operation.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html */
export const headBucket: S3Operation = ({ store, bucket, region }) => {
  store.bucket(bucket);
  return emptyAnswer(200, { 'x-amz-bucket-region': region, 'content-type': 'application/xml' });
};

import { emptyAnswer, type S3Operation } from '../operation.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketPolicy.html */
export const deleteBucketPolicy: S3Operation = ({ store, bucket }) => {
  store.setBucketPolicy(bucket, undefined);
  return emptyAnswer(204);
};

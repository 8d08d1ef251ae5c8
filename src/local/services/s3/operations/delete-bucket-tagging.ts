import { emptyAnswer, type S3Operation } from '../operation.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketTagging.html */
export const deleteBucketTagging: S3Operation = ({ store, bucket }) => {
  store.setBucketTags(bucket, {});
  return emptyAnswer(204);
};

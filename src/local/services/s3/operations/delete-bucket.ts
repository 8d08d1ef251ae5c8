import { emptyAnswer, type S3Operation } from '../operation.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html */
export const deleteBucket: S3Operation = ({ store, bucket }) => {
  store.deleteBucket(bucket);
  return emptyAnswer(204);
};

import { emptyAnswer, type S3Operation } from '../operation.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html */
export const putBucketPolicy: S3Operation = ({ request, store, bucket }) => {
  store.setBucketPolicy(bucket, request.body.toString('utf8'));
  return emptyAnswer(204);
};

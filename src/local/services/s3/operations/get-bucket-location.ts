import { type S3Operation, xmlAnswer } from '../operation.ts';

/**
 * Returns the region of a bucket; for us-east-1 it is empty.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
 */
export const getBucketLocation: S3Operation = ({ store, bucket, region }) => {
  store.bucket(bucket);
  const answer = xmlAnswer('LocationConstraint', {});
  if (region === 'us-east-1') return answer;
  return {
    ...answer,
    body: String(answer.body).replace('</LocationConstraint>', `${region}</LocationConstraint>`),
  };
};

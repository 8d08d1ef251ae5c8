import { emptyAnswer, type S3Operation } from '../operation.ts';
import { parseTagging } from '../tagging.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketTagging.html */
export const putBucketTagging: S3Operation = ({ request, store, bucket }) => {
  store.setBucketTags(bucket, parseTagging(request.body, 'bucket'));
  return emptyAnswer(204);
};

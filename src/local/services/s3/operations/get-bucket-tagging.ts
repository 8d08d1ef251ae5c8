import { type S3Operation, xmlAnswer } from '../operation.ts';
import { S3Error } from '../s3-error.ts';
import { taggingContent } from '../tagging.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketTagging.html */
export const getBucketTagging: S3Operation = ({ store, bucket }) => {
  const { tags } = store.bucket(bucket);
  if (Object.keys(tags).length === 0) {
    throw new S3Error('NoSuchTagSet', 'The TagSet does not exist', 404, { BucketName: bucket });
  }
  return xmlAnswer('Tagging', taggingContent(tags));
};

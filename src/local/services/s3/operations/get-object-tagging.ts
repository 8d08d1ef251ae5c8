import { versionHeader } from '../object-headers.ts';
import { type S3Operation, xmlAnswer } from '../operation.ts';
import { taggingContent } from '../tagging.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html */
export const getObjectTagging: S3Operation = ({ request, store, bucket, key }) => {
  const version = store.version(bucket, key, request.query.get('versionId') ?? undefined);
  return xmlAnswer('Tagging', taggingContent(version.tags), versionHeader(store.bucket(bucket), version));
};

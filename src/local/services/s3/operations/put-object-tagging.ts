import { versionHeader } from '../object-headers.ts';
import { emptyAnswer, type S3Operation } from '../operation.ts';
import { parseTagging } from '../tagging.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html */
export const putObjectTagging: S3Operation = ({ request, store, bucket, key }) => {
  const tags = parseTagging(request.body, 'object');
  const version = store.setTags(bucket, key, request.query.get('versionId') ?? undefined, tags);
  return emptyAnswer(200, versionHeader(store.bucket(bucket), version));
};

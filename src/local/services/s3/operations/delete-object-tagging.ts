import { versionHeader } from '../object-headers.ts';
import { emptyAnswer, type S3Operation } from '../operation.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjectTagging.html */
export const deleteObjectTagging: S3Operation = ({ request, store, bucket, key }) => {
  const version = store.setTags(bucket, key, request.query.get('versionId') ?? undefined, {});
  return emptyAnswer(204, versionHeader(store.bucket(bucket), version));
};

import { emptyAnswer, type S3Operation } from '../operation.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html */
export const deleteObject: S3Operation = async ({ request, store, bucket, key }) => {
  const deleted = await store.delete(bucket, key, request.query.get('versionId') ?? undefined);
  return emptyAnswer(204, {
    ...(deleted.versionId === undefined ? {} : { 'x-amz-version-id': deleted.versionId }),
    ...(deleted.isDeleteMarker ? { 'x-amz-delete-marker': 'true' } : {}),
  });
};

import { emptyAnswer, type S3Operation } from '../operation.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html */
export const abortMultipartUpload: S3Operation = async ({ request, uploads, bucket, key }) => {
  await uploads.end(uploads.find(bucket, key, request.query.get('uploadId') ?? ''));
  return emptyAnswer(204);
};

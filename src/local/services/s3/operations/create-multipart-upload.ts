import { type S3Operation, xmlAnswer } from '../operation.ts';
import { uploadHeadersOf } from '../upload-headers.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html */
export const createMultipartUpload: S3Operation = ({ request, store, uploads, bucket, key }) => {
  store.bucket(bucket);
  const { uploadId, headers } = uploads.begin(bucket, key, uploadHeadersOf(request.headers));
  return xmlAnswer(
    'InitiateMultipartUploadResult',
    { Bucket: bucket, Key: key, UploadId: uploadId },
    {
      'x-amz-checksum-algorithm': headers.algorithm,
      'x-amz-checksum-type': headers.checksumType,
      'x-amz-server-side-encryption': 'AES256',
    },
  );
};

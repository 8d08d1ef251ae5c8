import { checksumHeader, checksumOf, verifyChecksums } from '../checksum.ts';
import { emptyAnswer, type S3Operation } from '../operation.ts';
import { uploadPartCopy } from './upload-part-copy.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html */
export const uploadPart: S3Operation = async (call) => {
  const { request, uploads, bucket, key } = call;
  const { body, headers, query } = request;
  // A request with the same method and path is a copy if it names a source.
  if (headers['x-amz-copy-source'] !== undefined) return uploadPartCopy(call);
  const upload = uploads.find(bucket, key, query.get('uploadId') ?? '');
  const { algorithm } = upload.headers;
  verifyChecksums(body, headers);
  const part = await uploads.addPart(
    upload,
    Number(query.get('partNumber')),
    body,
    checksumOf(algorithm, body),
  );
  return emptyAnswer(200, {
    etag: part.etag,
    'x-amz-server-side-encryption': 'AES256',
    [checksumHeader(algorithm)]: part.checksum.value,
  });
};

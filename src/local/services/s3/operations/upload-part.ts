import { checksumHeader, checksumOf, verifyChecksums } from '../checksum.ts';
import { readCopySource } from '../copy-source.ts';
import { emptyAnswer, type S3Operation, xmlAnswer } from '../operation.ts';
import { selectRange } from '../range.ts';

/**
 * UploadPart, or UploadPartCopy if the request names a source.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html
 */
export const uploadPart: S3Operation = async ({ request, store, uploads, bucket, key }) => {
  const { headers, query } = request;
  const upload = uploads.find(bucket, key, query.get('uploadId') ?? '');
  const partNumber = Number(query.get('partNumber'));
  const { algorithm } = upload.headers;
  if (headers['x-amz-copy-source'] === undefined) {
    verifyChecksums(request.body, headers);
    const part = await uploads.addPart(upload, partNumber, request.body, checksumOf(algorithm, request.body));
    return emptyAnswer(200, {
      etag: part.etag,
      'x-amz-server-side-encryption': 'AES256',
      [checksumHeader(algorithm)]: part.checksum.value,
    });
  }
  const source = await readCopySource(store, headers);
  const range = selectRange(headers['x-amz-copy-source-range'], source.body.length);
  const body = range === undefined ? source.body : source.body.subarray(range.start, range.end + 1);
  const part = await uploads.addPart(upload, partNumber, body, checksumOf(algorithm, body));
  return xmlAnswer('CopyPartResult', {
    ETag: part.etag,
    LastModified: new Date(part.lastModifiedEpochMs),
    [`Checksum${algorithm}`]: part.checksum.value,
  });
};

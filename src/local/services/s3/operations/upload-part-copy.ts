import { checksumOf } from '../checksum.ts';
import { readCopySource } from '../copy-source.ts';
import { type S3Operation, xmlAnswer } from '../operation.ts';
import { selectRange } from '../range.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */
export const uploadPartCopy: S3Operation = async ({ request, store, uploads, bucket, key }) => {
  const { headers, query } = request;
  const upload = uploads.find(bucket, key, query.get('uploadId') ?? '');
  const { algorithm } = upload.headers;
  const source = await readCopySource(store, headers);
  const range = selectRange(headers['x-amz-copy-source-range'], source.body.length);
  const body = range === undefined ? source.body : source.body.subarray(range.start, range.end + 1);
  const part = await uploads.addPart(
    upload,
    Number(query.get('partNumber')),
    body,
    checksumOf(algorithm, body),
  );
  return xmlAnswer('CopyPartResult', {
    ETag: part.etag,
    LastModified: new Date(part.lastModifiedEpochMs),
    [`Checksum${algorithm}`]: part.checksum.value,
  });
};

import { type S3Operation, xmlAnswer } from '../operation.ts';

const MAX_UPLOADS = 1000;

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
export const listMultipartUploads: S3Operation = ({ request, store, uploads, bucket, accountId }) => {
  store.bucket(bucket);
  const { query } = request;
  const prefix = query.get('prefix') ?? '';
  const keyMarker = query.get('key-marker') ?? '';
  const uploadIdMarker = query.get('upload-id-marker') ?? '';
  const maxUploads = Math.min(Number(query.get('max-uploads') ?? MAX_UPLOADS), MAX_UPLOADS);
  const all = uploads.list(bucket).filter(({ key }) => key.startsWith(prefix));
  const marked = all.findIndex(({ uploadId }) => uploadId === uploadIdMarker);
  const after = marked === -1 ? all.filter(({ key }) => key > keyMarker) : all.slice(marked + 1);
  const page = after.slice(0, maxUploads);
  const isTruncated = after.length > page.length;
  return xmlAnswer('ListMultipartUploadsResult', {
    Bucket: bucket,
    KeyMarker: keyMarker,
    UploadIdMarker: uploadIdMarker,
    NextKeyMarker: isTruncated ? page.at(-1)?.key : undefined,
    NextUploadIdMarker: isTruncated ? page.at(-1)?.uploadId : undefined,
    Prefix: prefix,
    MaxUploads: maxUploads,
    IsTruncated: isTruncated,
    Upload: page.map((upload) => ({
      Key: upload.key,
      UploadId: upload.uploadId,
      Initiator: { ID: accountId },
      Owner: { ID: accountId },
      StorageClass: 'STANDARD',
      Initiated: new Date(upload.initiatedEpochMs),
      ChecksumAlgorithm: upload.headers.algorithm,
      ChecksumType: upload.headers.checksumType,
    })),
  });
};

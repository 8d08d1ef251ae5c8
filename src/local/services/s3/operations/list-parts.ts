import { type S3Operation, xmlAnswer } from '../operation.ts';

const MAX_PARTS = 1000;

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
export const listParts: S3Operation = ({ request, uploads, bucket, key, accountId }) => {
  const { query } = request;
  const upload = uploads.find(bucket, key, query.get('uploadId') ?? '');
  const { algorithm, checksumType } = upload.headers;
  const maxParts = Math.min(Number(query.get('max-parts') ?? MAX_PARTS), MAX_PARTS);
  const marker = Number(query.get('part-number-marker') ?? 0);
  const after = [...upload.parts.values()]
    .filter(({ partNumber }) => partNumber > marker)
    .sort((left, right) => left.partNumber - right.partNumber);
  const page = after.slice(0, maxParts);
  return xmlAnswer('ListPartsResult', {
    Bucket: bucket,
    Key: key,
    UploadId: upload.uploadId,
    PartNumberMarker: marker,
    NextPartNumberMarker: page.at(-1)?.partNumber ?? 0,
    MaxParts: maxParts,
    IsTruncated: after.length > page.length,
    Initiator: { ID: accountId },
    Owner: { ID: accountId },
    StorageClass: 'STANDARD',
    ChecksumAlgorithm: algorithm,
    ChecksumType: checksumType,
    Part: page.map((part) => ({
      PartNumber: part.partNumber,
      LastModified: new Date(part.lastModifiedEpochMs),
      ETag: part.etag,
      Size: part.size,
      [`Checksum${algorithm}`]: part.checksum.value,
    })),
  });
};

import { parseXml, xmlText } from '../../../protocols/xml.ts';
import { checksumHeader, checksumOf, compositeChecksum } from '../checksum.ts';
import { multipartEtag } from '../multipart-uploads.ts';
import { versionHeader } from '../object-headers.ts';
import { type S3Operation, xmlAnswer } from '../operation.ts';
import { requireWriteConditions } from '../preconditions.ts';
import { S3Error } from '../s3-error.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html */
export const completeMultipartUpload: S3Operation = async ({ request, store, uploads, bucket, key }) => {
  const upload = uploads.find(bucket, key, request.query.get('uploadId') ?? '');
  const root = parseXml(request.body.toString('utf8'));
  const named = root.children
    .filter(({ name }) => name === 'Part')
    .map((part) => ({ partNumber: Number(xmlText(part, 'PartNumber')), etag: xmlText(part, 'ETag') ?? '' }));
  if (root.name !== 'CompleteMultipartUpload' || named.length === 0) {
    throw new S3Error(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    );
  }
  const parts = uploads.select(upload, named);
  const body = await uploads.read(parts);
  const { algorithm, checksumType, metadata, systemHeaders, tags } = upload.headers;
  const checksum =
    checksumType === 'FULL_OBJECT'
      ? checksumOf(algorithm, body)
      : compositeChecksum(
          algorithm,
          parts.map((part) => part.checksum),
        );
  const claimed = request.headers[checksumHeader(algorithm)];
  if (claimed !== undefined && claimed !== checksum.value) {
    throw new S3Error('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
  }
  const etag = multipartEtag(parts);
  const version = await store.put(
    bucket,
    key,
    { body, etag, metadata, systemHeaders, tags, checksum },
    (current) => requireWriteConditions(current, key, request.headers),
  );
  await uploads.end(upload);
  return xmlAnswer(
    'CompleteMultipartUploadResult',
    {
      Location: `http://${request.headers.host ?? ''}/${bucket}/${encodeURIComponent(key)}`,
      Bucket: bucket,
      Key: key,
      ETag: etag,
      [`Checksum${algorithm}`]: checksum.value,
      ChecksumType: checksumType,
    },
    { 'x-amz-server-side-encryption': 'AES256', ...versionHeader(store.bucket(bucket), version) },
  );
};

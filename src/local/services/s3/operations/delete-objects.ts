import { parseXml, type XmlNode, xmlText } from '../../../protocols/xml.ts';
import { verifyChecksums } from '../checksum.ts';
import { type S3Operation, xmlAnswer } from '../operation.ts';
import { S3Error } from '../s3-error.ts';

const MAX_OBJECTS = 1000;

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
export const deleteObjects: S3Operation = async ({ request, store, bucket }) => {
  store.bucket(bucket);
  requireChecksum(request.headers);
  verifyChecksums(request.body, request.headers);
  const root = parseXml(request.body.toString('utf8'));
  const wanted = root.children.filter((child) => child.name === 'Object').map(identifierOf);
  if (root.name !== 'Delete' || wanted.length === 0 || wanted.length > MAX_OBJECTS) {
    throw new S3Error(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    );
  }
  const deleted: object[] = [];
  for (const { key, versionId } of wanted) {
    const result = await store.delete(bucket, key, versionId);
    deleted.push({
      Key: key,
      VersionId: versionId,
      DeleteMarker: result.isDeleteMarker ? true : undefined,
      DeleteMarkerVersionId: result.isDeleteMarker ? result.versionId : undefined,
    });
  }
  return xmlAnswer('DeleteResult', { Deleted: xmlText(root, 'Quiet') === 'true' ? [] : deleted });
};

function identifierOf(node: XmlNode): { readonly key: string; readonly versionId: string | undefined } {
  return { key: xmlText(node, 'Key') ?? '', versionId: xmlText(node, 'VersionId') };
}

/** S3 requires a digest here, because a damaged list would delete other objects. */
function requireChecksum(headers: Readonly<Record<string, string>>): void {
  const hasOne =
    headers['content-md5'] !== undefined ||
    Object.keys(headers).some((name) => /^x-amz-checksum-(?:crc|sha)/.test(name));
  if (!hasOne) {
    throw new S3Error(
      'InvalidRequest',
      'Missing required header for this request: Content-MD5 OR x-amz-checksum-*',
    );
  }
}

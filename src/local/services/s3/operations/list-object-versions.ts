import { listVersions, objectShape, pageShape, readListQuery } from '../listing.ts';
import { type S3Operation, xmlAnswer } from '../operation.ts';
import { invalidArgument } from '../s3-error.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html */
export const listObjectVersions: S3Operation = ({ request, store, bucket, accountId }) => {
  const { query } = request;
  const list = readListQuery(query);
  const keyMarker = query.get('key-marker') ?? '';
  const versionIdMarker = query.get('version-id-marker') ?? '';
  if (versionIdMarker !== '' && keyMarker === '') {
    throw invalidArgument(
      'A version-id marker cannot be specified without a key marker.',
      'version-id-marker',
      versionIdMarker,
    );
  }
  const page = listVersions(store.bucket(bucket), {
    ...list,
    after: keyMarker === '' ? undefined : { key: keyMarker, versionId: versionIdMarker },
  });
  const entries = page.versions.map(({ key, version, isLatest }) => ({
    isDeleteMarker: version.isDeleteMarker,
    xml: {
      Key: list.encode(key),
      VersionId: version.versionId,
      IsLatest: isLatest,
      LastModified: new Date(version.lastModifiedEpochMs),
      ...(version.isDeleteMarker ? {} : objectShape(version)),
      Owner: { ID: accountId },
    },
  }));
  return xmlAnswer('ListVersionsResult', {
    ...pageShape(bucket, list, page),
    KeyMarker: list.encode(keyMarker),
    VersionIdMarker: versionIdMarker,
    NextKeyMarker: page.next === undefined ? undefined : list.encode(page.next.key),
    NextVersionIdMarker: page.next?.versionId,
    Version: entries.filter((entry) => !entry.isDeleteMarker).map((entry) => entry.xml),
    DeleteMarker: entries.filter((entry) => entry.isDeleteMarker).map((entry) => entry.xml),
  });
};

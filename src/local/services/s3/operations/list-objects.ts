import { listKeys, objectShape, pageShape, readListQuery } from '../listing.ts';
import { type S3Operation, xmlAnswer } from '../operation.ts';

/**
 * The older form of ListObjectsV2, which some clients still use.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html
 */
export const listObjects: S3Operation = ({ request, store, bucket, accountId }) => {
  const list = readListQuery(request.query);
  const marker = request.query.get('marker') ?? '';
  const page = listKeys(store.bucket(bucket), { ...list, after: marker === '' ? undefined : marker });
  return xmlAnswer('ListBucketResult', {
    ...pageShape(bucket, list, page),
    Marker: list.encode(marker),
    NextMarker: page.next === undefined ? undefined : list.encode(page.next),
    Contents: page.objects.map(({ key, version }) => ({
      Key: list.encode(key),
      LastModified: new Date(version.lastModifiedEpochMs),
      ...objectShape(version),
      Owner: { ID: accountId },
    })),
  });
};

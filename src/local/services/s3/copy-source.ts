import type { BucketStore, ObjectVersion } from './bucket-store.ts';
import { preconditionFailed } from './preconditions.ts';
import { invalidArgument } from './s3-error.ts';

/** The source of a copy: a version of an object, and its content. */
export interface CopySource {
  readonly version: ObjectVersion;
  readonly body: Buffer;
}

/**
 * Reads the object that `x-amz-copy-source` names, if the conditions in the headers hold.
 * @throws S3Error `InvalidArgument`, `NoSuchBucket`, `NoSuchKey`, `PreconditionFailed`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
export async function readCopySource(
  store: BucketStore,
  headers: Readonly<Record<string, string>>,
): Promise<CopySource> {
  const source = headers['x-amz-copy-source'] ?? '';
  const [path = '', query = ''] = source.split('?');
  const [, bucket = '', key = ''] = /^\/?([^/]+)\/(.+)$/s.exec(decoded(path, source)) ?? [];
  if (bucket === '' || key === '') {
    throw invalidArgument(
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      'x-amz-copy-source',
      source,
    );
  }
  const version = store.version(bucket, key, new URLSearchParams(query).get('versionId') ?? undefined);
  checkConditions(version, headers);
  return { version, body: await store.readVersion(version, key) };
}

function decoded(path: string, source: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw invalidArgument('Invalid copy source encoding', 'x-amz-copy-source', source);
  }
}

function checkConditions(version: ObjectVersion, headers: Readonly<Record<string, string>>): void {
  const of = (name: string): string | undefined => headers[`x-amz-copy-source-if-${name}`];
  const isSame = (etag: string): boolean => etag.replaceAll('"', '') === version.etag.replaceAll('"', '');
  const modified = Math.floor(version.lastModifiedEpochMs / 1000) * 1000;
  const [match, noneMatch, since, unmodified] = [
    of('match'),
    of('none-match'),
    of('modified-since'),
    of('unmodified-since'),
  ];
  if (match !== undefined && !isSame(match)) throw preconditionFailed('x-amz-copy-source-If-Match');
  if (noneMatch !== undefined && isSame(noneMatch))
    throw preconditionFailed('x-amz-copy-source-If-None-Match');
  if (since !== undefined && modified <= Date.parse(since)) {
    throw preconditionFailed('x-amz-copy-source-If-Modified-Since');
  }
  if (unmodified !== undefined && modified > Date.parse(unmodified)) {
    throw preconditionFailed('x-amz-copy-source-If-Unmodified-Since');
  }
}

import type { ObjectVersion } from './bucket-store.ts';
import { noSuchKey, S3Error } from './s3-error.ts';

export function preconditionFailed(condition: string): S3Error {
  return new S3Error(
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold',
    412,
    { Condition: condition },
  );
}

/**
 * Checks the conditional headers of a write.
 * @param current the object's newest version; undefined if there is none
 * @throws S3Error `PreconditionFailed`, `NoSuchKey`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function requireWriteConditions(
  current: ObjectVersion | undefined,
  key: string,
  headers: Readonly<Record<string, string>>,
): void {
  const { 'if-none-match': ifNoneMatch, 'if-match': ifMatch } = headers;
  if (ifNoneMatch !== undefined && current !== undefined) throw preconditionFailed('If-None-Match');
  if (ifMatch === undefined) return;
  if (current === undefined) throw noSuchKey(key);
  if (ifMatch !== current.etag) throw preconditionFailed('If-Match');
}

/**
 * Checks the conditional headers of a read.
 * @throws S3Error `PreconditionFailed`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-reads.html
 */
export function checkPreconditions(
  version: ObjectVersion,
  headers: Readonly<Record<string, string>>,
): 'go-on' | 'not-modified' {
  const {
    'if-match': ifMatch,
    'if-none-match': ifNoneMatch,
    'if-modified-since': ifModifiedSince,
    'if-unmodified-since': ifUnmodifiedSince,
  } = headers;
  // HTTP dates have whole seconds.
  const modified = Math.floor(version.lastModifiedEpochMs / 1000) * 1000;
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, version.etag)) throw preconditionFailed('If-Match');
  } else if (ifUnmodifiedSince !== undefined && modified > Date.parse(ifUnmodifiedSince)) {
    throw preconditionFailed('If-Unmodified-Since');
  }
  if (ifNoneMatch !== undefined) return matches(ifNoneMatch, version.etag) ? 'not-modified' : 'go-on';
  return ifModifiedSince !== undefined && modified <= Date.parse(ifModifiedSince) ? 'not-modified' : 'go-on';
}

function matches(header: string, etag: string): boolean {
  return header
    .split(',')
    .map((one) => one.trim())
    .some((one) => one === '*' || one === etag || `"${one}"` === etag);
}

import type { Bucket, ObjectVersion } from './bucket-store.ts';
import { checksumHeader } from './checksum.ts';
import { notImplemented, S3Error } from './s3-error.ts';

const METADATA_PREFIX = 'x-amz-meta-';
/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html */
const MAX_METADATA_BYTES = 2048;
const SYSTEM_HEADERS = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
] as const;

/** Headers of PutObject that determine how S3 stores an object, each with the values that the local cloud accepts. */
const FIXED: Readonly<Record<string, readonly string[]>> = {
  'x-amz-acl': ['private', 'bucket-owner-full-control'],
  'x-amz-server-side-encryption': ['AES256'],
  'x-amz-storage-class': ['STANDARD'],
};
const UNKNOWN =
  /^x-amz-(?:copy-source-server-side-encryption|grant-|object-lock-|server-side-encryption-|website-redirect-location|write-offset-bytes)/;

/** Reads the user metadata, with names without the prefix. @throws S3Error `MetadataTooLarge` */
export function metadataOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  const metadata: Record<string, string> = Object.create(null);
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith(METADATA_PREFIX)) continue;
    const key = name.slice(METADATA_PREFIX.length);
    metadata[key] = value;
    bytes += key.length + value.length;
  }
  if (bytes > MAX_METADATA_BYTES) {
    throw new S3Error(
      'MetadataTooLarge',
      'Your metadata headers exceed the maximum allowed metadata size',
      400,
      {
        Size: bytes,
        MaxSizeAllowed: MAX_METADATA_BYTES,
      },
    );
  }
  return metadata;
}

/** Reads the headers that S3 stores with an object. `aws-chunked` belongs to the transfer, so it is left out. */
export function systemHeadersOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of SYSTEM_HEADERS) {
    let value = headers[name];
    if (value !== undefined && name === 'content-encoding') {
      value = value
        .split(',')
        .map((coding) => coding.trim())
        .filter((coding) => coding !== 'aws-chunked' && coding !== '')
        .join(', ');
    }
    if (value !== undefined && value !== '') kept[name] = value;
  }
  return kept;
}

/** @throws S3Error `NotImplemented` naming the first header that asks for something unsupported */
export function rejectUnknownHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (Object.hasOwn(FIXED, name) ? FIXED[name]?.includes(value) === false : UNKNOWN.test(name)) {
      throw notImplemented(`the header ${name}: ${value}`);
    }
  }
}

/** The header `x-amz-version-id`, for buckets whose versioning was ever enabled. */
export function versionHeader(bucket: Bucket, version: ObjectVersion): Record<string, string> {
  return bucket.versioning === undefined ? {} : { 'x-amz-version-id': version.versionId };
}

/** The headers of GetObject and HeadObject. As in S3, checksums are included only if the client asks for them. */
export function objectHeaders(
  bucket: Bucket,
  version: ObjectVersion,
  requestHeaders: Readonly<Record<string, string>>,
): Record<string, string> {
  const headers: Record<string, string> = {
    'accept-ranges': 'bytes',
    'content-type': 'binary/octet-stream',
    ...version.systemHeaders,
    etag: version.etag,
    'last-modified': new Date(version.lastModifiedEpochMs).toUTCString(),
    'x-amz-server-side-encryption': 'AES256',
    ...versionHeader(bucket, version),
  };
  for (const [name, value] of Object.entries(version.metadata)) headers[METADATA_PREFIX + name] = value;
  const tags = Object.keys(version.tags).length;
  if (tags > 0) headers['x-amz-tagging-count'] = String(tags);
  if (requestHeaders['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED' && version.checksum !== undefined) {
    headers['x-amz-checksum-type'] = version.checksum.type ?? 'FULL_OBJECT';
    headers[checksumHeader(version.checksum.algorithm)] = version.checksum.value;
  }
  return headers;
}

/** Reads the headers that the query overrides: `response-content-type` and similar parameters. */
export function responseOverrides(query: URLSearchParams): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of SYSTEM_HEADERS) {
    const value = query.get(`response-${name}`);
    if (value !== null) headers[name] = value;
  }
  return headers;
}

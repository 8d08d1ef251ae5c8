import { encodeRfc3986 } from '../../auth/canonical.ts';
import type { Bucket, ObjectVersion } from './bucket-store.ts';
import { invalidArgument } from './s3-error.ts';

const MAX_KEYS = 1000;

export interface ListQuery {
  readonly prefix: string;
  /** Empty if there is none. */
  readonly delimiter: string;
  /** As requested, at most 1000. */
  readonly maxKeys: number;
  readonly encodingType: 'url' | undefined;
  /** Encodes keys for the answer. */
  readonly encode: (text: string) => string;
}

/** Parses the parameters that all list operations have. @throws S3Error `InvalidArgument` */
export function readListQuery(query: URLSearchParams): ListQuery {
  const maxKeys = query.get('max-keys') ?? String(MAX_KEYS);
  if (!/^\d{1,9}$/.test(maxKeys)) {
    throw invalidArgument(
      'Argument max-keys must be an integer between 0 and 2147483647',
      'max-keys',
      maxKeys,
    );
  }
  const encodingType = query.get('encoding-type') ?? undefined;
  if (encodingType !== undefined && encodingType !== 'url') {
    throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', encodingType);
  }
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    maxKeys: Math.min(Number(maxKeys), MAX_KEYS),
    encodingType,
    encode: encodingType === 'url' ? (text) => encodeRfc3986(text).replaceAll('%2F', '/') : (text) => text,
  };
}

export interface KeyPage {
  readonly objects: readonly { readonly key: string; readonly version: ObjectVersion }[];
  readonly commonPrefixes: readonly string[];
  /** The last key or prefix of the page. Undefined on the last page. */
  readonly next: string | undefined;
}

/** The members that the answers of all list operations share. */
export function pageShape(
  bucket: string,
  { prefix, maxKeys, delimiter, encodingType, encode }: ListQuery,
  { commonPrefixes, next }: { readonly commonPrefixes: readonly string[]; readonly next: unknown },
): object {
  return {
    Name: bucket,
    Prefix: encode(prefix),
    MaxKeys: maxKeys,
    Delimiter: delimiter === '' ? undefined : encode(delimiter),
    EncodingType: encodingType,
    IsTruncated: next !== undefined,
    CommonPrefixes: commonPrefixes.map((common) => ({ Prefix: encode(common) })),
  };
}

/** The members of an object that the answers of all list operations share. */
export function objectShape({ etag, size }: ObjectVersion): object {
  return { ETag: etag, Size: size, StorageClass: 'STANDARD' };
}

/** Returns a page of the current objects after a key or common prefix, sorted by the bytes of their UTF-8 keys. */
export function listKeys(bucket: Bucket, query: ListQuery & { readonly after: string | undefined }): KeyPage {
  const objects: { key: string; version: ObjectVersion }[] = [];
  const commonPrefixes: string[] = [];
  let last: string | undefined;
  for (const key of sortedKeys(bucket, query.prefix)) {
    const [version] = bucket.objects.get(key) ?? [];
    if (version === undefined || version.isDeleteMarker) continue;
    const common = commonPrefixOf(key, query);
    const entry = common ?? key;
    if (query.after !== undefined && compareUtf8(entry, query.after) <= 0) continue;
    if (common !== undefined && common === commonPrefixes.at(-1)) continue;
    if (objects.length + commonPrefixes.length === query.maxKeys) {
      return { objects, commonPrefixes, next: query.maxKeys === 0 ? undefined : last };
    }
    if (common === undefined) objects.push({ key, version });
    else commonPrefixes.push(common);
    last = entry;
  }
  return { objects, commonPrefixes, next: undefined };
}

export interface VersionPage {
  readonly versions: readonly {
    readonly key: string;
    readonly version: ObjectVersion;
    readonly isLatest: boolean;
  }[];
  readonly commonPrefixes: readonly string[];
  readonly next: { readonly key: string; readonly versionId: string | undefined } | undefined;
}

/** Returns a page of all versions and delete markers after a marker, sorted by key, and within a key newest first. */
export function listVersions(
  bucket: Bucket,
  query: ListQuery & { readonly after: { readonly key: string; readonly versionId: string } | undefined },
): VersionPage {
  const versions: { key: string; version: ObjectVersion; isLatest: boolean }[] = [];
  const commonPrefixes: string[] = [];
  let last: VersionPage['next'];
  const { after } = query;
  for (const key of sortedKeys(bucket, query.prefix)) {
    const common = commonPrefixOf(key, query);
    const entry = common ?? key;
    const order = after === undefined ? 1 : compareUtf8(entry, after.key);
    if (order < 0 || (order === 0 && (after?.versionId === '' || common !== undefined))) continue;
    const all = bucket.objects.get(key) ?? [];
    const from = order === 0 ? all.findIndex((one) => one.versionId === after?.versionId) + 1 : 0;
    const wanted = common === undefined ? all.slice(from) : all.slice(0, 1);
    for (const version of wanted) {
      if (common !== undefined && common === commonPrefixes.at(-1)) continue;
      if (versions.length + commonPrefixes.length === query.maxKeys) {
        return { versions, commonPrefixes, next: query.maxKeys === 0 ? undefined : last };
      }
      if (common === undefined) versions.push({ key, version, isLatest: version === all[0] });
      else commonPrefixes.push(common);
      last = { key: entry, versionId: common === undefined ? version.versionId : undefined };
    }
  }
  return { versions, commonPrefixes, next: undefined };
}

function sortedKeys(bucket: Bucket, prefix: string): string[] {
  return [...bucket.objects.keys()].filter((key) => key.startsWith(prefix)).sort(compareUtf8);
}

function commonPrefixOf(key: string, query: ListQuery): string | undefined {
  if (query.delimiter === '') return undefined;
  const at = key.indexOf(query.delimiter, query.prefix.length);
  return at === -1 ? undefined : key.slice(0, at + query.delimiter.length);
}

/** JavaScript compares UTF-16 units, whose order differs from that of UTF-8 bytes for characters above U+FFFF. */
function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}

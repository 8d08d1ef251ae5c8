import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectStore } from '../../seams.ts';
import type { Checksum } from './checksum.ts';
import { noSuchBucket, noSuchKey, noSuchVersion, S3Error } from './s3-error.ts';

/** A version of an object, or a delete marker. */
export interface ObjectVersion {
  /** `null` for an object written while versioning was off. */
  readonly versionId: string;
  readonly isDeleteMarker: boolean;
  readonly size: number;
  /** Including its quotes. */
  readonly etag: string;
  readonly lastModifiedEpochMs: number;
  /** The file with the bytes. Undefined for a delete marker. */
  readonly file: string | undefined;
  /** User metadata; names without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Content-Type and similar headers; names in lower case. */
  readonly systemHeaders: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly checksum: Checksum | undefined;
}

export interface Bucket {
  readonly name: string;
  readonly createdAtEpochMs: number;
  /** Undefined until versioning is first enabled. */
  versioning: 'Enabled' | 'Suspended' | undefined;
  tags: Readonly<Record<string, string>>;
  policy: string | undefined;
  /** The versions by key, newest first. A list is never empty. */
  readonly objects: Map<string, ObjectVersion[]>;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET_NAME = /^(?!\d+\.\d+\.\d+\.\d+$)(?!xn--)[a-z0-9](?:[a-z0-9]|[.-](?![.])){1,61}[a-z0-9]$/;
const NO_VERSION = 'null';

export interface BucketStoreOptions {
  /** This store's own folder. Object files are numbered, so a key is never used as a path. */
  readonly directory: string;
  readonly now: () => number;
}

/** The buckets of this cloud. Names, versions and metadata are in memory, contents in files. */
export class BucketStore implements ObjectStore {
  readonly #buckets = new Map<string, Bucket>();
  readonly #options: BucketStoreOptions;
  #nextFile = 1;

  constructor(options: BucketStoreOptions) {
    this.#options = options;
    mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  }

  createBucket(name: string): void {
    if (!BUCKET_NAME.test(name)) {
      throw new S3Error('InvalidBucketName', 'The specified bucket is not valid.', 400, { BucketName: name });
    }
    if (this.#buckets.has(name)) {
      throw new S3Error(
        'BucketAlreadyOwnedByYou',
        'Your previous request to create the named bucket succeeded and you already own it.',
        409,
        { BucketName: name },
      );
    }
    this.#buckets.set(name, {
      name,
      createdAtEpochMs: this.#options.now(),
      versioning: undefined,
      tags: {},
      policy: undefined,
      objects: new Map(),
    });
  }

  deleteBucket(name: string): void {
    const bucket = this.bucket(name);
    if (bucket.objects.size > 0) {
      const isVersioned = bucket.versioning !== undefined;
      throw new S3Error(
        'BucketNotEmpty',
        isVersioned
          ? 'The bucket you tried to delete is not empty. You must delete all versions in the bucket.'
          : 'The bucket you tried to delete is not empty',
        409,
        { BucketName: name },
      );
    }
    this.#buckets.delete(name);
  }

  bucketExists(name: string): boolean {
    return this.#buckets.has(name);
  }

  isBucketEmpty(name: string): boolean {
    return this.bucket(name).objects.size === 0;
  }

  readObject(bucket: string, key: string, versionId?: string): Buffer {
    return readFileSync(this.#fileOf(this.version(bucket, key, versionId), key));
  }

  setVersioning(bucket: string, status: 'Enabled' | 'Suspended'): void {
    this.bucket(bucket).versioning = status;
  }

  setBucketTags(bucket: string, tags: Readonly<Record<string, string>>): void {
    this.bucket(bucket).tags = tags;
  }

  setBucketPolicy(bucket: string, policy: string | undefined): void {
    const target = this.bucket(bucket);
    if (policy !== undefined) requirePolicyDocument(policy);
    target.policy = policy;
  }

  /** @throws S3Error `NoSuchBucket` */
  bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) throw noSuchBucket(name);
    return bucket;
  }

  /** All buckets, sorted by name. */
  list(): readonly Bucket[] {
    return [...this.#buckets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Returns the newest version, or the requested one.
   * @throws S3Error `NoSuchBucket`, `NoSuchKey`, `NoSuchVersion`; `MethodNotAllowed` if the requested one is a delete
   * marker
   */
  version(bucketName: string, key: string, versionId?: string): ObjectVersion {
    const versions = this.bucket(bucketName).objects.get(key) ?? [];
    if (versionId === undefined) {
      const [newest] = versions;
      if (newest === undefined || newest.isDeleteMarker) throw noSuchKey(key, newest?.isDeleteMarker);
      return newest;
    }
    const found = versions.find((one) => one.versionId === versionId);
    if (found === undefined) throw noSuchVersion(key, versionId);
    if (found.isDeleteMarker) {
      throw new S3Error(
        'MethodNotAllowed',
        'The specified method is not allowed against this resource.',
        405,
        {},
        { 'x-amz-delete-marker': 'true', 'x-amz-version-id': versionId },
      );
    }
    return found;
  }

  /** Reads the content of a version. */
  async readVersion(version: ObjectVersion, key: string): Promise<Buffer> {
    return readFile(this.#fileOf(version, key));
  }

  /**
   * Adds a version. If versioning is off, it replaces the version without an id.
   * @param isAllowed called with the current version after the content is on disk, so of two conditional writes one
   * succeeds
   */
  async put(
    bucketName: string,
    key: string,
    content: {
      readonly body: Buffer;
      readonly etag: string;
      readonly metadata: Readonly<Record<string, string>>;
      readonly systemHeaders: Readonly<Record<string, string>>;
      readonly tags: Readonly<Record<string, string>>;
      readonly checksum: Checksum;
    },
    isAllowed: (current: ObjectVersion | undefined) => void,
  ): Promise<ObjectVersion> {
    this.bucket(bucketName);
    const file = join(this.#options.directory, String(this.#nextFile++));
    await writeFile(file, content.body, { mode: 0o600 });
    try {
      const bucket = this.bucket(bucketName);
      const [current] = bucket.objects.get(key) ?? [];
      isAllowed(current?.isDeleteMarker === true ? undefined : current);
      const version: ObjectVersion = {
        versionId: bucket.versioning === 'Enabled' ? newVersionId() : NO_VERSION,
        isDeleteMarker: false,
        size: content.body.length,
        etag: content.etag,
        lastModifiedEpochMs: this.#options.now(),
        file,
        metadata: content.metadata,
        systemHeaders: content.systemHeaders,
        tags: content.tags,
        checksum: content.checksum,
      };
      await this.#insert(bucket, key, version);
      return version;
    } catch (error) {
      await unlink(file);
      throw error;
    }
  }

  /**
   * Deletes as S3 does. A requested version is removed permanently. Without one, a delete marker is added if versioning
   * was ever enabled; otherwise the object is removed. Deleting a missing object succeeds.
   */
  async delete(
    bucketName: string,
    key: string,
    versionId?: string,
  ): Promise<{ readonly versionId: string | undefined; readonly isDeleteMarker: boolean }> {
    const bucket = this.bucket(bucketName);
    if (versionId !== undefined) {
      const removed = await this.#remove(bucket, key, versionId);
      return { versionId, isDeleteMarker: removed?.isDeleteMarker === true };
    }
    if (bucket.versioning === undefined) {
      await this.#remove(bucket, key, NO_VERSION);
      return { versionId: undefined, isDeleteMarker: false };
    }
    const marker: ObjectVersion = {
      versionId: bucket.versioning === 'Enabled' ? newVersionId() : NO_VERSION,
      isDeleteMarker: true,
      size: 0,
      etag: '',
      lastModifiedEpochMs: this.#options.now(),
      file: undefined,
      metadata: {},
      systemHeaders: {},
      tags: {},
      checksum: undefined,
    };
    await this.#insert(bucket, key, marker);
    return { versionId: marker.versionId, isDeleteMarker: true };
  }

  /** Replaces a version's tags. */
  setTags(
    bucketName: string,
    key: string,
    versionId: string | undefined,
    tags: ObjectVersion['tags'],
  ): ObjectVersion {
    const version = this.version(bucketName, key, versionId);
    const versions = this.bucket(bucketName).objects.get(key) ?? [];
    const changed = { ...version, tags };
    versions[versions.indexOf(version)] = changed;
    return changed;
  }

  async #insert(bucket: Bucket, key: string, version: ObjectVersion): Promise<void> {
    const versions = bucket.objects.get(key) ?? [];
    const replaced =
      version.versionId === NO_VERSION ? versions.findIndex((one) => one.versionId === NO_VERSION) : -1;
    const [old] = replaced === -1 ? [] : versions.splice(replaced, 1);
    versions.unshift(version);
    bucket.objects.set(key, versions);
    if (old?.file !== undefined) await unlink(old.file);
  }

  async #remove(bucket: Bucket, key: string, versionId: string): Promise<ObjectVersion | undefined> {
    const versions = bucket.objects.get(key) ?? [];
    const index = versions.findIndex((one) => one.versionId === versionId);
    if (index === -1) return undefined;
    const [removed] = versions.splice(index, 1);
    if (versions.length === 0) bucket.objects.delete(key);
    if (removed?.file !== undefined) await unlink(removed.file);
    return removed;
  }

  #fileOf(version: ObjectVersion, key: string): string {
    if (version.file === undefined) throw noSuchKey(key, version.isDeleteMarker);
    return version.file;
  }
}

function newVersionId(): string {
  return randomBytes(24).toString('base64url');
}

function requirePolicyDocument(policy: string): void {
  let document: unknown;
  try {
    document = JSON.parse(policy);
  } catch {
    throw new S3Error('MalformedPolicy', "Policies must be valid JSON and the first byte must be '{'");
  }
  const statements = (document as { Statement?: unknown } | null)?.Statement;
  if (typeof statements !== 'object' || statements === null) {
    throw new S3Error('MalformedPolicy', 'Missing required field Statement');
  }
}

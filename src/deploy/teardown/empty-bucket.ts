import {
  DeleteObjectsCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
} from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import { isNotFound } from '../../aws/failure-kind.ts';
import { awsError, type ShedbenchError } from '../../errors.ts';
import { keyPrefix, OBJECT_PROJECT_METADATA } from '../artifacts/upload-artifacts.ts';
import type { StackContext } from '../stacks/stack-context.ts';

/** A version of an object, or a delete marker, which has neither content nor metadata. */
export interface ObjectVersion {
  readonly key: string;
  /** `null` (the word) in a bucket that never kept versions. */
  readonly versionId: string;
  readonly isDeleteMarker: boolean;
}

/** What a bucket holds, the project's own told from everything else. */
export interface BucketContent {
  readonly own: readonly ObjectVersion[];
  readonly foreign: readonly ObjectVersion[];
}

const REQUESTS_AT_ONCE = 8;
/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
const MAX_DELETIONS_PER_REQUEST = 1_000;

/** True where the bucket exists. */
export async function bucketExists(
  context: StackContext,
  bucket: string,
  signal: AbortSignal,
): Promise<boolean> {
  const s3 = await context.clients.s3();
  try {
    await context.patience.call(
      (abortSignal) => s3.send(new HeadBucketCommand({ Bucket: bucket }), { abortSignal }),
      signal,
    );
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

/**
 * All versions in a bucket; undefined where there is no such bucket. A version is the project's own if its key is below
 * the project's prefix and, but for a delete marker, its metadata names the project.
 */
export async function readBucket(
  context: StackContext,
  project: string,
  bucket: string,
  signal: AbortSignal,
): Promise<BucketContent | undefined> {
  try {
    const versions = await listVersions(context, bucket, signal);
    const limit = pLimit(REQUESTS_AT_ONCE);
    const judged = await Promise.all(
      versions.map((version) =>
        limit(async () => ({ version, own: await isOwn(context, project, bucket, version, signal) })),
      ),
    );
    return {
      own: judged.filter(({ own }) => own).map(({ version }) => version),
      foreign: judged.filter(({ own }) => !own).map(({ version }) => version),
    };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function listVersions(
  context: StackContext,
  bucket: string,
  signal: AbortSignal,
): Promise<readonly ObjectVersion[]> {
  const s3 = await context.clients.s3();
  const versions: ObjectVersion[] = [];
  let page: ListObjectVersionsCommandOutput | undefined;
  do {
    const input = {
      Bucket: bucket,
      ...(page?.NextKeyMarker === undefined ? {} : { KeyMarker: page.NextKeyMarker }),
      ...(page?.NextVersionIdMarker === undefined ? {} : { VersionIdMarker: page.NextVersionIdMarker }),
    };
    page = await context.patience.call(
      (abortSignal) => s3.send(new ListObjectVersionsCommand(input), { abortSignal }),
      signal,
    );
    for (const { Key = '', VersionId = 'null' } of page.Versions ?? []) {
      versions.push({ key: Key, versionId: VersionId, isDeleteMarker: false });
    }
    for (const { Key = '', VersionId = 'null' } of page.DeleteMarkers ?? []) {
      versions.push({ key: Key, versionId: VersionId, isDeleteMarker: true });
    }
  } while (page.IsTruncated === true);
  return versions;
}

async function isOwn(
  context: StackContext,
  project: string,
  bucket: string,
  version: ObjectVersion,
  signal: AbortSignal,
): Promise<boolean> {
  if (!version.key.startsWith(keyPrefix(project))) return false;
  if (version.isDeleteMarker) return true;
  const s3 = await context.clients.s3();
  const input = {
    Bucket: bucket,
    Key: version.key,
    // A version id asks for a permission of its own; without versions the plain one is enough.
    ...(version.versionId === 'null' ? {} : { VersionId: version.versionId }),
  };
  const head = await context.patience.call(
    (abortSignal) => s3.send(new HeadObjectCommand(input), { abortSignal }),
    signal,
  );
  return head.Metadata?.[OBJECT_PROJECT_METADATA] === project;
}

/**
 * Deletes versions from a bucket.
 * @throws ShedbenchError `objects-not-deleted` (exit 3) naming what S3 kept and why
 */
export async function deleteVersions(
  context: StackContext,
  bucket: string,
  versions: readonly ObjectVersion[],
  signal: AbortSignal,
): Promise<void> {
  const s3 = await context.clients.s3();
  for (let start = 0; start < versions.length; start += MAX_DELETIONS_PER_REQUEST) {
    const batch = versions.slice(start, start + MAX_DELETIONS_PER_REQUEST);
    const Objects = batch.map(({ key, versionId }) => ({
      Key: key,
      ...(versionId === 'null' ? {} : { VersionId: versionId }),
    }));
    const answer = await context.patience.call(
      (abortSignal) =>
        s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }), {
          abortSignal,
        }),
      signal,
    );
    const [first] = answer.Errors ?? [];
    if (first !== undefined) {
      throw awsError(
        'objects-not-deleted',
        `s3://${bucket} keeps ${answer.Errors?.length ?? 0} objects, the first ${first.Key ?? '?'}: ${first.Message ?? first.Code ?? ''}`,
        'Remove the cause and run the same command again',
      );
    }
  }
}

/** The most keys that an error lists; the rest is counted. */
const LISTED_KEYS = 10;

/** The error for a bucket that holds what this project did not write (exit 3). */
export function foreignObjects(bucket: string, foreign: readonly ObjectVersion[]): ShedbenchError {
  const keys = [...new Set(foreign.map(({ key }) => key))];
  const more = keys.length > LISTED_KEYS ? [`and ${keys.length - LISTED_KEYS} more`] : [];
  return awsError(
    'foreign-objects',
    `s3://${bucket} holds objects that this project did not write: ${[...keys.slice(0, LISTED_KEYS), ...more].join(', ')}`,
    `Move or delete them (aws s3 ls s3://${bucket} --recursive), then run teardown again`,
  );
}

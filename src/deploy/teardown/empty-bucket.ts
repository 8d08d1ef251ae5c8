import {
  DeleteObjectsCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
} from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import { isNotFound, otherRegionOf } from '../../aws/failure-kind.ts';
import { awsError, type ShedbenchError } from '../../errors.ts';
import { counted } from '../../model/number-text.ts';
import { keyPrefix, OBJECT_PROJECT_METADATA } from '../artifacts/upload-artifacts.ts';
import type { StackContext } from '../stacks/stack-context.ts';

/** A version of an object, or a delete marker, which has neither content nor metadata. */
export interface ObjectVersion {
  readonly key: string;
  /**
   * As the listing shows it: the word `null` for an object that was written while the bucket kept no versions. A
   * deletion must name it even then, because without it S3 only adds a delete marker once the bucket keeps versions.
   */
  readonly versionId: string | undefined;
  readonly isDeleteMarker: boolean;
  /** True for the version that a request without a version id addresses. */
  readonly isLatest: boolean;
}

/** What a bucket holds, divided into the project's own objects and all others. */
export interface BucketContent {
  readonly own: readonly ObjectVersion[];
  readonly foreign: readonly ObjectVersion[];
}

const REQUESTS_AT_ONCE = 8;
/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
const MAX_DELETIONS_PER_REQUEST = 1_000;

/**
 * True for the failure of a call whose bucket does not exist, or not in the region of its stack. The latter is a bucket that
 * somebody made under this name after the stack's own was deleted. A warning names its region; it is never changed.
 */
function isBucketGone(context: StackContext, bucket: string, error: unknown): boolean {
  const region = otherRegionOf(error);
  if (region === undefined) return isNotFound(error);
  context.emit({
    type: 'warning',
    code: 'bucket-elsewhere',
    message: `s3://${bucket} is in ${region}, not in ${context.clients.target.region} where its stack created it: it is another bucket of the same name and is left unchanged`,
  });
  return true;
}

/** Whether the bucket exists in the region of the target. */
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
    if (isBucketGone(context, bucket, error)) return false;
    throw error;
  }
}

/**
 * Everything in a bucket: all versions of all objects, and all delete markers. A version is the project's own if its
 * key begins with the project's prefix and its metadata names the project. A delete marker has no metadata: its key
 * decides.
 * @returns undefined if there is no such bucket
 */
export async function readBucket(
  context: StackContext,
  project: string,
  bucket: string,
  signal: AbortSignal,
): Promise<BucketContent | undefined> {
  const versions = await listVersions(context, bucket, signal);
  if (versions === undefined) return undefined;
  const limit = pLimit(REQUESTS_AT_ONCE);
  const judged = await Promise.all(
    versions.map((version) =>
      limit(async () => ({ version, owner: await ownerOf(context, project, bucket, version, signal) })),
    ),
  );
  const of = (wanted: Owner): readonly ObjectVersion[] =>
    judged.filter(({ owner }) => owner === wanted).map(({ version }) => version);
  return { own: of('project'), foreign: of('other') };
}

/** The runtime labels in the keys of a bucket: every key of a project is `<project>/<label>/<file>`. */
export async function labelsInBucket(
  context: StackContext,
  project: string,
  bucket: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const versions = (await listVersions(context, bucket, signal)) ?? [];
  const labels = versions.flatMap(({ key }) => {
    const [label = '', file] = key.startsWith(keyPrefix(project))
      ? key.slice(keyPrefix(project).length).split('/')
      : [];
    return file === undefined || label === '' ? [] : [label];
  });
  return [...new Set(labels)].sort();
}

/** All versions and delete markers. Undefined if there is no such bucket. */
async function listVersions(
  context: StackContext,
  bucket: string,
  signal: AbortSignal,
): Promise<readonly ObjectVersion[] | undefined> {
  const s3 = await context.clients.s3();
  const versions: ObjectVersion[] = [];
  let page: ListObjectVersionsCommandOutput | undefined;
  try {
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
      for (const { Key: key = '', VersionId: versionId, IsLatest: isLatest = false } of page.Versions ?? []) {
        versions.push({ key, versionId, isLatest, isDeleteMarker: false });
      }
      for (const { Key: key = '', VersionId: versionId } of page.DeleteMarkers ?? []) {
        versions.push({ key, versionId, isLatest: false, isDeleteMarker: true });
      }
    } while (page.IsTruncated === true);
  } catch (error) {
    if (isBucketGone(context, bucket, error)) return undefined;
    throw error;
  }
  return versions;
}

type Owner = 'project' | 'other' | 'gone';

async function ownerOf(
  context: StackContext,
  project: string,
  bucket: string,
  version: ObjectVersion,
  signal: AbortSignal,
): Promise<Owner> {
  if (!version.key.startsWith(keyPrefix(project))) return 'other';
  if (version.isDeleteMarker) return 'project';
  const s3 = await context.clients.s3();
  // The latest version is asked for without its id: that takes one permission less, and moto refuses the id `null` there.
  const input = { Bucket: bucket, Key: version.key, ...(version.isLatest ? {} : versionOf(version)) };
  try {
    const head = await context.patience.call(
      (abortSignal) => s3.send(new HeadObjectCommand(input), { abortSignal }),
      signal,
    );
    return head.Metadata?.[OBJECT_PROJECT_METADATA] === project ? 'project' : 'other';
  } catch (error) {
    // The version was deleted after the bucket was listed.
    if (isNotFound(error)) return 'gone';
    throw error;
  }
}

function versionOf({ versionId }: ObjectVersion): { readonly VersionId?: string } {
  return versionId === undefined ? {} : { VersionId: versionId };
}

/**
 * How often a bucket is listed and emptied at most. More than one round is needed only if somebody adds objects in the
 * meantime.
 */
const MAX_ROUNDS = 5;

/**
 * Deletes every version and every delete marker of the project's objects until the bucket's listing is empty.
 * @returns how many were deleted
 * @throws ShedbenchError exit 3: `foreign-objects` before anything is deleted if somebody else's object is there,
 *   `objects-not-deleted` if S3 keeps some
 */
export async function emptyBucket(
  context: StackContext,
  project: string,
  bucket: string,
  signal: AbortSignal,
): Promise<number> {
  let deleted = 0;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const content = await readBucket(context, project, bucket, signal);
    if (content === undefined) return deleted;
    if (content.foreign.length > 0) throw foreignObjects(bucket, content.foreign);
    if (content.own.length === 0) return deleted;
    await deleteVersions(context, bucket, content.own, signal);
    deleted += content.own.length;
  }
  throw awsError(
    'objects-not-deleted',
    `s3://${bucket} was emptied ${MAX_ROUNDS} times and still holds objects: somebody else is uploading to it`,
    'Wait until they are done, then run the same command again',
  );
}

/**
 * Deletes versions from a bucket.
 *
 * @throws ShedbenchError `objects-not-deleted` (exit 3) naming what S3 kept and why
 */
async function deleteVersions(
  context: StackContext,
  bucket: string,
  versions: readonly ObjectVersion[],
  signal: AbortSignal,
): Promise<void> {
  const s3 = await context.clients.s3();
  for (let start = 0; start < versions.length; start += MAX_DELETIONS_PER_REQUEST) {
    const batch = versions.slice(start, start + MAX_DELETIONS_PER_REQUEST);
    const Objects = batch.map((version) => ({ Key: version.key, ...versionOf(version) }));
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
        `s3://${bucket} keeps ${counted(answer.Errors?.length ?? 0, 'object')}, the first ${first.Key ?? '?'}: ${first.Message ?? first.Code ?? ''}`,
        'Remove the cause and run the same command again',
      );
    }
  }
}

/** The largest number of keys that an error lists. It states only the number of the others. */
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

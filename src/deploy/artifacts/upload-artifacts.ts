import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import { errorCodeOf } from '../../aws/errors.ts';
import { isNotFound } from '../../aws/failure-kind.ts';
import { awsError, type ShedbenchError } from '../../errors.ts';
import { assetsStackName } from '../../model/project.ts';
import { withStep } from '../../model/with-step.ts';
import type { StackContext } from '../stacks/stack-context.ts';
import type { FunctionArtifact } from './package-functions.ts';

/** The parts of a function's code that an upload needs. */
export type UploadArtifact = Pick<FunctionArtifact, 's3Key' | 'sha256' | 'zip'>;

/** Object metadata (`x-amz-meta-…`) by which teardown recognizes the project's own objects. */
export const OBJECT_PROJECT_METADATA = 'shedbench-project';
const OBJECT_SHA256_METADATA = 'shedbench-sha256';

/**
 * The number of simultaneous uploads. More of them are not faster over the same internet connection, and each keeps its
 * zip in memory.
 */
const UPLOADS_AT_ONCE = 4;

/** The prefix of every key that a project writes. */
export function keyPrefix(project: string): string {
  return `${project}/`;
}

/** Uploads the zips that the bucket does not have yet. A key contains its content's hash, so the same key means the same zip. */
export async function uploadArtifacts(
  context: StackContext,
  project: string,
  bucket: string,
  artifacts: readonly UploadArtifact[],
  signal: AbortSignal,
): Promise<{ readonly uploaded: number; readonly present: number; readonly bytes: number }> {
  const limit = pLimit(UPLOADS_AT_ONCE);
  const byKey = new Map(artifacts.map((artifact) => [artifact.s3Key, artifact]));
  const id = 'upload';
  const uploadAll = async () => {
    let done = 0;
    let uploaded = 0;
    let bytes = 0;
    try {
      await Promise.all(
        [...byKey.values()].map((artifact) =>
          limit(async () => {
            if (!(await isPresent(context, bucket, artifact.s3Key, signal))) {
              await upload(context, project, bucket, artifact, signal);
              uploaded += 1;
              bytes += artifact.zip.length;
            }
            done += 1;
            context.emit({ type: 'step-progress', id, detail: `${done} of ${byKey.size}` });
          }),
        ),
      );
    } catch (error) {
      limit.clearQueue();
      throw errorCodeOf(error) === 'NoSuchBucket' ? bucketGone(project, bucket, error) : error;
    }
    return { uploaded, present: byKey.size - uploaded, bytes };
  };
  return await withStep(
    { id, title: `Uploading to s3://${bucket}` },
    context.emit,
    uploadAll,
    ({ uploaded, present }) =>
      uploaded === 0
        ? { outcome: 'skipped', detail: `all ${present} are there already` }
        : { outcome: 'done', detail: `${uploaded} new, ${present} there already` },
  );
}

/** The error for a bucket that was deleted while its stack still exists. CloudFormation does not notice it (exit 3). */
function bucketGone(project: string, bucket: string, cause: unknown): ShedbenchError {
  return awsError(
    'bucket-gone',
    `s3://${bucket} was deleted, although its stack ${assetsStackName(project)} still exists`,
    `Delete the stacks and deploy again: shedbench teardown --project ${project}`,
    cause,
  );
}

async function isPresent(
  context: StackContext,
  bucket: string,
  key: string,
  signal: AbortSignal,
): Promise<boolean> {
  const s3 = await context.clients.s3();
  try {
    await context.patience.call(
      (abortSignal) => s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), { abortSignal }),
      signal,
    );
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

async function upload(
  context: StackContext,
  project: string,
  bucket: string,
  artifact: UploadArtifact,
  signal: AbortSignal,
): Promise<void> {
  const s3 = await context.clients.s3();
  await context.patience.call(
    (abortSignal) =>
      s3.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: artifact.s3Key,
          Body: artifact.zip,
          ContentType: 'application/zip',
          Metadata: {
            [OBJECT_PROJECT_METADATA]: project,
            [OBJECT_SHA256_METADATA]: artifact.sha256,
          },
        }),
        { abortSignal },
      ),
    signal,
  );
}

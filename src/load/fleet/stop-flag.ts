import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { AwsClients } from '../../aws/clients.ts';
import { errorCodeOf } from '../../aws/errors.ts';
import type { Emit } from '../../model/events.ts';
import type { LoaderPort } from './loader-port.ts';

/** How long the presigned URL of the flag is valid: longer than the longest load. */
const GOOD_FOR_S = 26 * 3600;

/** The place of the flag, and the tags of the project's objects in that bucket. */
export interface FlagPlace {
  readonly bucket: string;
  readonly key: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * The flag to stop: an object that exists when the loaders must stop. The loaders read it by a URL that is signed
 * here, because their own role has no permission to read.
 */
export async function openStopFlag(
  { bucket, key, metadata }: FlagPlace,
  clients: AwsClients,
  emit: Emit,
): Promise<Omit<LoaderPort, 'invoke'>> {
  const s3 = await clients.s3();
  let isRaised = false;
  return {
    stopUrl: await getSignedUrl(s3, new GetObjectCommand({ Bucket: bucket, Key: key }), {
      expiresIn: GOOD_FOR_S,
    }),
    async raiseStop() {
      isRaised = true;
      const object = { Bucket: bucket, Key: key, Body: 'stop', Metadata: { ...metadata } };
      try {
        await s3.send(new PutObjectCommand(object));
      } catch (error) {
        emit({
          type: 'warning',
          code: 'loaders-not-stopped',
          message: `The loaders could not be told to stop (${errorCodeOf(error)}). They continue to the end of their share, for at most 15 minutes.`,
        });
      }
    },
    async end() {
      // A flag that remains does no harm. No other load reads it, and teardown deletes it.
      if (isRaised)
        await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })).catch(() => undefined);
    },
  };
}

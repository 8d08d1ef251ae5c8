import { join } from 'node:path';
import { answer } from '../../protocols/answer.ts';
import { escapeXml, xmlContent } from '../../protocols/xml.ts';
import type {
  Cloud,
  DoorRequest,
  DoorResponse,
  ObjectStore,
  ServiceError,
  ServiceParts,
} from '../../seams.ts';
import { BucketStore } from './bucket-store.ts';
import { MultipartUploads } from './multipart-uploads.ts';
import type { S3Operation } from './operation.ts';
import { abortMultipartUpload } from './operations/abort-multipart-upload.ts';
import { completeMultipartUpload } from './operations/complete-multipart-upload.ts';
import { createBucket } from './operations/create-bucket.ts';
import { createMultipartUpload } from './operations/create-multipart-upload.ts';
import { deleteBucket } from './operations/delete-bucket.ts';
import { deleteBucketPolicy } from './operations/delete-bucket-policy.ts';
import { deleteBucketTagging } from './operations/delete-bucket-tagging.ts';
import { deleteObject } from './operations/delete-object.ts';
import { deleteObjectTagging } from './operations/delete-object-tagging.ts';
import { deleteObjects } from './operations/delete-objects.ts';
import { getBucketLocation } from './operations/get-bucket-location.ts';
import { getBucketPolicy } from './operations/get-bucket-policy.ts';
import { getBucketTagging } from './operations/get-bucket-tagging.ts';
import { getBucketVersioning } from './operations/get-bucket-versioning.ts';
import { getObject } from './operations/get-object.ts';
import { getObjectTagging } from './operations/get-object-tagging.ts';
import { headBucket } from './operations/head-bucket.ts';
import { headObject } from './operations/head-object.ts';
import { listBuckets } from './operations/list-buckets.ts';
import { listMultipartUploads } from './operations/list-multipart-uploads.ts';
import { listObjectVersions } from './operations/list-object-versions.ts';
import { listObjects } from './operations/list-objects.ts';
import { listObjectsV2 } from './operations/list-objects-v2.ts';
import { listParts } from './operations/list-parts.ts';
import { putBucketPolicy } from './operations/put-bucket-policy.ts';
import { putBucketTagging } from './operations/put-bucket-tagging.ts';
import { putBucketVersioning } from './operations/put-bucket-versioning.ts';
import { putObject } from './operations/put-object.ts';
import { putObjectTagging } from './operations/put-object-tagging.ts';
import { uploadPart } from './operations/upload-part.ts';
import { notImplemented, S3Error } from './s3-error.ts';

/** The operations by method, what the path names, and the subresource in the query. */
const OPERATIONS: Readonly<Record<string, S3Operation>> = {
  'GET service': listBuckets,
  'PUT bucket': createBucket,
  'HEAD bucket': headBucket,
  'DELETE bucket': deleteBucket,
  'GET bucket': listObjects,
  'GET bucket list-type': listObjectsV2,
  'GET bucket versions': listObjectVersions,
  'GET bucket location': getBucketLocation,
  'GET bucket versioning': getBucketVersioning,
  'PUT bucket versioning': putBucketVersioning,
  'GET bucket tagging': getBucketTagging,
  'PUT bucket tagging': putBucketTagging,
  'DELETE bucket tagging': deleteBucketTagging,
  'GET bucket policy': getBucketPolicy,
  'PUT bucket policy': putBucketPolicy,
  'DELETE bucket policy': deleteBucketPolicy,
  'POST bucket delete': deleteObjects,
  'PUT object': putObject,
  'POST object uploads': createMultipartUpload,
  'PUT object partNumber uploadId': uploadPart,
  'POST object uploadId': completeMultipartUpload,
  'DELETE object uploadId': abortMultipartUpload,
  'GET object uploadId': listParts,
  'GET bucket uploads': listMultipartUploads,
  'GET object': getObject,
  'HEAD object': headObject,
  'DELETE object': deleteObject,
  'GET object tagging': getObjectTagging,
  'PUT object tagging': putObjectTagging,
  'DELETE object tagging': deleteObjectTagging,
};

/** Query parameters that do not select an operation. Any other name must be a subresource of an operation. */
const PARAMETERS =
  /^(?:x-id|x-amz-checksum-mode|versionId|prefix|delimiter|max-keys|encoding-type|continuation-token|start-after|fetch-owner|marker|key-marker|version-id-marker|max-buckets|bucket-region|max-parts|part-number-marker|max-uploads|upload-id-marker|response-.*|X-Amz-.*)$/;
const MAX_KEY_BYTES = 1024;

/** Creates S3 with path-style addresses and the operations that upload and remove assets. */
export function createS3(
  cloud: Pick<Cloud, 'accountId' | 'region' | 'dataDir' | 'now' | 'log'>,
): ServiceParts<ObjectStore> {
  const store = new BucketStore({ directory: join(cloud.dataDir, 's3'), now: cloud.now });
  const uploads = new MultipartUploads({ directory: join(cloud.dataDir, 's3-uploads'), now: cloud.now });
  const { region, accountId } = cloud;
  const handle = (request: DoorRequest): Promise<DoorResponse> =>
    answer(
      request,
      `s3 ${request.method} ${request.path}`,
      cloud.log,
      async () => {
        const { bucket, key } = splitPath(request.path);
        const owner = request.headers['x-amz-expected-bucket-owner'];
        if (owner !== undefined && owner !== accountId)
          throw new S3Error('AccessDenied', 'Access Denied', 403);
        const operation = findOperation(request, bucket, key);
        return operation({ request, store, uploads, bucket, key, region, accountId });
      },
      (error) => renderError(error, request),
    );
  return { control: store, services: [{ signingName: 's3', handle }] };
}

function findOperation(request: DoorRequest, bucket: string, key: string): S3Operation {
  const subresources = [...new Set(request.query.keys())].filter((name) => !PARAMETERS.test(name)).sort();
  const level = bucket === '' ? 'service' : key === '' ? 'bucket' : 'object';
  const name = [request.method, level, ...subresources].join(' ');
  const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
  if (operation === undefined) throw notImplemented(name);
  return operation;
}

/** Splits a path-style path into bucket and key, decoded. A key is any text; `..` has no meaning in it. */
function splitPath(path: string): { readonly bucket: string; readonly key: string } {
  const slash = path.indexOf('/', 1);
  try {
    const bucket = decodeURIComponent(slash === -1 ? path.slice(1) : path.slice(1, slash));
    const key = slash === -1 ? '' : decodeURIComponent(path.slice(slash + 1));
    if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
      throw new S3Error('KeyTooLongError', 'Your key is too long', 400, {
        Size: Buffer.byteLength(key),
        MaxSizeAllowed: MAX_KEY_BYTES,
      });
    }
    return { bucket, key };
  } catch (error) {
    if (error instanceof S3Error) throw error;
    throw new S3Error('InvalidURI', "Couldn't parse the specified URI.", 400, { URI: path });
  }
}

function renderError(error: ServiceError, request: DoorRequest): DoorResponse {
  return {
    status: error.status,
    headers: { ...(error instanceof S3Error ? error.headers : {}), 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message>${xmlContent(error.fields, 'flat')}<Resource>${escapeXml(request.path)}</Resource><RequestId>${request.requestId}</RequestId><HostId>${request.requestId}</HostId></Error>`,
  };
}

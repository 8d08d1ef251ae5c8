import { type S3Operation, xmlAnswer } from '../operation.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html */
export const getBucketVersioning: S3Operation = ({ store, bucket }) =>
  xmlAnswer('VersioningConfiguration', { Status: store.bucket(bucket).versioning });

import { ServiceError } from '../../seams.ts';

/** An S3 error and its headers. @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export class S3Error extends ServiceError {
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: string,
    message: string,
    status = 400,
    fields: Readonly<Record<string, unknown>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(code, message, status, fields);
    this.headers = headers;
  }
}

export function noSuchBucket(bucket: string): S3Error {
  return new S3Error('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: bucket });
}

export function noSuchKey(key: string, isDeleteMarker = false): S3Error {
  return new S3Error(
    'NoSuchKey',
    'The specified key does not exist.',
    404,
    { Key: key },
    isDeleteMarker ? { 'x-amz-delete-marker': 'true' } : {},
  );
}

export function noSuchVersion(key: string, versionId: string): S3Error {
  return new S3Error('NoSuchVersion', 'The specified version does not exist.', 404, {
    Key: key,
    VersionId: versionId,
  });
}

export function invalidArgument(message: string, name: string, value: string): S3Error {
  return new S3Error('InvalidArgument', message, 400, { ArgumentName: name, ArgumentValue: value });
}

/** The error for features of S3 that this cloud does not support. It names them, so that none is ignored silently. */
export function notImplemented(what: string): S3Error {
  return new S3Error('NotImplemented', `The local cloud's S3 does not support ${what}`, 501);
}

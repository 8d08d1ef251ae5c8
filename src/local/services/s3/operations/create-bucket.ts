import { parseXml, xmlText } from '../../../protocols/xml.ts';
import { emptyAnswer, type S3Operation } from '../operation.ts';
import { S3Error } from '../s3-error.ts';

/**
 * Creates a bucket. Creating an existing one again succeeds in us-east-1, and is `BucketAlreadyOwnedByYou` elsewhere.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
 */
export const createBucket: S3Operation = ({ request, store, bucket, region }) => {
  const constraint =
    request.body.length === 0
      ? ''
      : (xmlText(parseXml(request.body.toString('utf8')), 'LocationConstraint') ?? '');
  const expected = region === 'us-east-1' ? '' : region;
  if (constraint !== expected) {
    throw new S3Error(
      'IllegalLocationConstraintException',
      `The ${constraint === '' ? 'unspecified' : constraint} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    );
  }
  if (!(region === 'us-east-1' && store.bucketExists(bucket))) store.createBucket(bucket);
  return emptyAnswer(200, { location: `/${bucket}` });
};

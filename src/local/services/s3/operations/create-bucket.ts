import { parseXml, xmlText } from '../../../protocols/xml.ts';
import { emptyAnswer, type S3Operation } from '../operation.ts';
import { S3Error } from '../s3-error.ts';

/**
 * In us-east-1 creating one's own bucket again succeeds, elsewhere it is `BucketAlreadyOwnedByYou`.
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

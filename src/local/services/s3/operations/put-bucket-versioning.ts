import { parseXml, xmlText } from '../../../protocols/xml.ts';
import { emptyAnswer, type S3Operation } from '../operation.ts';
import { notImplemented, S3Error } from '../s3-error.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html */
export const putBucketVersioning: S3Operation = ({ request, store, bucket }) => {
  const root = parseXml(request.body.toString('utf8'));
  if (xmlText(root, 'MfaDelete') === 'Enabled') throw notImplemented('MFA delete');
  const status = xmlText(root, 'Status');
  if (status !== 'Enabled' && status !== 'Suspended') {
    throw new S3Error('IllegalVersioningConfigurationException', 'The Versioning element must be specified');
  }
  store.setVersioning(bucket, status);
  return emptyAnswer(200);
};

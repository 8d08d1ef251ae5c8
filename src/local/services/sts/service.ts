import { awsQueryService } from '../../protocols/aws-query.ts';
import type { Cloud, Service } from '../../seams.ts';
import { getCallerIdentity } from './operations/get-caller-identity.ts';

/** Creates STS, which returns the only caller of this cloud. */
export function createSts(cloud: Pick<Cloud, 'accountId' | 'log'>, accessKeyId: string): Service {
  return awsQueryService({
    signingName: 'sts',
    version: '2011-06-15',
    xmlns: 'https://sts.amazonaws.com/doc/2011-06-15/',
    operations: { GetCallerIdentity: getCallerIdentity(cloud.accountId, accessKeyId) },
    log: cloud.log,
  });
}

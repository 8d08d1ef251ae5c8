import type { Operation } from '../../../protocols/operation.ts';

/** @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
export function getCallerIdentity(accountId: string, accessKeyId: string): Operation {
  return async () => ({
    Arn: `arn:aws:iam::${accountId}:user/local`,
    // An IAM user's unique id begins with AIDA. This one is derived from the key, so each cloud has its own.
    UserId: accessKeyId.replace(/^AKIA/, 'AIDA'),
    Account: accountId,
  });
}

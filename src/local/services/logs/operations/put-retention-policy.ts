import type { Operation } from '../../../protocols/operation.ts';
import { invalidParameter, onlyKnown, optionalInteger, requiredString } from '../input.ts';
import type { LogGroups } from '../log-groups.ts';

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
export function putRetentionPolicy(groups: LogGroups): Operation {
  return async (input) => {
    onlyKnown(input, ['logGroupName', 'retentionInDays']);
    const days = optionalInteger(input, 'retentionInDays', 1, Number.MAX_SAFE_INTEGER);
    if (days === undefined) throw invalidParameter('retentionInDays must be given');
    groups.setRetention(requiredString(input, 'logGroupName'), days);
    return undefined;
  };
}

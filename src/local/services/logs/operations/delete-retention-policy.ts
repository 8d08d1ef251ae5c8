import type { Operation } from '../../../protocols/operation.ts';
import { onlyKnown, requiredString } from '../input.ts';
import type { LogGroups } from '../log-groups.ts';

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteRetentionPolicy.html */
export function deleteRetentionPolicy(groups: LogGroups): Operation {
  return async (input) => {
    onlyKnown(input, ['logGroupName']);
    groups.setRetention(requiredString(input, 'logGroupName'), undefined);
    return undefined;
  };
}

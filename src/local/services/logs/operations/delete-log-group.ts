import type { Operation } from '../../../protocols/operation.ts';
import { onlyKnown, requiredString } from '../input.ts';
import type { LogGroups } from '../log-groups.ts';

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html */
export function deleteLogGroup(groups: LogGroups): Operation {
  return async (input) => {
    onlyKnown(input, ['logGroupName']);
    groups.deleteLogGroup(requiredString(input, 'logGroupName'));
    return undefined;
  };
}

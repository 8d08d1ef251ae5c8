import type { Operation } from '../../../protocols/operation.ts';
import { onlyKnown, requiredString } from '../input.ts';
import type { LogGroups } from '../log-groups.ts';

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsLogGroup.html */
export function listTagsLogGroup(groups: LogGroups): Operation {
  return async (input) => {
    onlyKnown(input, ['logGroupName']);
    return { tags: Object.fromEntries(groups.group(requiredString(input, 'logGroupName')).tags) };
  };
}

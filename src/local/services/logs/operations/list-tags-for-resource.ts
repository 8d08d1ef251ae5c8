import type { Operation } from '../../../protocols/operation.ts';
import { onlyKnown, requiredString } from '../input.ts';
import type { LogGroups } from '../log-groups.ts';

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsForResource.html */
export function listTagsForResource(groups: LogGroups): Operation {
  return async (input) => {
    onlyKnown(input, ['resourceArn']);
    const group = groups.groupByIdentifier(requiredString(input, 'resourceArn'));
    return { tags: Object.fromEntries(group.tags) };
  };
}

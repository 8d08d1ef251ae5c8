import type { Operation } from '../../../protocols/operation.ts';
import { onlyKnown, requiredString, tagMap } from '../input.ts';
import type { LogGroups } from '../log-groups.ts';

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html */
export function tagResource(groups: LogGroups): Operation {
  return async (input) => {
    onlyKnown(input, ['resourceArn', 'tags']);
    const group = groups.groupByIdentifier(requiredString(input, 'resourceArn'));
    for (const [key, value] of Object.entries(tagMap(input, 'tags'))) group.tags.set(key, value);
    return undefined;
  };
}

import type { Operation } from '../../../protocols/operation.ts';
import { onlyKnown, optionalStrings, requiredString } from '../input.ts';
import type { LogGroups } from '../log-groups.ts';

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UntagResource.html */
export function untagResource(groups: LogGroups): Operation {
  return async (input) => {
    onlyKnown(input, ['resourceArn', 'tagKeys']);
    const group = groups.groupByIdentifier(requiredString(input, 'resourceArn'));
    for (const key of optionalStrings(input, 'tagKeys') ?? []) group.tags.delete(key);
    return undefined;
  };
}

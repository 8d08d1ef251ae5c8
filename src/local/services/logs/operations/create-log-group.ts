import type { Operation } from '../../../protocols/operation.ts';
import { invalidParameter, onlyKnown, optionalString, requiredString, tagMap } from '../input.ts';
import type { LogGroups } from '../log-groups.ts';

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html */
export function createLogGroup(groups: LogGroups): Operation {
  return async (input) => {
    onlyKnown(input, ['logGroupName', 'tags', 'logGroupClass']);
    const logGroupClass = optionalString(input, 'logGroupClass') ?? 'STANDARD';
    if (logGroupClass !== 'STANDARD') {
      throw invalidParameter(
        `The local cloud supports only the log group class STANDARD, not ${logGroupClass}`,
      );
    }
    groups.createLogGroup(requiredString(input, 'logGroupName'), { tags: tagMap(input, 'tags') });
    return undefined;
  };
}

import type { Operation } from '../../../protocols/operation.ts';
import { onlyKnown, requiredString } from '../input.ts';
import type { LogGroups } from '../log-groups.ts';

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html */
export function createLogStream(groups: LogGroups): Operation {
  return async (input) => {
    onlyKnown(input, ['logGroupName', 'logStreamName']);
    groups.createStream(
      groups.group(requiredString(input, 'logGroupName')),
      requiredString(input, 'logStreamName'),
    );
    return undefined;
  };
}

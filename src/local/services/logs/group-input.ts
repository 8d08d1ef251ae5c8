import type { OperationInput } from '../../protocols/operation.ts';
import { invalidParameter, optionalString, requiredString } from './input.ts';
import type { LogGroup } from './log-group.ts';
import type { LogGroups } from './log-groups.ts';

/**
 * Returns the group that a request names, by either `logGroupName` or `logGroupIdentifier` (name or ARN).
 * @throws ServiceError `InvalidParameterException`, `ResourceNotFoundException`
 */
export function groupOf(groups: LogGroups, input: OperationInput): LogGroup {
  const identifier = optionalString(input, 'logGroupIdentifier');
  if (identifier === undefined) return groups.group(requiredString(input, 'logGroupName'));
  if (optionalString(input, 'logGroupName') !== undefined) {
    throw invalidParameter('Only one of logGroupName and logGroupIdentifier can be specified');
  }
  return groups.groupByIdentifier(identifier);
}

import type { Operation } from '../../../protocols/operation.ts';
import { ServiceError } from '../../../seams.ts';
import { lookUpChangeSet } from '../change-set-input.ts';
import type { CloudFormationDeps } from '../deps.ts';

/**
 * Deletes a change set. One that does not exist is not an error.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteChangeSet.html
 */
export function deleteChangeSet(deps: CloudFormationDeps): Operation {
  return async (input) => {
    const changeSet = lookUpChangeSet(deps, input);
    if (changeSet === undefined) return {};
    if (changeSet.executionStatus === 'EXECUTE_IN_PROGRESS' || changeSet.status === 'CREATE_IN_PROGRESS') {
      throw new ServiceError(
        'InvalidChangeSetStatus',
        `ChangeSet [${changeSet.id}] cannot be deleted in its current status of [${changeSet.status}]`,
      );
    }
    deps.store.removeChangeSet(changeSet);
    return {};
  };
}

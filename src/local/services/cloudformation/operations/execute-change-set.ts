import type { Operation } from '../../../protocols/operation.ts';
import { ServiceError } from '../../../seams.ts';
import type { ChangeSet } from '../change-set.ts';
import { findChangeSet } from '../change-set-input.ts';
import type { CloudFormationDeps } from '../deps.ts';
import { booleanInput, tokenInput } from '../input.ts';
import { refuseUnlessUpdatable } from '../plan.ts';
import type { OnFailure, Stack, StackOperation } from '../stack.ts';
import { isRepeated, useToken } from '../token.ts';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ExecuteChangeSet.html */
export function executeChangeSet(deps: CloudFormationDeps): Operation {
  return async (input) => {
    const changeSet = findChangeSet(deps, input);
    const token = tokenInput(input);
    const stack = deps.store.get(changeSet.stackId);
    if (isRepeated(stack, token, changeSet.id)) return {};
    if (changeSet.executionStatus !== 'AVAILABLE') {
      const status = changeSet.status === 'CREATE_COMPLETE' ? changeSet.executionStatus : changeSet.status;
      throw new ServiceError(
        'InvalidChangeSetStatus',
        `ChangeSet [${changeSet.id}] cannot be executed in its current status of [${status}]`,
      );
    }
    if (changeSet.type === 'UPDATE') refuseUnlessUpdatable(stack);
    const disableRollback = booleanInput(input, 'DisableRollback') === true;
    const onFailure: OnFailure = changeSet.onStackFailure ?? (disableRollback ? 'DO_NOTHING' : 'ROLLBACK');
    const options = {
      retainExceptOnCreate: booleanInput(input, 'RetainExceptOnCreate') === true,
      ...(token === undefined ? {} : { token }),
    };
    for (const other of deps.store.changeSetsOf(stack)) {
      if (other.executionStatus === 'AVAILABLE') other.executionStatus = 'OBSOLETE';
    }
    changeSet.executionStatus = 'EXECUTE_IN_PROGRESS';
    stack.changeSetId = changeSet.id;
    stack.updatedAtMs = deps.cloud.now();
    useToken(stack, token, changeSet.id);
    const operation =
      changeSet.type === 'CREATE'
        ? deps.executor.create(stack, changeSet.definition, { ...options, onFailure })
        : deps.executor.update(stack, changeSet.definition, {
            ...options,
            disableRollback: onFailure === 'DO_NOTHING',
          });
    deps.background(() => follow(stack, changeSet, operation));
    return {};
  };
}

/** Updates the change set's execution status when the operation ends that it started. */
async function follow(stack: Stack, changeSet: ChangeSet, operation: StackOperation): Promise<void> {
  if (stack.running?.operation === operation) await stack.running.done;
  changeSet.executionStatus = operation.status === 'SUCCEEDED' ? 'EXECUTE_COMPLETE' : 'EXECUTE_FAILED';
}

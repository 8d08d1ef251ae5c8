import type { Operation } from '../../../protocols/operation.ts';
import type { CloudFormationDeps } from '../deps.ts';
import { validationError } from '../engine/template-error.ts';
import {
  disableRollbackInput,
  enumInput,
  refuseOthers,
  stackNameInput,
  textListInput,
  tokenInput,
} from '../input.ts';
import type { StackStatus } from '../stack.ts';
import { isRepeated, useToken } from '../token.ts';

const INPUTS = [
  'ClientRequestToken',
  'DeletionMode',
  'DeploymentConfig',
  'RetainResources',
  'RoleARN',
  'StackName',
];

/** States during an update, which must end or be cancelled first. */
const NOT_NOW: readonly StackStatus[] = [
  'UPDATE_IN_PROGRESS',
  'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
];

/**
 * Deletes a stack. One that does not exist or is being deleted is not an error.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html
 */
export function deleteStack(deps: CloudFormationDeps): Operation {
  return async (input) => {
    const name = stackNameInput(input);
    refuseOthers(input, INPUTS);
    if (enumInput(input, 'DeletionMode', ['STANDARD', 'FORCE_DELETE_STACK']) === 'FORCE_DELETE_STACK') {
      throw validationError('DeletionMode FORCE_DELETE_STACK is not emulated by the local cloud');
    }
    disableRollbackInput(input);
    const retained = new Set(textListInput(input, 'RetainResources') ?? []);
    const token = tokenInput(input);
    const stack = deps.store.find(name);
    if (stack === undefined || stack.status === 'DELETE_COMPLETE') return undefined;
    if (isRepeated(stack, token, 'DeleteStack')) return undefined;
    if (stack.terminationProtection) {
      throw validationError(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`);
    }
    if (NOT_NOW.includes(stack.status)) {
      throw validationError(`Stack [${stack.id}] cannot be deleted while in status ${stack.status}`);
    }
    if (retained.size > 0) {
      if (stack.status !== 'DELETE_FAILED') {
        throw validationError(
          `Invalid operation on stack [${stack.id}]. RetainResources can be specified only when the stack is in the DELETE_FAILED state.`,
        );
      }
      const unknown = [...retained].filter((id) => stack.resources.get(id) === undefined);
      if (unknown.length > 0) {
        throw validationError(`The following resource(s) do not exist in the stack: [${unknown.join(', ')}]`);
      }
    }
    if (stack.status === 'DELETE_IN_PROGRESS') return undefined;
    for (const changeSet of deps.store.changeSetsOf(stack)) {
      if (changeSet.executionStatus === 'AVAILABLE') changeSet.executionStatus = 'OBSOLETE';
    }
    useToken(stack, token, 'DeleteStack');
    deps.executor.delete(stack, retained, token);
    return undefined;
  };
}

import type { Operation } from '../../../protocols/operation.ts';
import type { CloudFormationDeps } from '../deps.ts';
import { validationError } from '../engine/template-error.ts';
import { booleanInput, disableRollbackInput, refuseOthers, stackNameInput, tokenInput } from '../input.ts';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackStack.html */
export function rollbackStack(deps: CloudFormationDeps): Operation {
  return async (input) => {
    const stack = deps.store.get(stackNameInput(input));
    refuseOthers(input, [
      'ClientRequestToken',
      'DeploymentConfig',
      'RetainExceptOnCreate',
      'RoleARN',
      'StackName',
    ]);
    disableRollbackInput(input);
    const token = tokenInput(input);
    if (stack.status !== 'CREATE_FAILED' && stack.status !== 'UPDATE_FAILED') {
      throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not be rolled back.`);
    }
    stack.retainExceptOnCreate = booleanInput(input, 'RetainExceptOnCreate') === true;
    const operation = deps.executor.rollback(stack, token);
    return { StackId: stack.id, OperationId: operation.id };
  };
}

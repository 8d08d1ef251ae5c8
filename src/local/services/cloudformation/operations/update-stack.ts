import type { Operation } from '../../../protocols/operation.ts';
import { DEFINITION_INPUTS, readDefinition, refuseProblems } from '../definition.ts';
import type { CloudFormationDeps } from '../deps.ts';
import { validationError } from '../engine/template-error.ts';
import {
  booleanInput,
  disableRollbackInput,
  refuseOthers,
  stackNameInput,
  textInput,
  tokenInput,
} from '../input.ts';
import { planUpdate, refuseUnlessUpdatable } from '../plan.ts';
import { isRepeated, useToken } from '../token.ts';

const INPUTS = [
  ...DEFINITION_INPUTS,
  'ClientRequestToken',
  'DeploymentConfig',
  'DisableRollback',
  'DisableValidation',
  'RetainExceptOnCreate',
  'RoleARN',
  'StackName',
];

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStack.html */
export function updateStack(deps: CloudFormationDeps): Operation {
  return async (input) => {
    const name = stackNameInput(input);
    refuseOthers(input, INPUTS);
    const token = tokenInput(input);
    const stack = deps.store.get(name);
    if (isRepeated(stack, token, 'UpdateStack')) return { StackId: stack.id };
    refuseUnlessUpdatable(stack);
    const definition = readDefinition(deps, input, stack, stack);
    if (booleanInput(input, 'DisableValidation') !== true) refuseProblems(definition.prepared);
    if (planUpdate(stack, definition).isEmpty) throw validationError('No updates are to be performed.');
    for (const changeSet of deps.store.changeSetsOf(stack)) {
      if (changeSet.executionStatus === 'AVAILABLE') changeSet.executionStatus = 'OBSOLETE';
    }
    stack.roleArn = textInput(input, 'RoleARN') ?? stack.roleArn;
    useToken(stack, token, 'UpdateStack');
    const operation = deps.executor.update(stack, definition, {
      disableRollback: disableRollbackInput(input) === true,
      retainExceptOnCreate: booleanInput(input, 'RetainExceptOnCreate') === true,
      ...(token === undefined ? {} : { token }),
    });
    return { StackId: stack.id, OperationId: operation.id };
  };
}

import type { Operation } from '../../../protocols/operation.ts';
import { readDefinition, refuseProblems } from '../definition.ts';
import type { CloudFormationDeps } from '../deps.ts';
import { validationError } from '../engine/template-error.ts';
import { booleanInput, refuseInputs, stackNameInput, textInput, tokenInput } from '../input.ts';
import { planUpdate, refuseUnlessUpdatable } from '../plan.ts';
import { isRepeated, useToken } from '../token.ts';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStack.html */
export function updateStack(deps: CloudFormationDeps): Operation {
  return async (input) => {
    const name = stackNameInput(input);
    refuseInputs(input, [
      'NotificationARNs',
      'RollbackConfiguration',
      'StackPolicyBody',
      'StackPolicyURL',
      'StackPolicyDuringUpdateBody',
      'StackPolicyDuringUpdateURL',
    ]);
    const token = tokenInput(input);
    const stack = deps.store.get(name);
    if (isRepeated(stack, token, 'UpdateStack')) return { StackId: stack.id };
    refuseUnlessUpdatable(stack);
    const definition = readDefinition(deps, input, stack, stack);
    refuseProblems(definition.prepared);
    if (planUpdate(stack, definition).isEmpty) throw validationError('No updates are to be performed.');
    for (const changeSet of deps.store.changeSetsOf(stack)) {
      if (changeSet.executionStatus === 'AVAILABLE') changeSet.executionStatus = 'OBSOLETE';
    }
    stack.roleArn = textInput(input, 'RoleARN') ?? stack.roleArn;
    useToken(stack, token, 'UpdateStack');
    const operation = deps.executor.update(stack, definition, {
      disableRollback: booleanInput(input, 'DisableRollback') === true,
      retainExceptOnCreate: booleanInput(input, 'RetainExceptOnCreate') === true,
      ...(token === undefined ? {} : { token }),
    });
    return { StackId: stack.id, OperationId: operation.id };
  };
}

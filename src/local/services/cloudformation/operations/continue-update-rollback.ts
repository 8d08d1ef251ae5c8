import type { Operation } from '../../../protocols/operation.ts';
import type { CloudFormationDeps } from '../deps.ts';
import { validationError } from '../engine/template-error.ts';
import { booleanInput, refuseOthers, stackNameInput, textListInput, tokenInput } from '../input.ts';
import type { Stack } from '../stack.ts';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ContinueUpdateRollback.html */
export function continueUpdateRollback(deps: CloudFormationDeps): Operation {
  return async (input) => {
    const stack = deps.store.get(stackNameInput(input));
    refuseOthers(input, ['ClientRequestToken', 'ForceRollback', 'ResourcesToSkip', 'RoleARN', 'StackName']);
    const named = textListInput(input, 'ResourcesToSkip') ?? [];
    const force = booleanInput(input, 'ForceRollback') === true;
    if (force && named.length > 0) {
      throw validationError('ForceRollback and ResourcesToSkip are mutually exclusive');
    }
    const token = tokenInput(input);
    if (stack.status !== 'UPDATE_ROLLBACK_FAILED') {
      throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not continue rollback.`);
    }
    const skipped = force ? failedUpdates(stack) : named;
    const wrong = skipped.filter((id) => stack.resources.get(id)?.status !== 'UPDATE_FAILED');
    if (wrong.length > 0) {
      throw validationError(
        `Unable to skip resources [${wrong.join(', ')}]: only resources in UPDATE_FAILED state can be skipped`,
      );
    }
    deps.executor.continueRollback(stack, new Set(skipped), token);
    return {};
  };
}

function failedUpdates(stack: Stack): readonly string[] {
  return [...stack.resources.values()]
    .filter((record) => record.status === 'UPDATE_FAILED')
    .map((record) => record.logicalId);
}

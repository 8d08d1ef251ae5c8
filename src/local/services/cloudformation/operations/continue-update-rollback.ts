import type { Operation } from '../../../protocols/operation.ts';
import type { CloudFormationDeps } from '../deps.ts';
import { validationError } from '../engine/template-error.ts';
import { stackNameInput, textListInput, tokenInput } from '../input.ts';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ContinueUpdateRollback.html */
export function continueUpdateRollback(deps: CloudFormationDeps): Operation {
  return async (input) => {
    const stack = deps.store.get(stackNameInput(input));
    const skipped = textListInput(input, 'ResourcesToSkip') ?? [];
    const token = tokenInput(input);
    if (stack.status !== 'UPDATE_ROLLBACK_FAILED') {
      throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not continue rollback.`);
    }
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

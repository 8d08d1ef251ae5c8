import type { Operation } from '../../../protocols/operation.ts';
import type { CloudFormationDeps } from '../deps.ts';
import { validationError } from '../engine/template-error.ts';
import { stackNameInput, tokenInput } from '../input.ts';
import { isRepeated, useToken } from '../token.ts';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CancelUpdateStack.html */
export function cancelUpdateStack(deps: CloudFormationDeps): Operation {
  return async (input) => {
    const stack = deps.store.get(stackNameInput(input));
    const token = tokenInput(input);
    if (isRepeated(stack, token, 'CancelUpdateStack')) return undefined;
    if (stack.status !== 'UPDATE_IN_PROGRESS') {
      throw validationError('CancelUpdateStack cannot be called from current stack status');
    }
    useToken(stack, token, 'CancelUpdateStack');
    deps.executor.cancelUpdate(stack);
    return undefined;
  };
}

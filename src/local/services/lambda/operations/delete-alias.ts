import type { Operation } from '../../../protocols/operation.ts';
import { unqualifiedName } from '../function-name.ts';
import type { FunctionRegistry } from '../function-registry.ts';
import { requiredString } from '../input.ts';

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_DeleteAlias.html */
export function deleteAlias(registry: FunctionRegistry): Operation {
  return async (input) => {
    registry.describe(unqualifiedName(input.FunctionName)).deleteAlias(requiredString(input, 'Name'));
    return undefined;
  };
}

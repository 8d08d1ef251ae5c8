import type { Operation } from '../../../protocols/operation.ts';
import { describeAlias } from '../describe-alias.ts';
import { unqualifiedName } from '../function-name.ts';
import type { FunctionRegistry } from '../function-registry.ts';
import { onlyKnown, optionalString, requiredString } from '../input.ts';

/** Points an alias at another version. @see https://docs.aws.amazon.com/lambda/latest/api/API_UpdateAlias.html */
export function updateAlias(registry: FunctionRegistry): Operation {
  return async (input) => {
    const functionName = unqualifiedName(input.FunctionName);
    onlyKnown(input, ['FunctionName', 'Name', 'FunctionVersion', 'Description']);
    const lambda = registry.describe(functionName);
    const alias = lambda.updateAlias(requiredString(input, 'Name'), {
      functionVersion: optionalString(input, 'FunctionVersion'),
      description: optionalString(input, 'Description'),
    });
    return describeAlias(lambda, alias);
  };
}

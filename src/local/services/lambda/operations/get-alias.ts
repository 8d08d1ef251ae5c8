import type { Operation } from '../../../protocols/operation.ts';
import { describeAlias } from '../describe-alias.ts';
import { unqualifiedName } from '../function-name.ts';
import type { FunctionRegistry } from '../function-registry.ts';
import { requiredString } from '../input.ts';

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_GetAlias.html */
export function getAlias(registry: FunctionRegistry): Operation {
  return async (input) => {
    const lambda = registry.describe(unqualifiedName(input.FunctionName));
    return describeAlias(lambda, lambda.alias(requiredString(input, 'Name')));
  };
}

import type { Operation } from '../../../protocols/operation.ts';
import { unqualifiedName } from '../function-name.ts';
import type { FunctionRegistry } from '../function-registry.ts';

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConcurrency.html */
export function getFunctionConcurrency(registry: FunctionRegistry): Operation {
  return async (input) => {
    const { configuration } = registry.describe(unqualifiedName(input.FunctionName)).latest;
    return configuration.reservedConcurrency === undefined
      ? {}
      : { ReservedConcurrentExecutions: configuration.reservedConcurrency };
  };
}

import type { Operation } from '../../protocols/operation.ts';
import { describeConfiguration } from './describe-function.ts';
import { functionNameOf } from './function-name.ts';
import type { FunctionRegistry } from './function-registry.ts';

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html */
export function getFunctionConfiguration(registry: FunctionRegistry): Operation {
  return async (input, { request }) => {
    const name = functionNameOf(String(input.FunctionName), request.query.get('Qualifier') ?? undefined);
    return describeConfiguration(registry.describe(name));
  };
}

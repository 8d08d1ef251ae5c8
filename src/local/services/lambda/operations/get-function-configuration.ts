import type { Operation } from '../../../protocols/operation.ts';
import { describeConfiguration } from '../describe-function.ts';
import { functionReference } from '../function-name.ts';
import type { FunctionRegistry } from '../function-registry.ts';

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html */
export function getFunctionConfiguration(registry: FunctionRegistry): Operation {
  return async (input, { request }) => {
    const { name, qualifier } = functionReference(input.FunctionName, request.query.get('Qualifier'));
    const lambda = registry.describe(name);
    return describeConfiguration(lambda, lambda.version(qualifier), qualifier);
  };
}

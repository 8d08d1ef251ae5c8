import type { Operation } from '../../protocols/operation.ts';
import { describeConfiguration } from './describe-function.ts';
import { functionNameOf } from './function-name.ts';
import type { FunctionRegistry } from './function-registry.ts';

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html */
export function getFunction(registry: FunctionRegistry): Operation {
  return async (input, { request }) => {
    const name = functionNameOf(String(input.FunctionName), request.query.get('Qualifier') ?? undefined);
    const lambda = registry.describe(name);
    const { tags, reservedConcurrency } = lambda.configuration;
    return {
      Configuration: describeConfiguration(lambda),
      // No Location: there is no presigned download here.
      Code: { RepositoryType: 'S3' },
      ...(Object.keys(tags).length === 0 ? {} : { Tags: tags }),
      ...(reservedConcurrency === undefined
        ? {}
        : { Concurrency: { ReservedConcurrentExecutions: reservedConcurrency } }),
    };
  };
}

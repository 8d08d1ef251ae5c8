import type { Operation } from '../../../protocols/operation.ts';
import { describeConfiguration } from '../describe-function.ts';
import { functionReference } from '../function-name.ts';
import type { FunctionRegistry } from '../function-registry.ts';

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html */
export function getFunction(registry: FunctionRegistry): Operation {
  return async (input, { request }) => {
    const { name, qualifier } = functionReference(input.FunctionName, request.query.get('Qualifier'));
    const lambda = registry.describe(name);
    const version = lambda.version(qualifier);
    const { tags, reservedConcurrency } = lambda.latest.configuration;
    return {
      Configuration: describeConfiguration(lambda, version, qualifier),
      // There is no Location, because the local cloud has no presigned downloads.
      Code: { RepositoryType: 'S3' },
      ...(Object.keys(tags).length === 0 ? {} : { Tags: tags }),
      ...(reservedConcurrency === undefined
        ? {}
        : { Concurrency: { ReservedConcurrentExecutions: reservedConcurrency } }),
    };
  };
}

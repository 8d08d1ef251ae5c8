import type { Operation } from '../../protocols/operation.ts';
import { ServiceError } from '../../seams.ts';
import { functionNameOf } from './function-name.ts';
import type { FunctionRegistry } from './function-registry.ts';

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html */
export function getPolicy(registry: FunctionRegistry): Operation {
  return async (input, { request }) => {
    const name = functionNameOf(String(input.FunctionName), request.query.get('Qualifier') ?? undefined);
    const { policy, configuration, revisionId } = registry.describe(name);
    if (policy.isEmpty) {
      throw new ServiceError('ResourceNotFoundException', 'The resource you requested does not exist.', 404, {
        Type: 'User',
      });
    }
    return { Policy: JSON.stringify(policy.document(configuration.functionArn)), RevisionId: revisionId };
  };
}

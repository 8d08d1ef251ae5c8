import type { Operation } from '../../../protocols/operation.ts';
import { ServiceError } from '../../../seams.ts';
import { functionReference } from '../function-name.ts';
import type { FunctionRegistry } from '../function-registry.ts';

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html */
export function getPolicy(registry: FunctionRegistry): Operation {
  return async (input, { request }) => {
    const { name, qualifier } = functionReference(input.FunctionName, request.query.get('Qualifier'));
    const { policy, latest, arn } = registry.describe(name);
    // In the local cloud only functions have a policy, not their versions and aliases.
    if (policy.isEmpty || qualifier !== undefined) {
      throw new ServiceError('ResourceNotFoundException', 'The resource you requested does not exist.', 404, {
        Type: 'User',
      });
    }
    return { Policy: JSON.stringify(policy.document(arn)), RevisionId: latest.revisionId };
  };
}

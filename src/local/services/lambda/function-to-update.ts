import type { OperationInput } from '../../protocols/operation.ts';
import { ServiceError } from '../../seams.ts';
import { unqualifiedName } from './function-name.ts';
import type { FunctionRegistry } from './function-registry.ts';
import { onlyKnown, optionalString } from './input.ts';
import type { LambdaFunction } from './lambda-function.ts';

/**
 * Returns the function that a request updates, or of which it publishes a version.
 * @param known the members of the request that the operation supports
 * @throws ServiceError `InvalidParameterValueException` for a qualified name or another member,
 *   `ResourceNotFoundException`, and `PreconditionFailedException` if the request names a revision that is not the
 *   latest
 */
export function functionToUpdate(
  registry: FunctionRegistry,
  input: OperationInput,
  known: readonly string[],
): LambdaFunction {
  const name = unqualifiedName(input.FunctionName);
  onlyKnown(input, known);
  const lambda = registry.describe(name);
  const revisionId = optionalString(input, 'RevisionId');
  if (revisionId === undefined || revisionId === lambda.latest.revisionId) return lambda;
  throw new ServiceError(
    'PreconditionFailedException',
    'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
    412,
    { Type: 'User' },
  );
}

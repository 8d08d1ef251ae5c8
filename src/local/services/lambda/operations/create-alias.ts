import type { Operation } from '../../../protocols/operation.ts';
import { ServiceError } from '../../../seams.ts';
import { describeAlias } from '../describe-alias.ts';
import { unqualifiedName } from '../function-name.ts';
import type { FunctionRegistry } from '../function-registry.ts';
import { onlyKnown, optionalString, requiredString } from '../input.ts';

/** An alias can't be named by digits only, so it never equals a version number. */
const NAME = /^(?!^[0-9]+$)([a-zA-Z0-9-_]{1,128})$/;

/** Creates a name for a version. @see https://docs.aws.amazon.com/lambda/latest/api/API_CreateAlias.html */
export function createAlias(registry: FunctionRegistry): Operation {
  return async (input) => {
    const functionName = unqualifiedName(input.FunctionName);
    onlyKnown(input, ['FunctionName', 'Name', 'FunctionVersion', 'Description']);
    const name = requiredString(input, 'Name');
    if (!NAME.test(name)) {
      throw new ServiceError(
        'ValidationException',
        `1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ${NAME.source}`,
      );
    }
    const lambda = registry.describe(functionName);
    const version = requiredString(input, 'FunctionVersion');
    return describeAlias(
      lambda,
      lambda.createAlias(name, version, optionalString(input, 'Description') ?? ''),
    );
  };
}

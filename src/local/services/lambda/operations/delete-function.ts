import type { Operation } from '../../../protocols/operation.ts';
import { LATEST } from '../../../sandboxes/log-lines.ts';
import { invalid } from '../check-function.ts';
import { functionReference } from '../function-name.ts';
import type { FunctionRegistry } from '../function-registry.ts';

/** Deletes a function, or the published version that the qualifier names. @see https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html */
export function deleteFunction(registry: FunctionRegistry): Operation {
  return async (input, { request }) => {
    const { name, qualifier } = functionReference(input.FunctionName, request.query.get('Qualifier'));
    if (qualifier === undefined) await registry.deleteFunction(name);
    else if (qualifier === LATEST)
      throw invalid('$LATEST version cannot be deleted without deleting the function.');
    else registry.deleteVersion(name, qualifier);
    return undefined;
  };
}

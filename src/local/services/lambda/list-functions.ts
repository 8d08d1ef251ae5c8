import type { Operation } from '../../protocols/operation.ts';
import { ServiceError } from '../../seams.ts';
import { describeConfiguration } from './describe-function.ts';
import type { FunctionRegistry } from './function-registry.ts';

const MAX_ITEMS = 10_000;
const DEFAULT_ITEMS = 50;

/** Pages by name: a marker is the last name of the page before. @see https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html */
export function listFunctions(registry: FunctionRegistry): Operation {
  return async (_input, { request }) => {
    const count = Number(request.query.get('MaxItems') ?? DEFAULT_ITEMS);
    if (!Number.isInteger(count) || count < 1 || count > MAX_ITEMS) {
      throw new ServiceError(
        'ValidationException',
        `1 validation error detected: Value '${request.query.get('MaxItems')}' at 'maxItems' failed to satisfy constraint: Member must be a whole number from 1 to ${MAX_ITEMS}`,
      );
    }
    const after = request.query.get('Marker') ?? '';
    const rest = registry.list().filter((lambda) => lambda.configuration.functionName > after);
    const page = rest.slice(0, count);
    const last = page.at(-1);
    return {
      Functions: page.map(describeConfiguration),
      ...(rest.length > page.length && last !== undefined
        ? { NextMarker: last.configuration.functionName }
        : {}),
    };
  };
}

import type { Operation } from '../../../protocols/operation.ts';
import { unqualifiedName } from '../function-name.ts';
import type { FunctionRegistry } from '../function-registry.ts';

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_ListTags.html */
export function listTags(registry: FunctionRegistry): Operation {
  return async (input) => ({
    Tags: registry.describe(unqualifiedName(input.Resource)).latest.configuration.tags,
  });
}

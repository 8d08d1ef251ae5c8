import { badRequest } from '../control-errors.ts';
import type { RestApi } from '../rest-api.ts';

/** Renames an API. Only the name is stored, because nothing reads the other settings. */
export function updateRestApi(
  apis: Map<string, RestApi>,
  api: RestApi,
  input: { readonly name: string },
): void {
  if (input.name === '') throw badRequest('API name is required');
  apis.set(api.id, { ...api, name: input.name });
}

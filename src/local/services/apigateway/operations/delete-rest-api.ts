import type { RestApi } from '../rest-api.ts';

/** Removes an API with all that belongs to it. */
export function deleteRestApi(apis: Map<string, RestApi>, api: RestApi): void {
  apis.delete(api.id);
}

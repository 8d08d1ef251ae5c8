import { notFound } from '../control-errors.ts';
import { type RestApi, resourceOf } from '../rest-api.ts';

/** Removes the method of a resource. */
export function deleteMethod(api: RestApi, resourceId: string, httpMethod: string): void {
  const { methods } = resourceOf(api, resourceId);
  if (!methods.delete(httpMethod)) throw notFound('Invalid Method identifier specified');
}

import { badRequest } from '../control-errors.ts';
import { type RestApi, resourceOf } from '../rest-api.ts';

/** Removes a resource and all resources below it. */
export function deleteResource(api: RestApi, resourceId: string): void {
  const resource = resourceOf(api, resourceId);
  if (resource.parentId === undefined) throw badRequest('Cannot delete root resource');
  const doomed = [resource];
  for (let next = doomed.pop(); next !== undefined; next = doomed.pop()) {
    api.resources.delete(next.id);
    for (const child of api.resources.values()) {
      if (child.parentId === next.id) doomed.push(child);
    }
  }
}

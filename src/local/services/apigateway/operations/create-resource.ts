import { badRequest, conflict } from '../control-errors.ts';
import { newId } from '../new-id.ts';
import { type RestApi, resourceOf } from '../rest-api.ts';

const PATH_PART = /^(?:[a-zA-Z0-9._\-:]+|\{[a-zA-Z0-9._\-:]+\+?\})$/;

/** Adds a resource below another. */
export function createResource(api: RestApi, parentId: string, pathPart: string): { resourceId: string } {
  const parent = resourceOf(api, parentId);
  if (!PATH_PART.test(pathPart)) {
    throw badRequest(
      "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.",
    );
  }
  if (isGreedy(parent.pathPart)) {
    throw badRequest(`Cannot create a child of a resource with a greedy path variable: ${parent.path}`);
  }
  for (const sibling of api.resources.values()) {
    if (sibling.parentId !== parentId) continue;
    if (sibling.pathPart === pathPart) {
      throw conflict(`Another resource with the same parent already has this name: ${pathPart}`);
    }
    if (
      isVariable(pathPart) &&
      isVariable(sibling.pathPart) &&
      isGreedy(pathPart) === isGreedy(sibling.pathPart)
    ) {
      throw badRequest(
        `A sibling (${sibling.pathPart}) of this resource already has a variable path part -- only one unique variable path part is allowed`,
      );
    }
  }
  const id = newId((candidate) => api.resources.has(candidate));
  api.resources.set(id, {
    id,
    parentId,
    pathPart,
    path: parent.path === '/' ? `/${pathPart}` : `${parent.path}/${pathPart}`,
    methods: new Map(),
  });
  return { resourceId: id };
}

function isVariable(pathPart: string): boolean {
  return pathPart.startsWith('{');
}

function isGreedy(pathPart: string): boolean {
  return pathPart.endsWith('+}');
}

import { badRequest } from '../control-errors.ts';
import { newId } from '../new-id.ts';
import type { Resource, RestApi } from '../rest-api.ts';

/** Adds an API with a root resource to the APIs by id. */
export function createRestApi(
  apis: Map<string, RestApi>,
  input: { readonly name: string },
): { restApiId: string; rootResourceId: string } {
  if (input.name === '') throw badRequest('API name is required');
  const id = newId((candidate) => apis.has(candidate));
  const rootResourceId = newId(() => false);
  const root: Resource = {
    id: rootResourceId,
    parentId: undefined,
    pathPart: '',
    path: '/',
    methods: new Map(),
  };
  apis.set(id, {
    id,
    name: input.name,
    rootResourceId,
    resources: new Map([[rootResourceId, root]]),
    validators: new Map(),
    gatewayResponses: new Map(),
    deployments: new Map(),
    stages: new Map(),
  });
  return { restApiId: id, rootResourceId };
}

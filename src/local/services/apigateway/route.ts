import type { DeployedResource, RouteNode } from './rest-api.ts';

export interface Match {
  readonly resource: DeployedResource;
  /** Percent-encoded as sent. Null if the path has no parameters. */
  readonly pathParameters: Readonly<Record<string, string>> | null;
}

interface MutableNode {
  resource: DeployedResource | undefined;
  statics: Map<string, MutableNode>;
  variable: { name: string; node: MutableNode } | undefined;
  greedy: { name: string; resource: DeployedResource } | undefined;
}

/** Builds the routes of a deployment. Resources without a method have no route. */
export function buildRoutes(resources: Iterable<DeployedResource>): RouteNode {
  const root = emptyNode();
  for (const resource of resources) {
    if (resource.methods.size > 0) insert(root, resource);
  }
  return root;
}

/**
 * Finds the resource for a path. Fixed names take precedence over `{variables}`, and these over `{greedy+}` ones. A
 * slash at the end is ignored.
 */
export function matchRoute(routes: RouteNode, path: string): Match | undefined {
  const segments = path.split('/').slice(1);
  while (segments.length > 0 && segments.at(-1) === '') segments.pop();
  const parameters: [string, string][] = [];
  const resource = walk(routes, segments, 0, parameters);
  if (resource === undefined) return undefined;
  return { resource, pathParameters: parameters.length === 0 ? null : Object.fromEntries(parameters) };
}

function walk(
  node: RouteNode,
  segments: readonly string[],
  at: number,
  parameters: [string, string][],
): DeployedResource | undefined {
  const segment = segments[at];
  if (segment === undefined) return node.resource;
  const next = node.statics.get(segment);
  if (next !== undefined) {
    const found = walk(next, segments, at + 1, parameters);
    if (found !== undefined) return found;
  }
  if (node.variable !== undefined && segment !== '') {
    parameters.push([node.variable.name, segment]);
    const found = walk(node.variable.node, segments, at + 1, parameters);
    if (found !== undefined) return found;
    parameters.pop();
  }
  if (node.greedy === undefined) return undefined;
  parameters.push([node.greedy.name, segments.slice(at).join('/')]);
  return node.greedy.resource;
}

function insert(root: MutableNode, resource: DeployedResource): void {
  let node = root;
  for (const part of resource.path.split('/').slice(1)) {
    if (part === '') continue;
    const greedy = /^\{(.+)\+\}$/.exec(part);
    if (greedy?.[1] !== undefined) {
      node.greedy = { name: greedy[1], resource };
      return;
    }
    const variable = /^\{(.+)\}$/.exec(part);
    if (variable?.[1] !== undefined) {
      node.variable ??= { name: variable[1], node: emptyNode() };
      node = node.variable.node;
    } else {
      let next = node.statics.get(part);
      if (next === undefined) {
        next = emptyNode();
        node.statics.set(part, next);
      }
      node = next;
    }
  }
  node.resource = resource;
}

function emptyNode(): MutableNode {
  return { resource: undefined, statics: new Map(), variable: undefined, greedy: undefined };
}

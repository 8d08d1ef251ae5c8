import { describe, expect, test } from 'vitest';
import type { DeployedResource } from '../../../src/local/services/apigateway/rest-api.ts';
import { buildRoutes, matchRoute } from '../../../src/local/services/apigateway/route.ts';

const METHOD = {
  integration: {
    type: 'AWS_PROXY' as const,
    functionName: 'f',
    integrationHttpMethod: 'POST',
    timeoutMs: 29_000,
  },
  requiredParameters: [],
};

function resource(path: string, hasMethods = true): DeployedResource {
  return { id: path, path, methods: new Map(hasMethods ? [['GET', METHOD]] : []) };
}

const ROUTES = buildRoutes([
  resource('/'),
  resource('/dog'),
  resource('/sheeps', false),
  resource('/sheeps/{tattoo}'),
  resource('/sheeps/black'),
  resource('/sheeps/{tattoo}/wool'),
  resource('/files/{proxy+}'),
  resource('/files/list'),
]);

function match(path: string): [string, Readonly<Record<string, string>> | null] | undefined {
  const found = matchRoute(ROUTES, path);
  return found === undefined ? undefined : [found.resource.path, found.pathParameters];
}

describe('which resource a path leads to', () => {
  test.each<[string, string, Record<string, string> | null]>([
    ['/', '/', null],
    ['/dog', '/dog', null],
    ['/dog/', '/dog', null],
    ['/sheeps/7', '/sheeps/{tattoo}', { tattoo: '7' }],
    ['/sheeps/7/', '/sheeps/{tattoo}', { tattoo: '7' }],
    ['/sheeps/black', '/sheeps/black', null],
    ['/sheeps/7/wool', '/sheeps/{tattoo}/wool', { tattoo: '7' }],
    ['/sheeps/black/wool', '/sheeps/{tattoo}/wool', { tattoo: 'black' }],
    ['/sheeps/%2B5', '/sheeps/{tattoo}', { tattoo: '%2B5' }],
    ['/files/list', '/files/list', null],
    ['/files/a/b%2Fc', '/files/{proxy+}', { proxy: 'a/b%2Fc' }],
    ['/files/list/1', '/files/{proxy+}', { proxy: 'list/1' }],
  ])('the path %s leads to the resource %s', (path, expected, parameters) => {
    expect(match(path)).toEqual([expected, parameters]);
  });

  test.each([
    '/cat',
    '/sheeps',
    '/sheeps/',
    '/sheeps//wool',
    '/dog/7',
    '/Dog',
    '/files',
    '/files/',
    '/sheeps/7/wool/1',
  ])('the path %s leads to no resource', (path) => {
    expect(match(path)).toBeUndefined();
  });
});

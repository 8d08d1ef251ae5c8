import { beforeEach, describe, expect, test } from 'vitest';
import type { MethodConfiguration } from '../../../src/local/api-gateway-control.ts';
import { answered, integration, startGateway, type TestGateway } from './harness.ts';

const METHOD = {
  httpMethod: 'GET',
  authorizationType: 'NONE',
  requestParameters: {},
  integration: integration('f'),
} as const satisfies MethodConfiguration;

let t: TestGateway & { readonly apiId: string };
let root: string;
let control: TestGateway['gateway']['control'];

beforeEach(() => {
  t = startGateway(
    async (name) => answered({ statusCode: 200, body: name }),
    (_control, _api, rootId) => {
      root = rootId;
    },
  );
  ({ control } = t.gateway);
});

function deploy(stageName = 'v1'): string {
  const { deploymentId } = control.createDeployment(t.apiId);
  control.putStage(t.apiId, { stageName, deploymentId, variables: {}, tags: {} });
  return deploymentId;
}

describe('a deployment', () => {
  test('a deployment is a snapshot: later changes reach a stage only with another', async () => {
    control.putMethod(t.apiId, root, METHOD);
    deploy();
    control.putMethod(t.apiId, root, { ...METHOD, integration: integration('g') });
    const dog = control.createResource(t.apiId, root, 'dog').resourceId;
    control.putMethod(t.apiId, dog, METHOD);
    control.putGatewayResponse(t.apiId, {
      responseType: 'MISSING_AUTHENTICATION_TOKEN',
      statusCode: '404',
      responseParameters: {},
      responseTemplates: {},
    });
    expect(await t.call('GET', '/')).toMatchObject({ status: 200, body: 'f' });
    expect(await t.call('GET', '/dog')).toMatchObject({ status: 403 });
    deploy();
    expect(await t.call('GET', '/')).toMatchObject({ status: 200, body: 'g' });
    expect(await t.call('GET', '/dog')).toMatchObject({ status: 200, body: 'f' });
    expect(await t.call('GET', '/cat')).toMatchObject({ status: 404 });
  });

  test('a deployment keeps a resource that was deleted later, until the next deployment', async () => {
    control.putMethod(t.apiId, root, METHOD);
    const dog = control.createResource(t.apiId, root, 'dog').resourceId;
    const puppy = control.createResource(t.apiId, dog, 'puppy').resourceId;
    control.putMethod(t.apiId, puppy, METHOD);
    deploy();
    control.deleteResource(t.apiId, dog);
    expect((await t.call('GET', '/dog/puppy')).status).toBe(200);
    deploy();
    expect((await t.call('GET', '/dog/puppy')).status).toBe(403);
    expect(() => control.putMethod(t.apiId, puppy, METHOD)).toThrow('Invalid Resource identifier specified');
  });

  test('a deployment needs a method', () => {
    expect(() => control.createDeployment(t.apiId)).toThrow("The REST API doesn't contain any methods");
  });

  test('a deployment that a stage serves cannot be deleted', () => {
    control.putMethod(t.apiId, root, METHOD);
    const deployment = deploy();
    expect(() => control.deleteDeployment(t.apiId, deployment)).toThrow('Active stages');
    control.deleteStage(t.apiId, 'v1');
    control.deleteDeployment(t.apiId, deployment);
    expect(() => control.deleteDeployment(t.apiId, deployment)).toThrow(
      'Invalid Deployment identifier specified',
    );
  });
});

describe('an API', () => {
  test('an API that is deleted answers no more calls, and can not be deleted again', async () => {
    control.putMethod(t.apiId, root, METHOD);
    deploy();
    control.updateRestApi(t.apiId, { name: 'other', tags: {} });
    expect((await t.call('GET', '/')).status).toBe(200);
    control.deleteRestApi(t.apiId);
    expect(control.restApiExists(t.apiId)).toBe(false);
    expect(await t.call('GET', '/')).toMatchObject({ status: 403, body: '{"message":"Forbidden"}' });
    expect(() => control.deleteRestApi(t.apiId)).toThrow('Invalid API identifier specified');
  });

  test('an API refuses two resources of one name, two path parameters side by side, and resources below a greedy one', () => {
    control.createResource(t.apiId, root, 'dog');
    expect(() => control.createResource(t.apiId, root, 'dog')).toThrow('already has this name: dog');
    control.createResource(t.apiId, root, '{id}');
    expect(() => control.createResource(t.apiId, root, '{other}')).toThrow(
      'A sibling ({id}) of this resource',
    );
    const proxy = control.createResource(t.apiId, root, '{proxy+}').resourceId;
    expect(() => control.createResource(t.apiId, proxy, 'child')).toThrow('greedy path variable');
    expect(() => control.createResource(t.apiId, root, 'a b')).toThrow("Resource's path part only allow");
  });

  test('an API refuses what the local cloud does not emulate, by name', () => {
    const put = (overrides: Partial<MethodConfiguration>) => () =>
      control.putMethod(t.apiId, root, { ...METHOD, ...overrides });
    expect(put({ authorizationType: 'AWS_IAM' })).toThrow('no authorization type AWS_IAM');
    expect(put({ integration: { ...METHOD.integration, uri: 'arn:aws:x' } })).toThrow('Invalid ARN');
    expect(put({ integration: { ...METHOD.integration, timeoutInMillis: 30_000 } })).toThrow(
      'between 50 ms and 29000 ms',
    );
    expect(put({ httpMethod: 'BREW' })).toThrow('Invalid HttpMethod');
    expect(put({ requestValidatorId: 'none' })).toThrow('Invalid Request Validator');
    expect(put({ requestParameters: { 'querystring.m': true } })).toThrow('Invalid mapping expression');
  });

  test('a mock may answer only with a status and headers that its method declares, and with constant texts', () => {
    const put =
      (parameters: Record<string, string>, statusCode = '200', template = '{"statusCode":200}') =>
      () =>
        control.putMethod(t.apiId, root, {
          ...METHOD,
          httpMethod: 'OPTIONS',
          methodResponses: { 200: ['access-control-allow-origin'] },
          integration: {
            type: 'MOCK',
            requestTemplates: { 'application/json': template },
            passthroughBehavior: 'WHEN_NO_MATCH',
            response: { statusCode, responseParameters: parameters },
          },
        });
    const name = 'method.response.header.Access-Control-Allow-Origin';
    expect(put({ [name]: "'*'" })).not.toThrow();
    expect(put({ [name]: "'*'" }, '204')).toThrow('Invalid Response status code specified');
    expect(put({ 'method.response.header.Vary': "'Origin'" })).toThrow('Invalid mapping expression');
    expect(put({ [name]: 'integration.response.header.Origin' })).toThrow('texts in single quotes');
    expect(put({}, '200', '#set($x = 1)')).toThrow('constant request templates');
  });

  test('an integration that does not use POST fails each call', async () => {
    control.putMethod(t.apiId, root, {
      ...METHOD,
      integration: { ...METHOD.integration, integrationHttpMethod: 'GET' },
    });
    deploy();
    expect(await t.call('GET', '/')).toMatchObject({
      status: 500,
      body: '{"message": "Internal server error"}',
    });
  });

  test('a validator that is switched off lets requests pass, from the next deployment on', async () => {
    const { requestValidatorId } = control.createRequestValidator(t.apiId, {
      name: 'v',
      validateRequestBody: false,
      validateRequestParameters: true,
    });
    control.putMethod(t.apiId, root, {
      ...METHOD,
      requestValidatorId,
      requestParameters: { 'method.request.header.X-Key': true },
    });
    deploy();
    expect((await t.call('GET', '/')).status).toBe(400);
    control.updateRequestValidator(t.apiId, requestValidatorId, {
      validateRequestBody: false,
      validateRequestParameters: false,
    });
    expect((await t.call('GET', '/')).status).toBe(400);
    deploy();
    expect((await t.call('GET', '/')).status).toBe(200);
  });
});

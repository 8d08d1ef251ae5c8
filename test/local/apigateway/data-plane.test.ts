import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { InvokeOutcome } from '../../../src/local/seams.ts';
import {
  ACCOUNT,
  answered,
  type Invoke,
  integration,
  REGION,
  startGateway,
  type TestGateway,
} from './harness.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const INTERNAL_ERROR = '{"message": "Internal server error"}';

let invoke: Invoke;
let calls: { name: string; event: Record<string, unknown>; traceId: string | undefined }[];
let isAllowed: boolean;
let t: TestGateway & { readonly apiId: string };

beforeEach(() => {
  calls = [];
  isAllowed = true;
  invoke = async () => answered({ statusCode: 200, body: '{"count":7}' });
  t = startGateway(
    async (name, payload, options) => {
      calls.push({ name, event: JSON.parse(payload.toString()), traceId: options.traceId });
      options.onDispatch?.();
      return invoke(name, payload, options);
    },
    (control, api, root) => {
      const validator = control.createRequestValidator(api, {
        name: 'parameters',
        validateRequestBody: false,
        validateRequestParameters: true,
      });
      const method = (httpMethod: string, functionName: string) => ({
        httpMethod,
        authorizationType: 'NONE',
        requestParameters: {},
        integration: integration(functionName),
      });
      const cat = control.createResource(api, root, 'cat').resourceId;
      control.putMethod(api, cat, {
        ...method('GET', 'cat'),
        requestValidatorId: validator.requestValidatorId,
        requestParameters: {
          'method.request.querystring.n': true,
          'method.request.querystring.m': true,
          'method.request.header.X-Optional': false,
        },
      });
      const dog = control.createResource(api, root, 'dog').resourceId;
      control.putMethod(api, dog, method('GET', 'dog'));
      const sheeps = control.createResource(api, root, 'sheeps').resourceId;
      const sheep = control.createResource(api, sheeps, '{tattoo}').resourceId;
      control.putMethod(api, sheep, method('POST', 'sheep'));
      const any = control.createResource(api, root, 'any').resourceId;
      control.putMethod(api, any, method('ANY', 'any'));
      control.putMethod(api, any, method('PUT', 'put'));
      const slow = control.createResource(api, root, 'slow').resourceId;
      control.putMethod(api, slow, {
        ...method('GET', 'slow'),
        integration: integration('slow', { timeoutInMillis: 50 }),
      });
      control.putGatewayResponse(api, {
        responseType: 'DEFAULT_4XX',
        responseParameters: { 'gatewayresponse.header.Access-Control-Allow-Origin': "'*'" },
        responseTemplates: { 'application/json': '{"message":$context.error.messageString}' },
      });
      const { deploymentId } = control.createDeployment(api);
      control.putStage(api, {
        stageName: 'v1',
        deploymentId,
        variables: { colour: 'black' },
        throttlingRateLimit: 10_000,
        throttlingBurstLimit: 100_000,
        tags: {},
      });
    },
    () => isAllowed,
  );
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a request that a function answers', () => {
  test('a request that a function answers gets its answer, with ids of the gateway and a trace', async () => {
    const answer = await t.call('GET', '/dog');
    expect(answer).toMatchObject({ status: 200, body: '{"count":7}' });
    expect(answer.headers).toEqual({
      'x-amzn-requestid': expect.stringMatching(UUID),
      'x-amz-apigw-id': expect.stringMatching(/^[\w-]{15}=$/),
      'x-amzn-trace-id': expect.stringMatching(/^Root=1-6b03d80c-[0-9a-f]{24}$/),
      'content-type': 'application/json',
    });
    expect(calls).toHaveLength(1);
    expect(calls[0]?.event).toMatchObject({
      resource: '/dog',
      stageVariables: { colour: 'black' },
      requestContext: {
        requestId: answer.headers['x-amzn-requestid'],
        extendedRequestId: answer.headers['x-amz-apigw-id'],
        apiId: t.apiId,
      },
    });
    expect(calls[0]?.traceId).toBe(answer.headers['x-amzn-trace-id']);
  });

  test("a request that a function answers keeps the function's content type, and several values of a header", async () => {
    invoke = async () =>
      answered({
        statusCode: 200,
        headers: { 'content-type': 'text/plain' },
        multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
        body: 'hello',
      });
    const { headers } = await t.call('GET', '/dog');
    expect(headers).toMatchObject({ 'content-type': 'text/plain', 'set-cookie': 'a=1, b=2' });
  });

  test('a request that a function answers has neither body nor content type with 204', async () => {
    invoke = async () =>
      answered({ statusCode: 204, headers: { 'Access-Control-Allow-Origin': '*' }, body: '' });
    const answer = await t.call('GET', '/dog');
    expect(answer).toMatchObject({ status: 204, body: '' });
    expect(answer.headers).not.toHaveProperty('content-type');
    expect(answer.headers['access-control-allow-origin']).toBe('*');
  });

  test('a request that a function answers is passed with path parameters and path as sent', async () => {
    await t.call('POST', '/sheeps/%2B5', { body: '{"a":1}' });
    expect(calls[0]).toMatchObject({
      name: 'sheep',
      event: {
        path: '/sheeps/%2B5',
        resource: '/sheeps/{tattoo}',
        pathParameters: { tattoo: '%2B5' },
        body: '{"a":1}',
      },
    });
  });

  test('a request that a function answers goes to ANY where the method has no entry of its own', async () => {
    await t.call('PUT', '/any');
    await t.call('DELETE', '/any');
    expect(calls.map(({ name, event }) => [name, event.httpMethod])).toEqual([
      ['put', 'PUT'],
      ['any', 'DELETE'],
    ]);
  });
});

describe('requests with one head', () => {
  const headers = ['Host', '127.0.0.1:4566', 'X-Sheep', 'seven'];
  const contextOf = (index: number) => calls[index]?.event.requestContext as Record<string, unknown>;

  test('requests with one head have their own ids, trace and body, and the same rest', async () => {
    const first = await t.call('POST', '/sheeps/7?a=b', { headers, body: 'one' });
    const second = await t.call('POST', '/sheeps/7?a=b', { headers, body: 'two' });
    const seen = calls.map(({ event }) => event);
    expect(seen.map(({ body }) => body)).toEqual(['one', 'two']);
    for (const [index, answer] of [first, second].entries()) {
      expect(calls[index]?.traceId).toBe(answer.headers['x-amzn-trace-id']);
      expect(seen[index]).toMatchObject({
        path: '/sheeps/7',
        pathParameters: { tattoo: '7' },
        queryStringParameters: { a: 'b' },
        headers: { 'X-Sheep': 'seven', 'X-Amzn-Trace-Id': answer.headers['x-amzn-trace-id'] },
        multiValueHeaders: { 'X-Amzn-Trace-Id': [answer.headers['x-amzn-trace-id']] },
      });
      expect(contextOf(index)).toMatchObject({
        requestId: answer.headers['x-amzn-requestid'],
        extendedRequestId: answer.headers['x-amz-apigw-id'],
      });
    }
    expect(calls[0]?.traceId).not.toBe(calls[1]?.traceId);
    expect(contextOf(0).requestId).not.toBe(contextOf(1).requestId);
  });

  test('requests with one head keep the trace that the client sends', async () => {
    const traced = [...headers, 'X-Amzn-Trace-Id', 'Root=1-mine'];
    for (let sent = 0; sent < 2; sent += 1) {
      const answer = await t.call('GET', '/dog', { headers: traced });
      expect(answer.headers['x-amzn-trace-id']).toBe('Root=1-mine');
      expect(calls[sent]).toMatchObject({
        traceId: 'Root=1-mine',
        event: { headers: { 'X-Amzn-Trace-Id': 'Root=1-mine', 'X-Sheep': 'seven' } },
      });
    }
  });

  test('requests with one head and different first lines go to their own functions', async () => {
    await t.call('GET', '/dog', { headers });
    await t.call('POST', '/sheeps/8', { headers });
    await t.call('POST', '/sheeps/9?x=1', { headers });
    expect(calls.map(({ name, event }) => [name, event.path, event.queryStringParameters])).toEqual([
      ['dog', '/dog', null],
      ['sheep', '/sheeps/8', null],
      ['sheep', '/sheeps/9', { x: '1' }],
    ]);
    expect((await t.call('GET', '/cat?m=1', { headers })).status).toBe(400);
    expect((await t.call('GET', '/cat?m=1&n=2', { headers })).status).toBe(200);
    expect((await t.call('GET', '/cat?m=1', { headers })).status).toBe(400);
  });

  test('requests with one head are refused once the gateway may no longer invoke the function', async () => {
    expect((await t.call('GET', '/dog', { headers })).status).toBe(200);
    isAllowed = false;
    expect(await t.call('GET', '/dog', { headers })).toMatchObject({ status: 500, body: INTERNAL_ERROR });
  });

  test('requests with one head reach the stage as it is now', async () => {
    await t.call('GET', '/dog', { headers });
    const { control } = t.gateway;
    const { deploymentId } = control.createDeployment(t.apiId);
    control.putStage(t.apiId, {
      stageName: 'v1',
      deploymentId,
      variables: { colour: 'white' },
      throttlingRateLimit: 10_000,
      throttlingBurstLimit: 100_000,
      tags: {},
    });
    await t.call('GET', '/dog', { headers });
    expect(calls.map(({ event }) => event.stageVariables)).toEqual([
      { colour: 'black' },
      { colour: 'white' },
    ]);
    expect(contextOf(1).deploymentId).toBe(deploymentId);
  });

  test('requests with one head get what the function answers each time, also in turns', async () => {
    const answers = ['one', 'two', 'one', 'one'];
    invoke = async () => answered({ statusCode: 200, body: answers[calls.length - 1] });
    const got: string[] = [];
    for (let sent = 0; sent < answers.length; sent += 1) {
      got.push((await t.call('GET', '/dog', { headers })).body);
    }
    expect(got).toEqual(answers);
    invoke = async () => ({ kind: 'ok', requestId: 'r', payload: Buffer.from('"text"') });
    expect((await t.call('GET', '/dog', { headers })).status).toBe(502);
  });
});

describe('a request that no function gets', () => {
  test.each([
    ['GET', '/nothing'],
    ['GET', '/'],
    ['GET', '/sheeps'],
    ['POST', '/dog'],
    ['HEAD', '/dog'],
    ['OPTIONS', '/dog'],
    ['GET', '/sheeps/7'],
  ])('%s %s is answered with 403', async (method, path) => {
    const answer = await t.call(method, path);
    expect(answer).toMatchObject({ status: 403, body: '{"message":"Missing Authentication Token"}' });
    expect(answer.headers).toMatchObject({
      'x-amzn-errortype': 'MissingAuthenticationTokenException',
      'access-control-allow-origin': '*',
      'content-type': 'application/json',
      'x-amzn-requestid': expect.stringMatching(UUID),
    });
    expect(calls).toEqual([]);
  });

  test.each([{ api: 'nosuchapi0' }, { stage: 'v2' }])(
    'a request of an unknown API or stage (%j) is forbidden',
    async (options) => {
      const answer = await t.call('GET', '/dog', options);
      expect(answer).toMatchObject({ status: 403, body: '{"message":"Forbidden"}' });
      expect(answer.headers['x-amzn-errortype']).toBe('ForbiddenException');
    },
  );

  test.each([
    ['/cat', '[m, n]'],
    ['/cat?m=1', '[n]'],
    ['/cat?m=&n=2', '[m]'],
  ])('a request to %s without its required parameters is refused', async (target, missing) => {
    const answer = await t.call('GET', target);
    expect(answer).toMatchObject({
      status: 400,
      body: `{"message":"Missing required request parameters: ${missing}"}`,
    });
    expect(answer.headers['access-control-allow-origin']).toBe('*');
    expect(calls).toEqual([]);
  });

  test('a request with all required parameters passes', async () => {
    expect((await t.call('GET', '/cat?m=3&n=8')).status).toBe(200);
  });

  test('a request of more than 10 MB is refused as too long', async () => {
    const answer = await t.call('POST', '/sheeps/7', { body: Buffer.alloc(10 * 1024 * 1024 + 1) });
    expect(answer).toMatchObject({ status: 413, body: '{"message":"Request Too Long"}' });
  });

  test('a request is throttled beyond the burst of its stage', async () => {
    const { control } = t.gateway;
    control.putStage(t.apiId, {
      stageName: 'slow',
      deploymentId: control.createDeployment(t.apiId).deploymentId,
      variables: {},
      throttlingRateLimit: 0.001,
      throttlingBurstLimit: 2,
      tags: {},
    });
    const statuses = [];
    for (let i = 0; i < 4; i += 1) statuses.push((await t.call('GET', '/dog', { stage: 'slow' })).status);
    expect(statuses).toEqual([200, 200, 429, 429]);
    const answer = await t.call('GET', '/dog', { stage: 'slow' });
    expect(answer.body).toBe('{"message":"Too Many Requests"}');
    // Each method has its own bucket.
    expect((await t.call('GET', '/any', { stage: 'slow' })).status).toBe(200);
  });
});

describe('a request whose function fails', () => {
  test.each<[string, InvokeOutcome, number]>([
    [
      'an error',
      {
        kind: 'function-error',
        requestId: 'r',
        errorType: 'TypeError',
        payload: Buffer.from('{"errorMessage":"boom"}'),
      },
      502,
    ],
    ['an answer that is no answer', answered({ hello: 'world' }), 502],
    ['an answer that is no JSON', { kind: 'ok', requestId: 'r', payload: Buffer.from('rubbish{') }, 502],
    ['a throttled call', { kind: 'throttled', message: 'Rate Exceeded.' }, 500],
  ])(
    'a request whose function fails by %s is answered with an internal server error',
    async (_name, outcome, status) => {
      invoke = async () => outcome;
      const answer = await t.call('GET', '/dog');
      expect(answer).toMatchObject({ status, body: INTERNAL_ERROR });
      expect(answer.headers['x-amzn-errortype']).toBe('InternalServerErrorException');
    },
  );

  test('a request whose function fails by not being there is answered with 500, and the cloud log says so', async () => {
    invoke = async () => {
      throw new Error('Function not found: dog');
    };
    expect(await t.call('GET', '/dog')).toMatchObject({ status: 500, body: INTERNAL_ERROR });
    expect(t.log).toEqual([expect.stringContaining('Function not found: dog')]);
  });

  test('a request whose function the gateway may not invoke is answered with 500', async () => {
    isAllowed = false;
    expect(await t.call('POST', '/sheeps/7')).toMatchObject({ status: 500, body: INTERNAL_ERROR });
    expect(t.sourceArns).toEqual([
      `arn:aws:execute-api:${REGION}:${ACCOUNT}:${t.apiId}/v1/POST/sheeps/{tattoo}`,
    ]);
    expect(calls).toEqual([]);
  });

  test("a request whose function fails by taking longer than the integration's timeout is answered with 504, and runs on", async () => {
    vi.useFakeTimers();
    let hasEnded = false;
    invoke = () =>
      new Promise((resolve) => {
        setTimeout(() => {
          hasEnded = true;
          resolve(answered({ statusCode: 200 }));
        }, 30_000);
      });
    const slow = t.call('GET', '/dog');
    await vi.advanceTimersByTimeAsync(28_999);
    expect(hasEnded).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    const answer = await slow;
    expect(answer).toMatchObject({ status: 504, body: '{"message": "Endpoint request timed out"}' });
    expect(answer.headers).toHaveProperty('x-amzn-trace-id');
    await vi.advanceTimersByTimeAsync(1000);
    expect(hasEnded).toBe(true);
  });

  test('a request has the timeout of its integration', async () => {
    vi.useFakeTimers();
    invoke = () => new Promise(() => {});
    const slow = t.call('GET', '/slow');
    await vi.advanceTimersByTimeAsync(50);
    expect((await slow).status).toBe(504);
  });

  test('a request is not timed while it waits for a core of this machine', async () => {
    vi.useFakeTimers();
    let dispatch: (() => void) | undefined;
    const waiting = startGateway(
      (_name, _payload, options) =>
        new Promise((resolve) => {
          dispatch = () => {
            options.onDispatch?.();
            setTimeout(() => resolve(answered({ statusCode: 200 })), 28_000);
          };
        }),
      (control, api, root) => {
        control.putMethod(api, root, {
          httpMethod: 'GET',
          authorizationType: 'NONE',
          requestParameters: {},
          integration: integration('f'),
        });
        const { deploymentId } = control.createDeployment(api);
        control.putStage(api, { stageName: 'v1', deploymentId, variables: {}, tags: {} });
      },
    );
    const answer = waiting.call('GET', '/');
    await vi.advanceTimersByTimeAsync(60_000);
    dispatch?.();
    await vi.advanceTimersByTimeAsync(28_000);
    expect((await answer).status).toBe(200);
  });
});

describe('a request that a mock integration answers', () => {
  const preflight = (
    passthroughBehavior: 'WHEN_NO_MATCH' | 'WHEN_NO_TEMPLATES' | 'NEVER' = 'WHEN_NO_MATCH',
    requestTemplates: Record<string, string> = { 'application/json': '{"statusCode":200}' },
  ) =>
    startGateway(
      async () => {
        throw new Error('no function is called');
      },
      (control, api, root) => {
        control.putMethod(api, root, {
          httpMethod: 'OPTIONS',
          authorizationType: 'NONE',
          requestParameters: {},
          methodResponses: { 200: ['access-control-allow-origin', 'access-control-allow-methods'] },
          integration: {
            type: 'MOCK',
            requestTemplates,
            passthroughBehavior,
            response: {
              statusCode: '200',
              responseParameters: {
                'method.response.header.Access-Control-Allow-Origin': "'https://example.org'",
                'method.response.header.Access-Control-Allow-Methods': "'DELETE,OPTIONS'",
              },
            },
          },
        });
        const { deploymentId } = control.createDeployment(api);
        control.putStage(api, { stageName: 'v1', deploymentId, variables: {}, tags: {} });
      },
    );
  const typed = (type: string) => ({ headers: ['Host', 'x', 'Content-Type', type] });

  test('a mocked request gets the status and headers of its integration response, no body, and reaches no function', async () => {
    const { status, headers, body } = await preflight().call('OPTIONS', '/');
    expect([status, body]).toEqual([200, '']);
    expect(headers).toEqual({
      'x-amzn-requestid': expect.stringMatching(UUID),
      'x-amz-apigw-id': expect.any(String),
      'content-type': 'application/json',
      'access-control-allow-origin': 'https://example.org',
      'access-control-allow-methods': 'DELETE,OPTIONS',
    });
  });

  test('a mocked request of a media type without a template is 415 where the integration lets none through', async () => {
    expect((await preflight('NEVER').call('OPTIONS', '/', typed('text/plain'))).status).toBe(415);
    expect((await preflight('WHEN_NO_TEMPLATES').call('OPTIONS', '/', typed('text/plain'))).status).toBe(415);
    expect(
      (await preflight('NEVER').call('OPTIONS', '/', typed('Application/JSON; charset=utf-8'))).status,
    ).toBe(200);
  });

  test('a mocked request that is passed through must name a status itself: 500 where it names none', async () => {
    const open = preflight('WHEN_NO_TEMPLATES', {});
    expect((await open.call('OPTIONS', '/')).status).toBe(500);
    expect(open.log.join()).toContain('Unable to transform request');
    expect((await open.call('OPTIONS', '/', { body: '{ statusCode: 204 }' })).status).toBe(200);
  });
});

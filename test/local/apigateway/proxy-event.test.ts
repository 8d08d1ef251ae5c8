import { describe, expect, test } from 'vitest';
import { readRequest } from '../../../src/local/services/apigateway/incoming-request.ts';
import {
  type EventFacts,
  type EventOfCall,
  eventTemplate,
  proxyEvent,
  requestTime,
} from '../../../src/local/services/apigateway/proxy-event.ts';

const TRACE_ID = 'Root=1-655f0f36-000000000000000000000000';

function facts(overrides: Partial<EventFacts> = {}, rawQuery = ''): EventFacts {
  return {
    request: readRequest(
      {
        restApiId: 'abcdefghij',
        stage: 'v1',
        method: 'POST',
        path: '/sheeps/7',
        rawQuery,
        rawHeaders: ['Host', '127.0.0.1:4566', 'Accept', '*/*', 'User-Agent', 'shedbench'],
        body: Buffer.alloc(0),
        sourceIp: '127.0.0.1',
      },
      () => TRACE_ID,
    ),
    httpMethod: 'POST',
    path: '/sheeps/7',
    pathParameters: { tattoo: '7' },
    resourceId: 'r3s0urce00',
    resourcePath: '/sheeps/{tattoo}',
    stage: 'v1',
    stageVariables: null,
    restApiId: 'abcdefghij',
    deploymentId: 'd3pl0yment',
    accountId: '123456789012',
    sourceIp: '127.0.0.1',
    ...overrides,
  };
}

function call(overrides: Partial<EventOfCall> = {}): EventOfCall {
  return {
    body: Buffer.alloc(0),
    traceId: TRACE_ID,
    requestId: '0c7b1c5e-0000-4000-8000-000000000001',
    extendedRequestId: 'PEe5ZHQPIAMEvQw=',
    atEpochMs: Date.UTC(2026, 10, 3, 6, 7, 8, 9),
    ...overrides,
  };
}

describe('the event of a proxy integration', () => {
  test('the event of a proxy integration is format version 1, with null for what is empty', () => {
    expect(JSON.parse(proxyEvent(eventTemplate(facts()), call()))).toEqual({
      resource: '/sheeps/{tattoo}',
      path: '/sheeps/7',
      httpMethod: 'POST',
      headers: {
        Accept: '*/*',
        Host: '127.0.0.1:4566',
        'User-Agent': 'shedbench',
        'X-Amzn-Trace-Id': 'Root=1-655f0f36-000000000000000000000000',
        'X-Forwarded-For': '127.0.0.1',
        'X-Forwarded-Port': '4566',
        'X-Forwarded-Proto': 'http',
      },
      multiValueHeaders: {
        Accept: ['*/*'],
        Host: ['127.0.0.1:4566'],
        'User-Agent': ['shedbench'],
        'X-Amzn-Trace-Id': ['Root=1-655f0f36-000000000000000000000000'],
        'X-Forwarded-For': ['127.0.0.1'],
        'X-Forwarded-Port': ['4566'],
        'X-Forwarded-Proto': ['http'],
      },
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      pathParameters: { tattoo: '7' },
      stageVariables: null,
      requestContext: {
        resourceId: 'r3s0urce00',
        resourcePath: '/sheeps/{tattoo}',
        httpMethod: 'POST',
        extendedRequestId: 'PEe5ZHQPIAMEvQw=',
        requestTime: '03/Nov/2026:06:07:08 +0000',
        path: '/v1/sheeps/7',
        accountId: '123456789012',
        protocol: 'HTTP/1.1',
        stage: 'v1',
        domainPrefix: 'abcdefghij',
        requestTimeEpoch: Date.UTC(2026, 10, 3, 6, 7, 8, 9),
        requestId: '0c7b1c5e-0000-4000-8000-000000000001',
        identity: {
          cognitoIdentityPoolId: null,
          accountId: null,
          cognitoIdentityId: null,
          caller: null,
          sourceIp: '127.0.0.1',
          principalOrgId: null,
          accessKey: null,
          cognitoAuthenticationType: null,
          cognitoAuthenticationProvider: null,
          userArn: null,
          userAgent: 'shedbench',
          user: null,
        },
        domainName: '127.0.0.1:4566',
        deploymentId: 'd3pl0yment',
        apiId: 'abcdefghij',
      },
      body: null,
      isBase64Encoded: false,
    });
  });

  test('the event of a proxy integration carries query, stage variables and body where they are', () => {
    const event = JSON.parse(
      proxyEvent(
        eventTemplate(facts({ stageVariables: { colour: 'black' }, pathParameters: null }, 'm=3&m=4')),
        call({ body: Buffer.from('{"a":"é"}') }),
      ),
    );
    expect(event).toMatchObject({
      body: '{"a":"é"}',
      stageVariables: { colour: 'black' },
      pathParameters: null,
      queryStringParameters: { m: '4' },
      multiValueQueryStringParameters: { m: ['3', '4'] },
    });
  });

  test('a template gives each call its own ids and times, and all else is the same', () => {
    const template = eventTemplate(facts());
    const later = call({
      traceId: 'Root=1-655f0f37-111111111111111111111111',
      requestId: '0c7b1c5e-0000-4000-8000-000000000002',
      extendedRequestId: 'QEe5ZHQPIAMEvQw=',
      atEpochMs: Date.UTC(2026, 10, 3, 6, 8, 0, 1),
    });
    const first: unknown = JSON.parse(proxyEvent(template, call()));
    expect(JSON.parse(proxyEvent(template, later))).toEqual(
      merged(first, {
        headers: { 'X-Amzn-Trace-Id': later.traceId },
        multiValueHeaders: { 'X-Amzn-Trace-Id': [later.traceId] },
        requestContext: {
          requestId: later.requestId,
          extendedRequestId: later.extendedRequestId,
          requestTime: '03/Nov/2026:06:08:00 +0000',
          requestTimeEpoch: later.atEpochMs,
        },
      }),
    );
  });

  test('the event of a proxy integration tells the time in the form of access logs', () => {
    expect(requestTime(Date.UTC(2015, 3, 9, 12, 34, 56))).toBe('09/Apr/2015:12:34:56 +0000');
    expect(requestTime(Date.UTC(2015, 3, 9, 12, 34, 56, 999))).toBe('09/Apr/2015:12:34:56 +0000');
    expect(requestTime(Date.UTC(2026, 11, 31, 23, 59, 59))).toBe('31/Dec/2026:23:59:59 +0000');
  });
});

/** An event in which some members of some members are others. */
function merged(event: unknown, changes: Readonly<Record<string, object>>): object {
  const all: Record<string, unknown> = { ...(event as Record<string, unknown>) };
  for (const [member, changed] of Object.entries(changes)) {
    all[member] = { ...(all[member] as object), ...changed };
  }
  return all;
}

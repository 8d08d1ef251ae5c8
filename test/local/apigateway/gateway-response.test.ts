import { describe, expect, test } from 'vitest';
import type { GatewayResponseConfiguration } from '../../../src/local/api-gateway-control.ts';
import {
  BAD_ANSWER,
  type GatewayError,
  missingRequestParameters,
  renderGatewayResponse,
  THROTTLED,
  TIMED_OUT,
  UNKNOWN_ROUTE,
} from '../../../src/local/services/apigateway/gateway-response.ts';

function render(error: GatewayError, ...configured: GatewayResponseConfiguration[]) {
  const variables: Record<string, string> = {
    'context.requestId': 'r-1',
    'method.request.header.Origin': 'https://example.org',
    'stageVariables.origin': 'https://stage.example',
  };
  return renderGatewayResponse(
    error,
    new Map(configured.map((each) => [each.responseType, each])),
    (name) => variables[name],
  );
}

describe('an answer of the gateway itself', () => {
  test.each<[GatewayError, number, string, string]>([
    [UNKNOWN_ROUTE, 403, 'MissingAuthenticationTokenException', '{"message":"Missing Authentication Token"}'],
    [THROTTLED, 429, 'TooManyRequestsException', '{"message":"Too Many Requests"}'],
    [BAD_ANSWER, 502, 'InternalServerErrorException', '{"message": "Internal server error"}'],
    [TIMED_OUT, 504, 'InternalServerErrorException', '{"message": "Endpoint request timed out"}'],
    [
      missingRequestParameters(['m', 'n']),
      400,
      'BadRequestException',
      '{"message": "Missing required request parameters: [m, n]"}',
    ],
  ])(
    'an answer of the gateway itself is as API Gateway words it: $responseType',
    (error, status, type, body) => {
      expect(render(error)).toEqual({
        status,
        headers: ['x-amzn-ErrorType', type, 'Content-Type', 'application/json'],
        body,
      });
    },
  );

  test('an answer of the gateway itself takes headers, status and text from the API where it has configured them', () => {
    expect(
      render(THROTTLED, {
        responseType: 'THROTTLED',
        statusCode: '503',
        responseParameters: {
          'gatewayresponse.header.Access-Control-Allow-Origin': "'*'",
          'gatewayresponse.header.X-Request': 'context.requestId',
          'gatewayresponse.header.X-Origin': 'method.request.header.Origin',
          'gatewayresponse.header.X-Stage': 'stageVariables.origin',
          'gatewayresponse.header.X-None': 'method.request.header.None',
        },
        responseTemplates: {
          'application/problem+json':
            // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the template's own syntax
            '{"m":$context.error.messageString,"t":"$context.error.responseType","r":"${context.requestId}","x":"$context.error.message.","none":"$context.nothing"}',
        },
      }),
    ).toEqual({
      status: 503,
      headers: [
        'x-amzn-ErrorType',
        'TooManyRequestsException',
        'Access-Control-Allow-Origin',
        '*',
        'X-Request',
        'r-1',
        'X-Origin',
        'https://example.org',
        'X-Stage',
        'https://stage.example',
        'Content-Type',
        'application/problem+json',
      ],
      body: '{"m":"Too Many Requests","t":"THROTTLED","r":"r-1","x":"Too Many Requests.","none":""}',
    });
  });

  test('an answer of the gateway itself falls back to the default of its class, and keeps its own status there', () => {
    const defaults: GatewayResponseConfiguration[] = ['DEFAULT_4XX', 'DEFAULT_5XX'].map((responseType) => ({
      responseType,
      responseParameters: { 'gatewayresponse.header.X-Class': `'${responseType}'` },
      responseTemplates: { 'application/json': '{"message":$context.error.messageString}' },
    }));
    expect(render(UNKNOWN_ROUTE, ...defaults)).toEqual({
      status: 403,
      headers: [
        'x-amzn-ErrorType',
        'MissingAuthenticationTokenException',
        'X-Class',
        'DEFAULT_4XX',
        'Content-Type',
        'application/json',
      ],
      body: '{"message":"Missing Authentication Token"}',
    });
    expect(render(BAD_ANSWER, ...defaults)).toMatchObject({
      status: 502,
      body: '{"message":"Internal server error"}',
    });
    expect(render(BAD_ANSWER, ...defaults).headers).toContain('DEFAULT_5XX');
  });

  test("a type's own configuration wins over the default of its class", () => {
    const parameters = (value: string) => ({ 'gatewayresponse.header.X': `'${value}'` });
    const rendered = render(
      THROTTLED,
      { responseType: 'DEFAULT_4XX', responseParameters: parameters('class'), responseTemplates: {} },
      { responseType: 'THROTTLED', responseParameters: parameters('own'), responseTemplates: {} },
    );
    expect(rendered.headers).toContain('own');
    expect(rendered.body).toBe('{"message":"Too Many Requests"}');
  });
});

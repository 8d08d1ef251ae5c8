import type { MethodConfiguration } from '../seams.ts';
import { API_GATEWAY, deletePart } from './apigateway-part.ts';
import { calling } from './handler-error.ts';
import type { ResourceScope, ResourceType } from './resource-type.ts';
import {
  inPlace,
  integer,
  notEmulated,
  object,
  type PropertyProblem,
  replacing,
  required,
  text,
} from './schema.ts';
import { numberIn, objectIn, type Properties, requiredString, stringIn } from './value.ts';

const HTTP_METHODS = ['ANY', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];
const MAX_ID_LENGTH = 128;
const INVOCATION_URI =
  /^arn:aws[a-z-]*:apigateway:[a-z0-9-]+:lambda:path\/2015-03-31\/functions\/arn:aws[^/]+\/invocations$/;

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-method.html */
export const METHOD: ResourceType = {
  type: 'AWS::ApiGateway::Method',
  properties: {
    RestApiId: required(replacing(text())),
    ResourceId: required(replacing(text())),
    HttpMethod: required(replacing(text({ enum: HTTP_METHODS }))),
    AuthorizationType: inPlace(
      text({ enum: ['NONE', 'AWS_IAM', 'CUSTOM', 'COGNITO_USER_POOLS'], emulated: ['NONE'] }),
    ),
    ApiKeyRequired: inPlace({ kind: 'boolean', emulated: false }),
    RequestParameters: inPlace({ kind: 'map', of: { kind: 'boolean' } }),
    RequestValidatorId: inPlace(text()),
    OperationName: inPlace(text()),
    Integration: inPlace(
      object({
        Type: {
          schema: text({ enum: ['AWS', 'AWS_PROXY', 'HTTP', 'HTTP_PROXY', 'MOCK'], emulated: ['AWS_PROXY'] }),
          required: true,
        },
        IntegrationHttpMethod: { schema: text({ enum: HTTP_METHODS }) },
        Uri: { schema: text() },
        TimeoutInMillis: { schema: integer({ min: 50, max: 29_000 }) },
        PassthroughBehavior: { schema: text({ enum: ['WHEN_NO_MATCH', 'WHEN_NO_TEMPLATES', 'NEVER'] }) },
        ConnectionType: { schema: text({ enum: ['INTERNET', 'VPC_LINK'], emulated: ['INTERNET'] }) },
        ...Object.fromEntries(
          [
            'CacheKeyParameters',
            'CacheNamespace',
            'ConnectionId',
            'ContentHandling',
            'Credentials',
            'IntegrationResponses',
            'IntegrationTarget',
            'RequestParameters',
            'RequestTemplates',
            'ResponseTransferMode',
          ].map((name) => [name, { schema: { kind: 'not-emulated' as const } }]),
        ),
      }),
    ),
    ...notEmulated(['AuthorizationScopes', 'AuthorizerId', 'MethodResponses', 'RequestModels']),
  },
  attributes: [],
  taggable: false,
  check: checkIntegration,
  create: async (scope, properties) => {
    await put(scope, properties);
    return { physicalId: scope.generateName({ maxLength: MAX_ID_LENGTH }), attributes: {} };
  },
  update: async (scope, properties, before) => {
    await put(scope, properties);
    return { physicalId: before.physicalId, attributes: before.attributes };
  },
  delete: (scope, existing) =>
    deletePart(scope, existing, (control, restApiId) =>
      control.deleteMethod(
        restApiId,
        requiredString(existing.properties, 'ResourceId'),
        requiredString(existing.properties, 'HttpMethod'),
      ),
    ),
};

/**
 * Checks that the method invokes a Lambda proxy, which takes POST only. A method without an integration could only
 * fail.
 */
function checkIntegration(properties: Properties): readonly PropertyProblem[] {
  const integration = objectIn(properties, 'Integration');
  if (integration === undefined) {
    return [
      {
        kind: 'not-emulated',
        path: [],
        message: 'a method without Integration is not emulated by the local cloud',
      },
    ];
  }
  const problems: PropertyProblem[] = [];
  if (integration.IntegrationHttpMethod !== 'POST') {
    problems.push({
      kind: 'invalid',
      path: ['Integration', 'IntegrationHttpMethod'],
      message:
        'Enumeration value for HttpMethod must be non-empty: an AWS_PROXY integration invokes Lambda by POST',
    });
  }
  const { Uri } = integration;
  if (Uri === undefined || (typeof Uri === 'string' && !INVOCATION_URI.test(Uri))) {
    problems.push({
      kind: 'invalid',
      path: ['Integration', 'Uri'],
      message: 'Invalid ARN specified in the request: Uri must name the invocation path of a Lambda function',
    });
  }
  return problems;
}

async function put(scope: ResourceScope, properties: Properties): Promise<void> {
  const integration = objectIn(properties, 'Integration') ?? {};
  const requestValidatorId = stringIn(properties, 'RequestValidatorId');
  const timeoutInMillis = numberIn(integration, 'TimeoutInMillis');
  const parameters = Object.entries(objectIn(properties, 'RequestParameters') ?? {});
  const method: MethodConfiguration = {
    httpMethod: requiredString(properties, 'HttpMethod'),
    authorizationType: stringIn(properties, 'AuthorizationType') ?? 'NONE',
    requestParameters: Object.fromEntries(parameters.map(([name, needed]) => [name, needed === true])),
    integration: {
      type: requiredString(integration, 'Type'),
      integrationHttpMethod: requiredString(integration, 'IntegrationHttpMethod'),
      uri: requiredString(integration, 'Uri'),
      ...(timeoutInMillis === undefined ? {} : { timeoutInMillis }),
    },
    ...(requestValidatorId === undefined ? {} : { requestValidatorId }),
  };
  await calling(API_GATEWAY, scope.newId, () =>
    scope.cloud.apigateway.putMethod(
      requiredString(properties, 'RestApiId'),
      requiredString(properties, 'ResourceId'),
      method,
    ),
  );
}

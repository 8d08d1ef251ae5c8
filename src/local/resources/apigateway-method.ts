import type { MethodConfiguration } from '../api-gateway-control.ts';
import { API_GATEWAY, deletePart } from './apigateway-part.ts';
import { calling } from './handler-error.ts';
import type { ResourceScope, ResourceType } from './resource-type.ts';
import {
  inPlace,
  integer,
  list,
  type Member,
  notEmulated,
  object,
  type PropertyProblem,
  replacing,
  required,
  text,
  textMap,
} from './schema.ts';
import {
  isValueObject,
  listIn,
  numberIn,
  objectIn,
  type Properties,
  requiredString,
  stringIn,
  stringMapIn,
} from './value.ts';

const PASSTHROUGH = ['WHEN_NO_MATCH', 'WHEN_NO_TEMPLATES', 'NEVER'] as const;
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
          schema: text({
            enum: ['AWS', 'AWS_PROXY', 'HTTP', 'HTTP_PROXY', 'MOCK'],
            emulated: ['AWS_PROXY', 'MOCK'],
          }),
          required: true,
        },
        IntegrationHttpMethod: { schema: text({ enum: HTTP_METHODS }) },
        Uri: { schema: text() },
        TimeoutInMillis: { schema: integer({ min: 50, max: 29_000 }) },
        PassthroughBehavior: { schema: text({ enum: PASSTHROUGH }) },
        RequestTemplates: { schema: textMap },
        IntegrationResponses: {
          schema: list(
            object({
              StatusCode: { schema: text(), required: true },
              ResponseParameters: { schema: textMap },
              ...refused(['ContentHandling', 'ResponseTemplates', 'SelectionPattern']),
            }),
          ),
        },
        ConnectionType: { schema: text({ enum: ['INTERNET', 'VPC_LINK'], emulated: ['INTERNET'] }) },
        ...refused([
          'CacheKeyParameters',
          'CacheNamespace',
          'ConnectionId',
          'ContentHandling',
          'Credentials',
          'IntegrationTarget',
          'RequestParameters',
          'ResponseTransferMode',
        ]),
      }),
    ),
    MethodResponses: inPlace(
      list(
        object({
          StatusCode: { schema: text(), required: true },
          ResponseParameters: { schema: { kind: 'map', of: { kind: 'boolean' } } },
          ...refused(['ResponseModels']),
        }),
      ),
    ),
    ...notEmulated(['AuthorizationScopes', 'AuthorizerId', 'RequestModels']),
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

/** Members of an object that AWS knows and the local cloud refuses by name. */
function refused(names: readonly string[]): Readonly<Record<string, Member>> {
  return Object.fromEntries(names.map((name) => [name, { schema: { kind: 'not-emulated' } }]));
}

/** Checks the method's integration. A method without one is refused, because every call to it would fail. */
function checkIntegration(properties: Properties): readonly PropertyProblem[] {
  const integration = objectIn(properties, 'Integration');
  if (integration === undefined) {
    return [notEmulatedHere([], 'a method without Integration is not emulated by the local cloud')];
  }
  return integration.Type === 'MOCK' ? checkMock(integration) : checkProxy(integration);
}

/** Refuses several integration responses, because the local cloud does not choose between them by their patterns. */
function checkMock(integration: Properties): readonly PropertyProblem[] {
  return listIn(integration, 'IntegrationResponses').length <= 1
    ? []
    : [
        notEmulatedHere(
          ['Integration', 'IntegrationResponses'],
          'more than one integration response is not emulated by the local cloud',
        ),
      ];
}

function notEmulatedHere(path: readonly string[], message: string): PropertyProblem {
  return { kind: 'not-emulated', path, message };
}

/** API Gateway always invokes a function by POST. */
function checkProxy(integration: Properties): readonly PropertyProblem[] {
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
  const requestValidatorId = stringIn(properties, 'RequestValidatorId');
  const parameters = Object.entries(objectIn(properties, 'RequestParameters') ?? {});
  const method: MethodConfiguration = {
    httpMethod: requiredString(properties, 'HttpMethod'),
    authorizationType: stringIn(properties, 'AuthorizationType') ?? 'NONE',
    requestParameters: Object.fromEntries(parameters.map(([name, needed]) => [name, needed === true])),
    integration: integrationOf(objectIn(properties, 'Integration') ?? {}),
    methodResponses: Object.fromEntries(
      listIn(properties, 'MethodResponses')
        .filter(isValueObject)
        .map((response) => [
          requiredString(response, 'StatusCode'),
          Object.keys(objectIn(response, 'ResponseParameters') ?? {}).map((name) =>
            name.replace(/^method\.response\.header\./, '').toLowerCase(),
          ),
        ]),
    ),
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

function integrationOf(integration: Properties): MethodConfiguration['integration'] {
  if (integration.Type === 'MOCK') {
    const [response] = listIn(integration, 'IntegrationResponses').filter(isValueObject);
    return {
      type: 'MOCK',
      requestTemplates: stringMapIn(integration, 'RequestTemplates'),
      passthroughBehavior:
        PASSTHROUGH.find((behavior) => behavior === integration.PassthroughBehavior) ?? 'WHEN_NO_MATCH',
      response:
        response === undefined
          ? undefined
          : {
              statusCode: requiredString(response, 'StatusCode'),
              responseParameters: stringMapIn(response, 'ResponseParameters'),
            },
    };
  }
  const timeoutInMillis = numberIn(integration, 'TimeoutInMillis');
  return {
    type: 'AWS_PROXY',
    integrationHttpMethod: requiredString(integration, 'IntegrationHttpMethod'),
    uri: requiredString(integration, 'Uri'),
    ...(timeoutInMillis === undefined ? {} : { timeoutInMillis }),
  };
}

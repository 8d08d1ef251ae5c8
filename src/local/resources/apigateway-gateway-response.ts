import { API_GATEWAY, deletePart } from './apigateway-part.ts';
import { calling } from './handler-error.ts';
import type { ResourceScope, ResourceType } from './resource-type.ts';
import { inPlace, replacing, required, text, textMap } from './schema.ts';
import { type Properties, requiredString, stringIn, stringMapIn } from './value.ts';

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html */
const RESPONSE_TYPES = [
  'ACCESS_DENIED',
  'API_CONFIGURATION_ERROR',
  'AUTHORIZER_CONFIGURATION_ERROR',
  'AUTHORIZER_FAILURE',
  'BAD_REQUEST_BODY',
  'BAD_REQUEST_PARAMETERS',
  'DEFAULT_4XX',
  'DEFAULT_5XX',
  'EXPIRED_TOKEN',
  'INTEGRATION_FAILURE',
  'INTEGRATION_TIMEOUT',
  'INVALID_API_KEY',
  'INVALID_SIGNATURE',
  'MISSING_AUTHENTICATION_TOKEN',
  'QUOTA_EXCEEDED',
  'REQUEST_TOO_LARGE',
  'RESOURCE_NOT_FOUND',
  'THROTTLED',
  'UNAUTHORIZED',
  'UNSUPPORTED_MEDIA_TYPE',
  'WAF_FILTERED',
];

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-gatewayresponse.html */
export const GATEWAY_RESPONSE: ResourceType = {
  type: 'AWS::ApiGateway::GatewayResponse',
  properties: {
    RestApiId: required(replacing(text())),
    ResponseType: required(replacing(text({ enum: RESPONSE_TYPES }))),
    StatusCode: inPlace(text({ pattern: /^[1-5]\d\d$/ })),
    ResponseParameters: inPlace(textMap),
    ResponseTemplates: inPlace(textMap),
  },
  attributes: ['Id'],
  taggable: false,
  create: async (scope, properties) => {
    await put(scope, properties);
    const id = `${requiredString(properties, 'RestApiId')}-${requiredString(properties, 'ResponseType')}`;
    return { physicalId: id, attributes: { Id: id } };
  },
  update: async (scope, properties, before) => {
    await put(scope, properties);
    return { physicalId: before.physicalId, attributes: before.attributes };
  },
  delete: (scope, existing) =>
    deletePart(scope, existing, (control, restApiId) =>
      control.deleteGatewayResponse(restApiId, requiredString(existing.properties, 'ResponseType')),
    ),
};

async function put(scope: ResourceScope, properties: Properties): Promise<void> {
  const statusCode = stringIn(properties, 'StatusCode');
  await calling(API_GATEWAY, scope.newId, () =>
    scope.cloud.apigateway.putGatewayResponse(requiredString(properties, 'RestApiId'), {
      responseType: requiredString(properties, 'ResponseType'),
      responseParameters: stringMapIn(properties, 'ResponseParameters'),
      responseTemplates: stringMapIn(properties, 'ResponseTemplates'),
      ...(statusCode === undefined ? {} : { statusCode }),
    }),
  );
}

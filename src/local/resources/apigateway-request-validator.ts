import type { RequestValidatorConfiguration } from '../api-gateway-control.ts';
import { API_GATEWAY, deletePart } from './apigateway-part.ts';
import { calling } from './handler-error.ts';
import type { ResourceType } from './resource-type.ts';
import { boolean, inPlace, replacing, required, text } from './schema.ts';
import { booleanIn, type Properties, requiredString, stringIn } from './value.ts';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-requestvalidator.html */
export const REQUEST_VALIDATOR: ResourceType = {
  type: 'AWS::ApiGateway::RequestValidator',
  properties: {
    RestApiId: required(replacing(text())),
    Name: replacing(text()),
    ValidateRequestBody: inPlace(boolean),
    ValidateRequestParameters: inPlace(boolean),
  },
  attributes: ['RequestValidatorId'],
  taggable: false,
  create: async (scope, properties) => {
    const { requestValidatorId } = await calling(API_GATEWAY, scope.newId, () =>
      scope.cloud.apigateway.createRequestValidator(requiredString(properties, 'RestApiId'), {
        name: stringIn(properties, 'Name') ?? '',
        ...checks(properties),
      }),
    );
    return { physicalId: requestValidatorId, attributes: { RequestValidatorId: requestValidatorId } };
  },
  update: async (scope, properties, before) => {
    await calling(API_GATEWAY, scope.newId, () =>
      scope.cloud.apigateway.updateRequestValidator(
        requiredString(properties, 'RestApiId'),
        before.physicalId,
        checks(properties),
      ),
    );
    return { physicalId: before.physicalId, attributes: before.attributes };
  },
  delete: (scope, existing) =>
    deletePart(scope, existing, (control, restApiId) =>
      control.deleteRequestValidator(restApiId, existing.physicalId),
    ),
};

function checks(properties: Properties): RequestValidatorConfiguration {
  return {
    validateRequestBody: booleanIn(properties, 'ValidateRequestBody') === true,
    validateRequestParameters: booleanIn(properties, 'ValidateRequestParameters') === true,
  };
}

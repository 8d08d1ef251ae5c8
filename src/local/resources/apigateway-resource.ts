import { API_GATEWAY, deletePart } from './apigateway-part.ts';
import { calling } from './handler-error.ts';
import type { ResourceType } from './resource-type.ts';
import { replacing, required, text } from './schema.ts';
import { requiredString } from './value.ts';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-resource.html */
export const RESOURCE: ResourceType = {
  type: 'AWS::ApiGateway::Resource',
  properties: {
    RestApiId: required(replacing(text())),
    ParentId: required(replacing(text())),
    PathPart: required(replacing(text({ pattern: /^(?:[a-zA-Z0-9._:-]+|\{[a-zA-Z0-9._-]+\+?\})$/ }))),
  },
  attributes: ['ResourceId'],
  taggable: false,
  create: async (scope, properties) => {
    const { resourceId } = await calling(API_GATEWAY, scope.newId, () =>
      scope.cloud.apigateway.createResource(
        requiredString(properties, 'RestApiId'),
        requiredString(properties, 'ParentId'),
        requiredString(properties, 'PathPart'),
      ),
    );
    return { physicalId: resourceId, attributes: { ResourceId: resourceId } };
  },
  delete: (scope, existing) =>
    deletePart(scope, existing, (control, restApiId) =>
      control.deleteResource(restApiId, existing.physicalId),
    ),
};

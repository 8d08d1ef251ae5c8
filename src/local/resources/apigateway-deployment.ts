import { API_GATEWAY, deletePart } from './apigateway-part.ts';
import { calling } from './handler-error.ts';
import type { ResourceType } from './resource-type.ts';
import { inPlace, notEmulated, replacing, required, text } from './schema.ts';
import { requiredString } from './value.ts';

/**
 * A snapshot of the API at the time of its creation.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-deployment.html
 */
export const DEPLOYMENT: ResourceType = {
  type: 'AWS::ApiGateway::Deployment',
  properties: {
    RestApiId: required(replacing(text())),
    Description: inPlace(text({ maxLength: 1024 })),
    ...notEmulated(['DeploymentCanarySettings', 'StageDescription', 'StageName']),
  },
  attributes: ['DeploymentId'],
  taggable: false,
  create: async (scope, properties) => {
    const { deploymentId } = await calling(API_GATEWAY, scope.newId, () =>
      scope.cloud.apigateway.createDeployment(requiredString(properties, 'RestApiId')),
    );
    return { physicalId: deploymentId, attributes: { DeploymentId: deploymentId } };
  },
  // Only the description can change in place, and the local cloud does not use it.
  update: async (_scope, _properties, before) => ({
    physicalId: before.physicalId,
    attributes: before.attributes,
  }),
  delete: (scope, existing) =>
    deletePart(scope, existing, (control, restApiId) =>
      control.deleteDeployment(restApiId, existing.physicalId),
    ),
};

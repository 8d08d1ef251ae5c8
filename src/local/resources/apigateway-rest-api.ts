import { calling } from './handler-error.ts';
import type { ResourceScope, ResourceType } from './resource-type.ts';
import { inPlace, list, notEmulated, object, type PropertyProblem, tagList, text } from './schema.ts';
import { type Properties, requiredString, stringIn } from './value.ts';

const SERVICE = 'ApiGateway';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-restapi.html */
export const REST_API: ResourceType = {
  type: 'AWS::ApiGateway::RestApi',
  properties: {
    Name: inPlace(text({ minLength: 1, maxLength: 1024 })),
    Description: inPlace(text({ maxLength: 1024 })),
    EndpointConfiguration: inPlace(
      object({
        Types: {
          schema: list(text({ enum: ['EDGE', 'REGIONAL', 'PRIVATE'], emulated: ['EDGE', 'REGIONAL'] }), {
            minItems: 1,
            maxItems: 1,
          }),
        },
        IpAddressType: { schema: text({ enum: ['ipv4', 'dualstack'] }) },
        VpcEndpointIds: { schema: { kind: 'not-emulated' } },
      }),
    ),
    DisableExecuteApiEndpoint: inPlace({ kind: 'boolean', emulated: false }),
    Tags: inPlace(tagList()),
    ...notEmulated([
      'ApiKeySourceType',
      'BinaryMediaTypes',
      'Body',
      'BodyS3Location',
      'CloneFrom',
      'EndpointAccessMode',
      'FailOnWarnings',
      'MinimumCompressionSize',
      'Mode',
      'Parameters',
      'Policy',
      'SecurityPolicy',
    ]),
  },
  attributes: ['RestApiId', 'RootResourceId'],
  taggable: true,
  systemTags: true,
  check: (properties): readonly PropertyProblem[] =>
    properties.Name === undefined
      ? [{ kind: 'required', path: [], message: 'Required property [Name] not found' }]
      : [],
  create: async (scope, properties) => {
    const { restApiId, rootResourceId } = await calling(SERVICE, scope.newId, () =>
      scope.cloud.apigateway.createRestApi(settings(scope, properties)),
    );
    return { physicalId: restApiId, attributes: { RestApiId: restApiId, RootResourceId: rootResourceId } };
  },
  update: async (scope, properties, before) => {
    await calling(SERVICE, scope.newId, () =>
      scope.cloud.apigateway.updateRestApi(before.physicalId, settings(scope, properties)),
    );
    return { physicalId: before.physicalId, attributes: before.attributes };
  },
  delete: async (scope, existing) => {
    const { apigateway } = scope.cloud;
    if (!apigateway.restApiExists(existing.physicalId)) return;
    await calling(SERVICE, scope.newId, () => apigateway.deleteRestApi(existing.physicalId));
  },
};

function settings(
  scope: ResourceScope,
  properties: Properties,
): { name: string; description?: string; tags: Readonly<Record<string, string>> } {
  const description = stringIn(properties, 'Description');
  return {
    name: requiredString(properties, 'Name'),
    tags: scope.tags,
    ...(description === undefined ? {} : { description }),
  };
}

import { calling } from './handler-error.ts';
import type { ResourceScope, ResourceType } from './resource-type.ts';
import { inPlace, json, list, notEmulated, required, text } from './schema.ts';
import { listIn, objectIn, type Properties } from './value.ts';

const TYPE = 'AWS::IAM::Policy';
const SERVICE = 'Iam';
const MAX_NAME_LENGTH = 128;

/** An inline policy of roles. @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-policy.html */
export const POLICY: ResourceType = {
  type: TYPE,
  properties: {
    PolicyName: required(inPlace(text({ pattern: /^[\w+=,.@-]{1,128}$/ }))),
    PolicyDocument: required(inPlace(json)),
    Roles: inPlace(list(text({ minLength: 1 }))),
    ...notEmulated(['Groups', 'Users']),
  },
  attributes: ['Id'],
  taggable: false,
  capability: () => 'CAPABILITY_IAM',
  create: async (scope, properties) => {
    const physicalId = scope.generateName({ maxLength: MAX_NAME_LENGTH });
    await attach(scope, physicalId, properties);
    scope.initiated(physicalId);
    return { physicalId, attributes: { Id: physicalId } };
  },
  update: async (scope, properties, before) => {
    const { physicalId, attributes } = before;
    const roles = rolesOf(properties);
    await attach(scope, physicalId, properties);
    for (const role of rolesOf(before.properties)) {
      if (!roles.includes(role)) scope.cloud.iam.detachPolicy(role, physicalId);
    }
    return { physicalId, attributes };
  },
  delete: async (scope, existing) => {
    for (const role of rolesOf(existing.properties)) {
      scope.cloud.iam.detachPolicy(role, existing.physicalId);
    }
  },
};

async function attach(scope: ResourceScope, key: string, properties: Properties): Promise<void> {
  const document = objectIn(properties, 'PolicyDocument');
  for (const role of rolesOf(properties)) {
    await calling(SERVICE, scope.newId, () => scope.cloud.iam.attachPolicy(role, key, document));
  }
}

function rolesOf(properties: Properties): readonly string[] {
  return listIn(properties, 'Roles').filter((role) => typeof role === 'string');
}

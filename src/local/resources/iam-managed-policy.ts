import { alreadyExists, calling } from './handler-error.ts';
import type { ResourceScope, ResourceType } from './resource-type.ts';
import { inPlace, json, list, notEmulated, replacing, required, text } from './schema.ts';
import { listIn, objectIn, type Properties } from './value.ts';

const TYPE = 'AWS::IAM::ManagedPolicy';
const SERVICE = 'Iam';
const MAX_NAME_LENGTH = 128;

/** A policy of this account's own. @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-managedpolicy.html */
export const MANAGED_POLICY: ResourceType = {
  type: TYPE,
  properties: {
    ManagedPolicyName: replacing(text({ pattern: /^[\w+=,.@-]{1,128}$/ })),
    Path: replacing(text({ emulated: ['/'] })),
    Description: replacing(text({ maxLength: 1000 })),
    PolicyDocument: required(inPlace(json)),
    Roles: inPlace(list(text({ minLength: 1 }))),
    ...notEmulated(['Groups', 'Users']),
  },
  attributes: ['PolicyArn'],
  taggable: false,
  capability: (properties) =>
    properties.ManagedPolicyName === undefined ? 'CAPABILITY_IAM' : 'CAPABILITY_NAMED_IAM',
  fixedName: (properties) =>
    typeof properties.ManagedPolicyName === 'string' ? properties.ManagedPolicyName : undefined,
  exists: (cloud, name) => cloud.iam.managedPolicyExists(arnOf(cloud.accountId, name)),
  create: async (scope, properties) => {
    const { accountId, iam } = scope.cloud;
    const name =
      typeof properties.ManagedPolicyName === 'string'
        ? properties.ManagedPolicyName
        : scope.generateName({ maxLength: MAX_NAME_LENGTH });
    const arn = arnOf(accountId, name);
    if (iam.managedPolicyExists(arn)) throw alreadyExists(TYPE, name);
    await put(scope, arn, properties);
    scope.initiated(arn);
    return { physicalId: arn, attributes: { PolicyArn: arn } };
  },
  update: async (scope, properties, before) => {
    const { physicalId, attributes } = before;
    const roles = rolesOf(properties);
    await put(scope, physicalId, properties);
    for (const role of rolesOf(before.properties)) {
      if (!roles.includes(role)) scope.cloud.iam.detachPolicy(role, physicalId);
    }
    return { physicalId, attributes };
  },
  delete: async (scope, existing) => {
    const { iam } = scope.cloud;
    for (const role of rolesOf(existing.properties)) iam.detachPolicy(role, existing.physicalId);
    iam.deleteManagedPolicy(existing.physicalId);
  },
};

function arnOf(accountId: string, name: string): string {
  return `arn:aws:iam::${accountId}:policy/${name}`;
}

async function put(scope: ResourceScope, arn: string, properties: Properties): Promise<void> {
  const { iam } = scope.cloud;
  const document = objectIn(properties, 'PolicyDocument');
  await calling(SERVICE, scope.newId, () => iam.putManagedPolicy(arn, document));
  for (const role of rolesOf(properties)) {
    await calling(SERVICE, scope.newId, () => iam.attachPolicy(role, arn, document));
  }
}

function rolesOf(properties: Properties): readonly string[] {
  return listIn(properties, 'Roles').filter((role) => typeof role === 'string');
}

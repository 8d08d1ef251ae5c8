import { alreadyExists, calling } from './handler-error.ts';
import type { ResourceScope, ResourceType } from './resource-type.ts';
import {
  inPlace,
  integer,
  json,
  list,
  notEmulated,
  object,
  replacing,
  required,
  tagList,
  text,
} from './schema.ts';
import { isValueObject, listIn, objectIn, type Properties, requiredString } from './value.ts';

const TYPE = 'AWS::IAM::Role';
const SERVICE = 'Iam';
const MAX_NAME_LENGTH = 64;

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html */
export const ROLE: ResourceType = {
  type: TYPE,
  properties: {
    RoleName: replacing(text({ pattern: /^[\w+=,.@-]{1,64}$/ })),
    Path: replacing(text({ emulated: ['/'] })),
    AssumeRolePolicyDocument: required(inPlace(json)),
    Description: inPlace(text({ maxLength: 1000 })),
    MaxSessionDuration: inPlace(integer({ min: 3600, max: 43_200 })),
    Policies: inPlace(
      list(
        object({
          PolicyName: { schema: text({ minLength: 1, maxLength: 128 }), required: true },
          PolicyDocument: { schema: json, required: true },
        }),
      ),
    ),
    Tags: inPlace(tagList()),
    ManagedPolicyArns: inPlace(
      list(text({ pattern: /^arn:(aws[a-zA-Z-]*)?:iam::(aws|\d{12}):policy\/.+$/ })),
    ),
    ...notEmulated(['PermissionsBoundary']),
  },
  attributes: ['Arn', 'RoleId'],
  taggable: true,
  capability: (properties) => (properties.RoleName === undefined ? 'CAPABILITY_IAM' : 'CAPABILITY_NAMED_IAM'),
  fixedName: (properties) => (typeof properties.RoleName === 'string' ? properties.RoleName : undefined),
  exists: (cloud, name) => cloud.iam.roleExists(name),
  create: async (scope, properties) => {
    const { iam } = scope.cloud;
    const name =
      typeof properties.RoleName === 'string'
        ? properties.RoleName
        : scope.generateName({ maxLength: MAX_NAME_LENGTH });
    if (iam.roleExists(name)) throw alreadyExists(TYPE, name);
    const { arn, roleId } = await calling(SERVICE, scope.newId, () =>
      iam.createRole({ roleName: name, ...policiesOf(scope, properties) }),
    );
    scope.initiated(name);
    return { physicalId: name, attributes: { Arn: arn, RoleId: roleId } };
  },
  update: async (scope, properties, before) => {
    await calling(SERVICE, scope.newId, () =>
      scope.cloud.iam.updateRole(before.physicalId, policiesOf(scope, properties)),
    );
    return { physicalId: before.physicalId, attributes: before.attributes };
  },
  delete: async (scope, existing) => {
    const { iam } = scope.cloud;
    if (!iam.roleExists(existing.physicalId)) return;
    await calling(SERVICE, scope.newId, () => iam.deleteRole(existing.physicalId));
  },
};

function policiesOf(
  scope: ResourceScope,
  properties: Properties,
): {
  assumeRolePolicy: unknown;
  policies: readonly { name: string; document: unknown }[];
  managedPolicyArns: readonly string[];
  tags: Readonly<Record<string, string>>;
} {
  return {
    assumeRolePolicy: objectIn(properties, 'AssumeRolePolicyDocument'),
    policies: listIn(properties, 'Policies')
      .filter(isValueObject)
      .map((policy) => ({
        name: requiredString(policy, 'PolicyName'),
        document: objectIn(policy, 'PolicyDocument'),
      })),
    managedPolicyArns: listIn(properties, 'ManagedPolicyArns').filter((arn) => typeof arn === 'string'),
    tags: scope.tags,
  };
}

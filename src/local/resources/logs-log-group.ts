import { alreadyExists, calling } from './handler-error.ts';
import type { PhysicalResource, ResourceScope, ResourceType } from './resource-type.ts';
import { inPlace, integer, notEmulated, replacing, tagList, text } from './schema.ts';
import { numberIn, type Properties, stringIn } from './value.ts';

const TYPE = 'AWS::Logs::LogGroup';
const SERVICE = 'CloudWatchLogs';
const MAX_NAME_LENGTH = 512;

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html */
export const LOG_GROUP: ResourceType = {
  type: TYPE,
  properties: {
    LogGroupName: replacing(text({ pattern: /^[.\-_/#A-Za-z0-9]{1,512}$/ })),
    RetentionInDays: inPlace(
      integer({
        enum: [
          1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
          3653,
        ],
      }),
    ),
    LogGroupClass: inPlace(
      text({ enum: ['STANDARD', 'INFREQUENT_ACCESS', 'DELIVERY'], emulated: ['STANDARD'] }),
    ),
    Tags: inPlace(tagList()),
    ...notEmulated([
      'BearerTokenAuthenticationEnabled',
      'DataProtectionPolicy',
      'DeletionProtectionEnabled',
      'FieldIndexPolicies',
      'KmsKeyId',
      'ResourcePolicyDocument',
    ]),
  },
  attributes: ['Arn'],
  taggable: true,
  systemTags: true,
  fixedName: (properties) => nameIn(properties),
  exists: (cloud, name) => cloud.logs.logGroupExists(name),
  create: async (scope, properties) => {
    const name = nameIn(properties) ?? scope.generateName({ maxLength: MAX_NAME_LENGTH });
    const { logs } = scope.cloud;
    if (logs.logGroupExists(name)) throw alreadyExists(TYPE, name);
    const retentionInDays = numberIn(properties, 'RetentionInDays');
    await calling(SERVICE, scope.newId, () =>
      logs.createLogGroup(name, {
        tags: scope.tags,
        ...(retentionInDays === undefined ? {} : { retentionInDays }),
      }),
    );
    scope.initiated(name);
    return logGroup(scope, name);
  },
  update: async (scope, properties, before) => {
    const name = before.physicalId;
    await calling(SERVICE, scope.newId, () => {
      scope.cloud.logs.setRetention(name, numberIn(properties, 'RetentionInDays'));
      scope.cloud.logs.setTags(name, scope.tags);
    });
    return logGroup(scope, name);
  },
  delete: async (scope, existing) => {
    const { logs } = scope.cloud;
    if (!logs.logGroupExists(existing.physicalId)) return;
    await calling(SERVICE, scope.newId, () => logs.deleteLogGroup(existing.physicalId));
  },
};

function nameIn(properties: Properties): string | undefined {
  return typeof properties.LogGroupName === 'string' ? stringIn(properties, 'LogGroupName') : undefined;
}

function logGroup(scope: ResourceScope, name: string): PhysicalResource {
  const { region, accountId } = scope.cloud;
  return { physicalId: name, attributes: { Arn: `arn:aws:logs:${region}:${accountId}:log-group:${name}:*` } };
}

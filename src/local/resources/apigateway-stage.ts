import { API_GATEWAY, deletePart } from './apigateway-part.ts';
import { calling } from './handler-error.ts';
import type { ResourceScope, ResourceType } from './resource-type.ts';
import {
  inPlace,
  integer,
  list,
  notEmulated,
  object,
  type PropertyProblem,
  replacing,
  required,
  tagList,
  text,
  textMap,
} from './schema.ts';
import { isValueObject, listIn, numberIn, type Properties, requiredString, stringMapIn } from './value.ts';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-stage.html */
export const STAGE: ResourceType = {
  type: 'AWS::ApiGateway::Stage',
  properties: {
    RestApiId: required(replacing(text())),
    StageName: replacing(text({ pattern: /^[a-zA-Z0-9_-]{1,128}$/ })),
    DeploymentId: inPlace(text()),
    Description: inPlace(text({ maxLength: 1024 })),
    Variables: inPlace(textMap),
    MethodSettings: inPlace(
      list(
        object({
          ResourcePath: { schema: text({ pattern: /^\// }) },
          HttpMethod: { schema: text() },
          ThrottlingRateLimit: { schema: { kind: 'number', min: 0 } },
          ThrottlingBurstLimit: { schema: integer({ min: 0 }) },
          LoggingLevel: { schema: text({ enum: ['OFF', 'ERROR', 'INFO'], emulated: ['OFF'] }) },
          MetricsEnabled: { schema: { kind: 'boolean', emulated: false } },
          DataTraceEnabled: { schema: { kind: 'boolean', emulated: false } },
          CachingEnabled: { schema: { kind: 'boolean', emulated: false } },
          CacheDataEncrypted: { schema: { kind: 'not-emulated' } },
          CacheTtlInSeconds: { schema: { kind: 'not-emulated' } },
        }),
        { maxItems: 1 },
      ),
    ),
    TracingEnabled: inPlace({ kind: 'boolean', emulated: false }),
    CacheClusterEnabled: inPlace({ kind: 'boolean', emulated: false }),
    Tags: inPlace(tagList()),
    ...notEmulated([
      'AccessLogSetting',
      'CacheClusterSize',
      'CanarySetting',
      'ClientCertificateId',
      'DocumentationVersion',
    ]),
  },
  attributes: [],
  taggable: true,
  systemTags: true,
  check: checkStage,
  create: async (scope, properties) => {
    await put(scope, properties);
    return { physicalId: requiredString(properties, 'StageName'), attributes: {} };
  },
  update: async (scope, properties, before) => {
    await put(scope, properties);
    return { physicalId: before.physicalId, attributes: {} };
  },
  delete: (scope, existing) =>
    deletePart(scope, existing, (control, restApiId) => control.deleteStage(restApiId, existing.physicalId)),
};

/**
 * Refuses settings of single methods, which would need one throttle each. The local API Gateway has one throttle per
 * stage.
 */
function checkStage(properties: Properties): readonly PropertyProblem[] {
  const problems: PropertyProblem[] = [];
  for (const name of ['DeploymentId', 'StageName']) {
    if (properties[name] === undefined) {
      problems.push({ kind: 'required', path: [], message: `Required property [${name}] not found` });
    }
  }
  for (const setting of listIn(properties, 'MethodSettings')) {
    if (!isValueObject(setting) || setting.ResourcePath !== '/*' || setting.HttpMethod !== '*') {
      problems.push({
        kind: 'not-emulated',
        path: ['MethodSettings'],
        message:
          'the local cloud emulates MethodSettings only for the whole stage: ResourcePath /* with HttpMethod *',
      });
    }
  }
  return problems;
}

async function put(scope: ResourceScope, properties: Properties): Promise<void> {
  const [setting] = listIn(properties, 'MethodSettings').filter(isValueObject);
  const rateLimit = setting === undefined ? undefined : numberIn(setting, 'ThrottlingRateLimit');
  const burstLimit = setting === undefined ? undefined : numberIn(setting, 'ThrottlingBurstLimit');
  await calling(API_GATEWAY, scope.newId, () =>
    scope.cloud.apigateway.putStage(requiredString(properties, 'RestApiId'), {
      stageName: requiredString(properties, 'StageName'),
      deploymentId: requiredString(properties, 'DeploymentId'),
      variables: stringMapIn(properties, 'Variables'),
      tags: scope.tags,
      ...(rateLimit === undefined ? {} : { throttlingRateLimit: rateLimit }),
      ...(burstLimit === undefined ? {} : { throttlingBurstLimit: burstLimit }),
    }),
  );
}

import { calling } from './handler-error.ts';
import { readZip } from './lambda-function.ts';
import type { ResourceType } from './resource-type.ts';
import { list, object, replacing, required, text } from './schema.ts';
import { objectIn } from './value.ts';

const TYPE = 'AWS::Lambda::LayerVersion';
const SERVICE = 'Lambda';
const MAX_NAME_LENGTH = 64;

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-layerversion.html */
export const LAYER_VERSION: ResourceType = {
  type: TYPE,
  properties: {
    LayerName: replacing(text({ pattern: /^[a-zA-Z0-9-_]{1,140}$/ })),
    Content: required(
      replacing(
        object({
          S3Bucket: { schema: text({ minLength: 3, maxLength: 63 }), required: true },
          S3Key: { schema: text({ minLength: 1, maxLength: 1024 }), required: true },
          S3ObjectVersion: { schema: text({ minLength: 1, maxLength: 1024 }) },
          S3ObjectStorageMode: { schema: { kind: 'not-emulated' } },
        }),
      ),
    ),
    CompatibleRuntimes: replacing(list(text({ minLength: 1 }), { maxItems: 15 })),
    CompatibleArchitectures: replacing(list(text({ enum: ['x86_64', 'arm64'] }), { maxItems: 2 })),
    Description: replacing(text({ maxLength: 256 })),
    LicenseInfo: replacing(text({ maxLength: 512 })),
  },
  attributes: ['LayerVersionArn'],
  taggable: false,
  create: async (scope, properties) => {
    const { cloud } = scope;
    const name =
      typeof properties.LayerName === 'string'
        ? properties.LayerName
        : scope.generateName({ maxLength: MAX_NAME_LENGTH });
    const code = readZip(scope, objectIn(properties, 'Content') ?? {});
    const arn = await calling(SERVICE, scope.newId, () =>
      cloud.lambda.publishLayerVersion(
        `arn:aws:lambda:${cloud.region}:${cloud.accountId}:layer:${name}`,
        code,
      ),
    );
    scope.initiated(arn);
    return { physicalId: arn, attributes: { LayerVersionArn: arn } };
  },
  delete: async (scope, existing) => {
    scope.cloud.lambda.deleteLayerVersion(existing.physicalId);
  },
};

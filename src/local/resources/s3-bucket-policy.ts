import { calling } from './handler-error.ts';
import type { ResourceScope, ResourceType } from './resource-type.ts';
import { inPlace, json, replacing, required, text } from './schema.ts';
import { objectIn, type Properties, requiredString } from './value.ts';

const SERVICE = 'S3';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucketpolicy.html */
export const BUCKET_POLICY: ResourceType = {
  type: 'AWS::S3::BucketPolicy',
  properties: {
    Bucket: required(replacing(text())),
    PolicyDocument: required(inPlace(json)),
  },
  attributes: [],
  taggable: false,
  create: async (scope, properties) => {
    const bucket = requiredString(properties, 'Bucket');
    await put(scope, bucket, properties);
    return { physicalId: bucket, attributes: {} };
  },
  update: async (scope, properties, before) => {
    await put(scope, before.physicalId, properties);
    return { physicalId: before.physicalId, attributes: {} };
  },
  delete: async (scope, existing) => {
    const { s3 } = scope.cloud;
    if (!s3.bucketExists(existing.physicalId)) return;
    await calling(SERVICE, scope.newId, () => s3.setBucketPolicy(existing.physicalId, undefined));
  },
};

async function put(scope: ResourceScope, bucket: string, properties: Properties): Promise<void> {
  const document = JSON.stringify(objectIn(properties, 'PolicyDocument'));
  await calling(SERVICE, scope.newId, () => scope.cloud.s3.setBucketPolicy(bucket, document));
}

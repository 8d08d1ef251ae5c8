import { alreadyExists, calling, HandlerError } from './handler-error.ts';
import type { PhysicalResource, ResourceScope, ResourceType } from './resource-type.ts';
import { boolean, inPlace, integer, list, notEmulated, object, replacing, tagList, text } from './schema.ts';
import { objectIn, type Properties, stringIn } from './value.ts';

const TYPE = 'AWS::S3::Bucket';
const SERVICE = 'S3';
const MAX_NAME_LENGTH = 63;

const LIFECYCLE_RULE = object({
  Id: { schema: text({ maxLength: 255 }) },
  Status: { schema: text({ enum: ['Enabled', 'Disabled'] }), required: true },
  Prefix: { schema: text() },
  ExpirationInDays: { schema: integer({ min: 1 }) },
  ExpiredObjectDeleteMarker: { schema: boolean },
  AbortIncompleteMultipartUpload: {
    schema: object({ DaysAfterInitiation: { schema: integer({ min: 0 }), required: true } }),
  },
  NoncurrentVersionExpiration: {
    schema: object({
      NoncurrentDays: { schema: integer({ min: 1 }), required: true },
      NewerNoncurrentVersions: { schema: integer({ min: 1 }) },
    }),
  },
});

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html */
export const BUCKET: ResourceType = {
  type: TYPE,
  properties: {
    BucketName: replacing(text({ pattern: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/ })),
    VersioningConfiguration: inPlace(
      object({ Status: { schema: text({ enum: ['Enabled', 'Suspended'] }), required: true } }),
    ),
    PublicAccessBlockConfiguration: inPlace(
      object({
        BlockPublicAcls: { schema: boolean },
        BlockPublicPolicy: { schema: boolean },
        IgnorePublicAcls: { schema: boolean },
        RestrictPublicBuckets: { schema: boolean },
      }),
    ),
    OwnershipControls: inPlace(
      object({
        Rules: {
          schema: list(
            object({
              ObjectOwnership: {
                schema: text({ enum: ['ObjectWriter', 'BucketOwnerPreferred', 'BucketOwnerEnforced'] }),
              },
            }),
            { minItems: 1, maxItems: 1 },
          ),
          required: true,
        },
      }),
    ),
    BucketEncryption: inPlace(
      object({
        ServerSideEncryptionConfiguration: {
          schema: list(
            object({
              BucketKeyEnabled: { schema: boolean },
              ServerSideEncryptionByDefault: {
                schema: object({
                  SSEAlgorithm: {
                    schema: text({ enum: ['AES256', 'aws:kms', 'aws:kms:dsse'], emulated: ['AES256'] }),
                    required: true,
                  },
                  KMSMasterKeyID: { schema: { kind: 'not-emulated' } },
                }),
              },
              BlockedEncryptionTypes: { schema: { kind: 'not-emulated' } },
            }),
            { minItems: 1, maxItems: 1 },
          ),
          required: true,
        },
      }),
    ),
    LifecycleConfiguration: inPlace(
      object({ Rules: { schema: list(LIFECYCLE_RULE, { minItems: 1, maxItems: 1000 }), required: true } }),
    ),
    Tags: inPlace(tagList()),
    ...notEmulated([
      'AbacStatus',
      'AccelerateConfiguration',
      'AccessControl',
      'AnalyticsConfigurations',
      'BucketNamePrefix',
      'BucketNamespace',
      'CorsConfiguration',
      'IntelligentTieringConfigurations',
      'InventoryConfigurations',
      'LoggingConfiguration',
      'MetadataConfiguration',
      'MetadataTableConfiguration',
      'MetricsConfigurations',
      'NotificationConfiguration',
      'ObjectLockConfiguration',
      'ObjectLockEnabled',
      'ReplicationConfiguration',
      'WebsiteConfiguration',
    ]),
  },
  attributes: ['Arn', 'DomainName', 'DualStackDomainName', 'RegionalDomainName', 'WebsiteURL'],
  taggable: true,
  systemTags: true,
  check: (properties) =>
    /\.\.|-\.|\.-|^\d+\.\d+\.\d+\.\d+$/.test(nameIn(properties) ?? '')
      ? [
          {
            kind: 'invalid',
            path: ['BucketName'],
            message: 'Bucket name must not be an IP address or have adjacent periods',
          },
        ]
      : [],
  fixedName: nameIn,
  exists: (cloud, name) => cloud.s3.bucketExists(name),
  holdsData: (cloud, name) => cloud.s3.bucketExists(name) && !cloud.s3.isBucketEmpty(name),
  create: async (scope, properties) => {
    const name = nameIn(properties) ?? scope.generateName({ maxLength: MAX_NAME_LENGTH, lowerCase: true });
    if (scope.cloud.s3.bucketExists(name)) throw alreadyExists(TYPE, name);
    await calling(SERVICE, scope.newId, () => scope.cloud.s3.createBucket(name));
    scope.initiated(name);
    await configure(scope, name, properties, undefined);
    return bucket(scope, name);
  },
  update: async (scope, properties, before) => {
    await configure(scope, before.physicalId, properties, before.properties);
    return bucket(scope, before.physicalId);
  },
  delete: async (scope, existing) => {
    const { s3 } = scope.cloud;
    if (!s3.bucketExists(existing.physicalId)) return;
    await calling(SERVICE, scope.newId, () => s3.deleteBucket(existing.physicalId));
  },
};

function nameIn(properties: Properties): string | undefined {
  return typeof properties.BucketName === 'string' ? properties.BucketName : undefined;
}

/**
 * Applies versioning and tags to the local S3. The other properties concern access by others and ageing, which do not
 * exist here.
 */
async function configure(
  scope: ResourceScope,
  name: string,
  properties: Properties,
  before: Properties | undefined,
): Promise<void> {
  await calling(SERVICE, scope.newId, () => {
    const wanted = versioning(properties);
    const had = before === undefined ? undefined : versioning(before);
    if (wanted !== undefined) scope.cloud.s3.setVersioning(name, wanted);
    // S3 can't remove versioning. Without the property it is suspended.
    else if (had !== undefined) scope.cloud.s3.setVersioning(name, 'Suspended');
    scope.cloud.s3.setBucketTags(name, scope.tags);
  });
}

function versioning(properties: Properties): 'Enabled' | 'Suspended' | undefined {
  const status = stringIn(objectIn(properties, 'VersioningConfiguration') ?? {}, 'Status');
  if (status === undefined || status === 'Enabled' || status === 'Suspended') return status;
  throw new HandlerError('InvalidRequest', `Invalid versioning status ${status}`);
}

function bucket(scope: ResourceScope, name: string): PhysicalResource {
  const { region } = scope.cloud;
  return {
    physicalId: name,
    attributes: {
      Arn: `arn:aws:s3:::${name}`,
      DomainName: `${name}.s3.amazonaws.com`,
      DualStackDomainName: `${name}.s3.dualstack.${region}.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
      WebsiteURL: `http://${name}.s3-website-${region}.amazonaws.com`,
    },
  };
}

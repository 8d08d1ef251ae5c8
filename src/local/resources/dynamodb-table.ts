import { ServiceError } from '../seams.ts';
import { alreadyExists, calling, HandlerError } from './handler-error.ts';
import type { ExistingResource, PhysicalResource, ResourceScope, ResourceType } from './resource-type.ts';
import {
  boolean,
  inPlace,
  integer,
  list,
  notEmulated,
  object,
  type PropertyProblem,
  type PropertySpec,
  replacing,
  required,
  tagList,
  text,
} from './schema.ts';
import { booleanIn, isValueObject, type Properties, sameValue, stringIn, type Value } from './value.ts';

const TYPE = 'AWS::DynamoDB::Table';
const SERVICE = 'DynamoDb';
const MAX_NAME_LENGTH = 255;
/** How often the status of a table is polled while it is created or deleted. Both take well under a second. */
const POLL_MS = 20;
const MAX_WAIT_MS = 60_000;

const KEY_SCHEMA = list(
  object({
    AttributeName: { schema: text({ minLength: 1, maxLength: 255 }), required: true },
    KeyType: { schema: text({ enum: ['HASH', 'RANGE'] }), required: true },
  }),
  { minItems: 1, maxItems: 2 },
);
const THROUGHPUT = object({
  ReadCapacityUnits: { schema: integer({ min: 1 }), required: true },
  WriteCapacityUnits: { schema: integer({ min: 1 }), required: true },
});

/** An edited attribute definition replaces the table; an added or removed one does not. */
const ATTRIBUTE_DEFINITIONS: PropertySpec = {
  schema: list(
    object({
      AttributeName: { schema: text({ minLength: 1, maxLength: 255 }), required: true },
      AttributeType: { schema: text({ enum: ['B', 'N', 'S'] }), required: true },
    }),
  ),
  update: {
    replaces: (before, after) => {
      const types = new Map(definitions(after));
      return definitions(before).some(([name, type]) => types.has(name) && types.get(name) !== type);
    },
  },
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html */
export const TABLE: ResourceType = {
  type: TYPE,
  properties: {
    TableName: replacing(text({ pattern: /^[a-zA-Z0-9_.-]{3,255}$/ })),
    KeySchema: required(replacing(KEY_SCHEMA)),
    AttributeDefinitions: ATTRIBUTE_DEFINITIONS,
    BillingMode: inPlace(text({ enum: ['PAY_PER_REQUEST', 'PROVISIONED'] })),
    ProvisionedThroughput: inPlace(THROUGHPUT),
    DeletionProtectionEnabled: inPlace(boolean),
    Tags: inPlace(tagList()),
    ...notEmulated([
      'ContributorInsightsSpecification',
      'GlobalSecondaryIndexes',
      'ImportSourceSpecification',
      'KinesisStreamSpecification',
      'LocalSecondaryIndexes',
      'OnDemandThroughput',
      'PointInTimeRecoverySpecification',
      'ResourcePolicy',
      'SSESpecification',
      'StreamSpecification',
      'TableClass',
      'TimeToLiveSpecification',
      'WarmThroughput',
    ]),
  },
  attributes: ['Arn', 'StreamArn'],
  taggable: true,
  check: checkKeys,
  fixedName: (properties) => (typeof properties.TableName === 'string' ? properties.TableName : undefined),
  exists: async (cloud, name) => (await describe(cloud, name)) !== undefined,
  create: async (scope, properties) => {
    const name = stringIn(properties, 'TableName') ?? scope.generateName({ maxLength: MAX_NAME_LENGTH });
    if ((await describe(scope.cloud, name)) !== undefined) throw alreadyExists(TYPE, name);
    await calling(SERVICE, scope.newId, () =>
      scope.cloud.dynamodb.call('CreateTable', {
        TableName: name,
        ...pick(properties, ['AttributeDefinitions', 'KeySchema', 'ProvisionedThroughput']),
        BillingMode: stringIn(properties, 'BillingMode') ?? 'PROVISIONED',
      }),
    );
    scope.initiated(name);
    await untilStatus(scope, name, 'ACTIVE');
    await setTags(scope, arnOf(scope, name), {}, scope.tags);
    return table(scope, name);
  },
  update: async (scope, properties, before) => {
    const name = before.physicalId;
    const changed = ['BillingMode', 'ProvisionedThroughput'].some(
      (member) => !sameValue(before.properties[member], properties[member]),
    );
    if (changed) {
      await calling(SERVICE, scope.newId, () =>
        scope.cloud.dynamodb.call('UpdateTable', {
          TableName: name,
          ...pick(properties, ['ProvisionedThroughput']),
          BillingMode: stringIn(properties, 'BillingMode') ?? 'PROVISIONED',
        }),
      );
      await untilStatus(scope, name, 'ACTIVE');
    }
    await setTags(scope, arnOf(scope, name), before.tags, scope.tags);
    return table(scope, name);
  },
  delete: async (scope, existing) => {
    refuseProtected(existing);
    if ((await describe(scope.cloud, existing.physicalId)) === undefined) return;
    await calling(SERVICE, scope.newId, () =>
      scope.cloud.dynamodb.call('DeleteTable', { TableName: existing.physicalId }),
    );
    await untilStatus(scope, existing.physicalId, undefined);
  },
};

function refuseProtected(existing: ExistingResource): void {
  if (booleanIn(existing.properties, 'DeletionProtectionEnabled') !== true) return;
  throw new HandlerError(
    'InvalidRequest',
    `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.`,
  );
}

/** Checks DynamoDB's own rules for keys before anything is created. */
function checkKeys(properties: Properties): readonly PropertyProblem[] {
  const problems: PropertyProblem[] = [];
  const keys = definitionObjects(properties.KeySchema).map((key) => String(key.AttributeName));
  const defined = definitions(properties.AttributeDefinitions).map(([name]) => name);
  const unused = defined.filter((name) => !keys.includes(name));
  const missing = keys.filter((name) => !defined.includes(name));
  if (unused.length > 0 || missing.length > 0) {
    problems.push({
      kind: 'invalid',
      path: ['AttributeDefinitions'],
      message:
        'Property AttributeDefinitions is inconsistent with the KeySchema of the table and the secondary indexes',
    });
  }
  const provisioned = (stringIn(properties, 'BillingMode') ?? 'PROVISIONED') === 'PROVISIONED';
  if (provisioned !== (properties.ProvisionedThroughput !== undefined)) {
    problems.push({
      kind: 'invalid',
      path: ['ProvisionedThroughput'],
      message: provisioned
        ? 'One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED'
        : 'One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
    });
  }
  return problems;
}

function definitions(value: Value | undefined): readonly (readonly [string, string])[] {
  return definitionObjects(value).map(
    (item) => [String(item.AttributeName), String(item.AttributeType)] as const,
  );
}

function definitionObjects(value: Value | undefined): readonly Properties[] {
  return Array.isArray(value) ? value.filter(isValueObject) : [];
}

function pick(properties: Properties, names: readonly string[]): Record<string, Value> {
  const picked: Record<string, Value> = {};
  for (const name of names) {
    const value = properties[name];
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

/** Returns the table's status, or undefined if there is no such table. */
async function describe(cloud: ResourceScope['cloud'], name: string): Promise<string | undefined> {
  try {
    const { Table } = await cloud.dynamodb.call('DescribeTable', { TableName: name });
    const status = isRecord(Table) ? Table.TableStatus : undefined;
    return typeof status === 'string' ? status : 'UNKNOWN';
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

async function untilStatus(scope: ResourceScope, name: string, wanted: string | undefined): Promise<void> {
  for (let waitedMs = 0; waitedMs < MAX_WAIT_MS; waitedMs += POLL_MS) {
    if ((await describe(scope.cloud, name)) === wanted) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new HandlerError(
    'GeneralServiceException',
    `Table ${name} did not become ${wanted ?? 'deleted'} in time`,
  );
}

async function setTags(
  scope: ResourceScope,
  arn: string,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): Promise<void> {
  const removed = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  const set = Object.entries(after).filter(([key, value]) => before[key] !== value);
  await calling(SERVICE, scope.newId, async () => {
    if (removed.length > 0) {
      await scope.cloud.dynamodb.call('UntagResource', { ResourceArn: arn, TagKeys: removed });
    }
    if (set.length > 0) {
      await scope.cloud.dynamodb.call('TagResource', {
        ResourceArn: arn,
        Tags: set.map(([Key, Value]) => ({ Key, Value })),
      });
    }
  });
}

function arnOf(scope: ResourceScope, name: string): string {
  return `arn:aws:dynamodb:${scope.cloud.region}:${scope.cloud.accountId}:table/${name}`;
}

function table(scope: ResourceScope, name: string): PhysicalResource {
  return { physicalId: name, attributes: { Arn: arnOf(scope, name) } };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

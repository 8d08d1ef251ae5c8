import { readFileSync } from 'node:fs';
import {
  CloudFormationClient,
  CreateChangeSetCommand,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeEventsCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  GetTemplateSummaryCommand,
  ListStackResourcesCommand,
  type Parameter,
  type Stack,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTableCommand, DynamoDBClient, ListTagsOfResourceCommand } from '@aws-sdk/client-dynamodb';
import { GetFunctionCommand, GetPolicyCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCloud, type LocalCloud } from '../../../src/local/cloud.ts';
import { zipOf } from './support/zip.ts';

const API = readFileSync('templates/api.yaml', 'utf8');
const ASSETS = readFileSync('templates/assets.yaml', 'utf8');
const HANDLER = `exports.handler = async (event) => ({
  statusCode: 200,
  headers: { 'Content-Type': 'application/json', 'Access-Control-Allow-Origin': process.env.ALLOW_ORIGIN },
  body: JSON.stringify({ route: event.resource, table: process.env.BACKEND_TABLE_NAME ?? null }),
});`;
/** A stack takes about half a second, and each look costs some milliseconds of CPU. */
const POLL_MS = 100;
const LIMIT_MS = 30_000;

/** The templates over the wire, by AWS's own clients, against the whole local cloud. */
describe('the templates on the local cloud', () => {
  let local: LocalCloud;
  let cloudformation: CloudFormationClient;
  let logs: CloudWatchLogsClient;
  let lambda: LambdaClient;
  let dynamodb: DynamoDBClient;
  let s3: S3Client;
  let bucket = '';
  const cloudLog: string[] = [];

  beforeAll(async () => {
    local = await createCloud({ log: (line) => cloudLog.push(line) });
    const config = { endpoint: local.endpoint, region: local.region, credentials: local.credentials };
    cloudformation = new CloudFormationClient(config);
    logs = new CloudWatchLogsClient(config);
    lambda = new LambdaClient(config);
    dynamodb = new DynamoDBClient(config);
    s3 = new S3Client({ ...config, forcePathStyle: true });
  });
  afterAll(async () => {
    for (const client of [cloudformation, logs, lambda, dynamodb, s3]) client.destroy();
    await local.close();
  });

  const stack = async (nameOrId: string): Promise<Stack> => {
    const { Stacks } = await cloudformation.send(new DescribeStacksCommand({ StackName: nameOrId }));
    const [found] = Stacks ?? [];
    if (found === undefined) throw new Error(`no stack ${nameOrId}`);
    return found;
  };

  const until = async (nameOrId: string, ...statuses: string[]): Promise<Stack> => {
    const from = Date.now();
    for (;;) {
      const now = await stack(nameOrId);
      if (statuses.includes(now.StackStatus ?? '')) return now;
      if (!/_IN_PROGRESS$/.test(now.StackStatus ?? '') || Date.now() - from > LIMIT_MS) {
        throw new Error(`${nameOrId} is ${now.StackStatus}: ${(await reasons(nameOrId)).join('; ')}`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  };

  const reasons = async (nameOrId: string): Promise<string[]> => {
    const { StackEvents } = await cloudformation.send(
      new DescribeStackEventsCommand({ StackName: nameOrId }),
    );
    return (StackEvents ?? [])
      .filter((event) => event.ResourceStatus?.endsWith('_FAILED') === true)
      .map((event) => `${event.LogicalResourceId}: ${event.ResourceStatusReason}`);
  };

  const outputs = (of: Stack): Record<string, string> =>
    Object.fromEntries(
      (of.Outputs ?? []).map((output) => [output.OutputKey ?? '', output.OutputValue ?? '']),
    );

  const parameters = (values: Readonly<Record<string, string>>): Parameter[] =>
    Object.entries(values).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }));

  const apiParameters = (more: Readonly<Record<string, string>> = {}): Parameter[] =>
    parameters({
      ProjectName: 'flock',
      RuntimeLabel: 'node',
      LambdaRuntime: 'nodejs24.x',
      Architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
      CodeBucket: bucket,
      ToolVersion: '0.1.0',
      ...Object.fromEntries(
        ['Cat', 'Sheep', 'Dog', 'Wolf'].flatMap((route) => [
          [`${route}CodeKey`, 'code.zip'],
          [`${route}Handler`, 'index.handler'],
        ]),
      ),
      ...more,
    });

  test('the templates on the local cloud makes the assets stack, with its tags and its policy', async () => {
    await cloudformation.send(
      new CreateStackCommand({
        StackName: 'flock-assets',
        TemplateBody: ASSETS,
        Parameters: parameters({ ProjectName: 'flock', ToolVersion: '0.1.0' }),
      }),
    );
    bucket = outputs(await until('flock-assets', 'CREATE_COMPLETE')).BucketName ?? '';
    expect(bucket).toMatch(/^flock-assets-assetsbucket-[0-9a-z]{12}$/);
    await s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: 'code.zip', Body: await zipOf({ 'index.js': HANDLER }) }),
    );
  });

  test('the templates on the local cloud reads a template from a bucket of its own', async () => {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'templates/api.yaml', Body: API }));
    const TemplateURL = `${local.endpoint}/${bucket}/templates/api.yaml`;
    const { ResourceTypes } = await cloudformation.send(new GetTemplateSummaryCommand({ TemplateURL }));
    expect(ResourceTypes).toContain('AWS::Lambda::Function');
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'templates/api.yaml' }));
    await expect(cloudformation.send(new GetTemplateSummaryCommand({ TemplateURL }))).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'S3 error: The specified key does not exist.',
    });
    await expect(
      cloudformation.send(new GetTemplateSummaryCommand({ TemplateURL: 'https://example.org/api.yaml' })),
    ).rejects.toMatchObject({ message: 'TemplateURL must be a supported URL.' });
  });

  test('the templates on the local cloud makes the API stack by a change set that lists what it will make', async () => {
    const { Id } = await cloudformation.send(
      new CreateChangeSetCommand({
        StackName: 'flock-node-api',
        ChangeSetName: 'create',
        ChangeSetType: 'CREATE',
        TemplateBody: API,
        Capabilities: ['CAPABILITY_IAM'],
        Parameters: apiParameters(),
        Tags: [{ Key: 'team', Value: 'shepherds' }],
      }),
    );
    const set = await changeSet(Id ?? '');
    expect(set.Status).toBe('CREATE_COMPLETE');
    expect(set.Changes?.length).toBe(41);
    expect(set.Changes?.every((change) => change.ResourceChange?.Action === 'Add')).toBe(true);
    await cloudformation.send(new ExecuteChangeSetCommand({ ChangeSetName: Id }));
    const made = await until('flock-node-api', 'CREATE_COMPLETE');
    const { StackResourceSummaries } = await cloudformation.send(
      new ListStackResourcesCommand({ StackName: 'flock-node-api' }),
    );
    expect(StackResourceSummaries?.length).toBe(41);
    expect(outputs(made)).toMatchObject({
      StageName: 'v1',
      CatFunctionName: 'flock-node-get-cat-ackermann',
      WolfFunctionArn: `arn:aws:lambda:${local.region}:${local.accountId}:function:flock-node-delete-wolf-ocd`,
      SheepLogGroupName: '/aws/lambda/flock-node-post-sheep-random',
      LambdaRuntime: 'nodejs24.x',
      MemorySize: '128',
      TemplateVersion: '1',
    });
    expect(outputs(made).ApiUrl).toBe(
      `https://${outputs(made).RestApiId}.execute-api.${local.region}.amazonaws.com/v1`,
    );
  });

  test('the templates on the local cloud gives every service what the template says', async () => {
    const out = outputs(await stack('flock-node-api'));
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: out.TableName }));
    expect(Table).toMatchObject({
      KeySchema: [{ AttributeName: 'tattoo', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'tattoo', AttributeType: 'N' }],
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    });
    const { Tags } = await dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn: Table?.TableArn }));
    expect(Tags).toEqual(
      expect.arrayContaining([
        { Key: 'shedbench:project', Value: 'flock' },
        { Key: 'team', Value: 'shepherds' },
      ]),
    );
    const { Configuration, Tags: functionTags } = await lambda.send(
      new GetFunctionCommand({ FunctionName: out.DogFunctionName }),
    );
    expect(Configuration).toMatchObject({
      Timeout: 30,
      MemorySize: 128,
      Environment: { Variables: { BACKEND_TABLE_NAME: out.TableName, ALLOW_ORIGIN: '*' } },
      LoggingConfig: { LogFormat: 'Text', LogGroup: out.DogLogGroupName },
    });
    expect(functionTags).toMatchObject({
      'shedbench:runtime': 'node',
      'aws:cloudformation:logical-id': 'DogFunction',
    });
    const { Policy } = await lambda.send(new GetPolicyCommand({ FunctionName: out.SheepFunctionName }));
    const { Statement } = JSON.parse(Policy ?? '{}') as {
      Statement: { Principal: object; Condition: { ArnLike: Record<string, string> } }[];
    };
    expect(Statement.map(({ Principal }) => Principal)).toEqual([
      { Service: 'apigateway.amazonaws.com' },
      { Service: 'apigateway.amazonaws.com' },
    ]);
    expect(Statement.map(({ Condition }) => Condition.ArnLike['AWS:SourceArn']).sort()).toEqual(
      ['sheep', 'sheeps'].map(
        (path) => `arn:aws:execute-api:${local.region}:${local.accountId}:${out.RestApiId}/v1/POST/${path}/*`,
      ),
    );
    const { logGroups } = await logs.send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/lambda/flock-node-' }),
    );
    expect(logGroups?.map((group) => [group.logGroupName, group.retentionInDays])).toEqual([
      ['/aws/lambda/flock-node-delete-wolf-ocd', 7],
      ['/aws/lambda/flock-node-get-cat-ackermann', 7],
      ['/aws/lambda/flock-node-get-dog-count', 7],
      ['/aws/lambda/flock-node-post-sheep-random', 7],
    ]);
  });

  test('the templates on the local cloud answers at every route, and by API Gateway itself in the form of the handlers', async () => {
    const { RestApiId, TableName } = outputs(await stack('flock-node-api'));
    const base = `${local.endpoint}/_aws/execute-api/${RestApiId}/v1`;
    const sheep = await fetch(`${base}/sheeps/7`, { method: 'POST' });
    expect([sheep.status, await sheep.json()]).toEqual([
      200,
      { route: '/sheeps/{tattoo}', table: TableName },
    ]);
    const cat = await fetch(`${base}/cat?m=1&n=2`);
    expect([cat.status, await cat.json()]).toEqual([200, { route: '/cat', table: null }]);
    const incomplete = await fetch(`${base}/cat?m=1`);
    expect(incomplete.status).toBe(400);
    expect(incomplete.headers.get('access-control-allow-origin')).toBe('*');
    expect(await incomplete.json()).toEqual({ message: 'Missing required request parameters: [n]' });
  });

  test('the templates on the local cloud has no updates to perform for the same template and parameters', async () => {
    await expect(
      cloudformation.send(
        new UpdateStackCommand({
          StackName: 'flock-node-api',
          TemplateBody: API,
          Capabilities: ['CAPABILITY_IAM'],
          Parameters: apiParameters(),
        }),
      ),
    ).rejects.toMatchObject({ name: 'ValidationError', message: 'No updates are to be performed.' });
  });

  test('the templates on the local cloud updates memory, retention and origin in place and keeps the table', async () => {
    const before = outputs(await stack('flock-node-api'));
    const { Id } = await cloudformation.send(
      new CreateChangeSetCommand({
        StackName: 'flock-node-api',
        ChangeSetName: 'grow',
        TemplateBody: API,
        Capabilities: ['CAPABILITY_IAM'],
        Parameters: apiParameters({
          MemorySize: '256',
          LogRetentionDays: '14',
          AllowOrigin: 'https://example.org',
          ToolVersion: '0.2.0',
        }),
      }),
    );
    const set = await changeSet(Id ?? '');
    expect(set.Changes?.filter((change) => change.ResourceChange?.Action !== 'Modify')).toEqual([]);
    expect(set.Changes?.filter((change) => change.ResourceChange?.Replacement === 'True')).toEqual([]);
    await cloudformation.send(new ExecuteChangeSetCommand({ ChangeSetName: Id }));
    const after = outputs(await until('flock-node-api', 'UPDATE_COMPLETE'));
    expect(after).toEqual({
      ...before,
      MemorySize: '256',
      AllowOrigin: 'https://example.org',
      ToolVersion: '0.2.0',
    });
    const { logGroups } = await logs.send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/lambda/flock-node-' }),
    );
    expect(logGroups?.map((group) => group.retentionInDays)).toEqual([14, 14, 14, 14]);
    const { tags } = await logs.send(
      new ListTagsForResourceCommand({ resourceArn: logGroups?.[0]?.arn?.replace(/:\*$/, '') }),
    );
    expect(tags).toMatchObject({ 'shedbench:version': '0.2.0' });
    const { Configuration } = await lambda.send(
      new GetFunctionCommand({ FunctionName: after.CatFunctionName }),
    );
    expect(Configuration).toMatchObject({ MemorySize: 256 });
  });

  test('the templates on the local cloud makes a new snapshot of the API where its resources change, and moves the stage to it', async () => {
    const changed = API.replace(/Deployment([0-9a-f]{12})/g, 'Deploymentffffffffffff').replace(
      'PathPart: dog',
      'PathPart: hound',
    );
    await cloudformation.send(
      new UpdateStackCommand({
        StackName: 'flock-node-api',
        TemplateBody: changed,
        Capabilities: ['CAPABILITY_IAM'],
        Parameters: apiParameters(),
      }),
    );
    const { RestApiId } = outputs(await until('flock-node-api', 'UPDATE_COMPLETE'));
    const base = `${local.endpoint}/_aws/execute-api/${RestApiId}/v1`;
    // The permission still names /dog: reached, and refused.
    expect((await fetch(`${base}/hound`)).status).toBe(500);
    // The old path is in the snapshot too: an update deletes what it replaced only after the new Deployment, as on AWS.
    expect((await fetch(`${base}/dog`)).status).toBe(200);
    await cloudformation.send(
      new UpdateStackCommand({
        StackName: 'flock-node-api',
        TemplateBody: API,
        Capabilities: ['CAPABILITY_IAM'],
        Parameters: apiParameters(),
      }),
    );
    await until('flock-node-api', 'UPDATE_COMPLETE');
    expect((await fetch(`${base}/dog`)).status).toBe(200);
    expect((await fetch(`${base}/hound`)).status).toBe(500);
  });

  test('the templates on the local cloud refuses an orphaned log group early in a change set, and as CREATE_FAILED without one', async () => {
    const name = '/aws/lambda/orphan-node-get-dog-count';
    await logs.send(new CreateLogGroupCommand({ logGroupName: name }));
    const request = {
      StackName: 'orphan-node-api',
      TemplateBody: API,
      Capabilities: ['CAPABILITY_IAM' as const],
      Parameters: apiParameters({ ProjectName: 'orphan' }),
    };
    const { Id, StackId } = await cloudformation.send(
      new CreateChangeSetCommand({ ...request, ChangeSetName: 'create', ChangeSetType: 'CREATE' }),
    );
    expect((await changeSet(Id ?? '')).StatusReason).toContain(
      '[AWS::EarlyValidation::ResourceExistenceCheck]',
    );
    const { OperationEvents } = await cloudformation.send(
      new DescribeEventsCommand({ ChangeSetName: Id, Filters: { FailedEvents: true } }),
    );
    expect(OperationEvents?.map((event) => [event.LogicalResourceId, event.ValidationStatusReason])).toEqual([
      ['DogLogGroup', `Resource of type 'AWS::Logs::LogGroup' with identifier '${name}' already exists.`],
    ]);
    await cloudformation.send(new DeleteStackCommand({ StackName: 'orphan-node-api' }));
    await until(StackId ?? '', 'DELETE_COMPLETE');

    const created = await cloudformation.send(new CreateStackCommand(request));
    await until(created.StackId ?? '', 'ROLLBACK_COMPLETE');
    expect((await reasons(created.StackId ?? '')).filter((reason) => !reason.endsWith('cancelled'))).toEqual([
      expect.stringMatching(
        /^DogLogGroup: Resource handler returned message: "Resource of type 'AWS::Logs::LogGroup' with identifier '\/aws\/lambda\/orphan-node-get-dog-count' already exists\." \(RequestToken: .*, HandlerErrorCode: AlreadyExists\)$/,
      ),
    ]);
    // The group is not the stack's: the rollback leaves it.
    const { logGroups } = await logs.send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/lambda/orphan-' }),
    );
    expect(logGroups?.map((group) => group.logGroupName)).toEqual([name]);
    await logs.send(new DeleteLogGroupCommand({ logGroupName: name }));
    await cloudformation.send(new DeleteStackCommand({ StackName: 'orphan-node-api' }));
    await until(created.StackId ?? '', 'DELETE_COMPLETE');
  });

  test('the templates on the local cloud names the object that a function’s code lacks', async () => {
    const { StackId } = await cloudformation.send(
      new CreateStackCommand({
        StackName: 'empty-node-api',
        TemplateBody: API,
        Capabilities: ['CAPABILITY_IAM'],
        Parameters: apiParameters({ ProjectName: 'empty', WolfCodeKey: 'gone.zip' }),
      }),
    );
    await until(StackId ?? '', 'ROLLBACK_COMPLETE');
    expect((await reasons(StackId ?? '')).filter((reason) => !reason.endsWith('cancelled'))).toEqual([
      expect.stringContaining(
        'WolfFunction: Resource handler returned message: "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.',
      ),
    ]);
    const { logGroups } = await logs.send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/lambda/empty-' }),
    );
    expect(logGroups).toEqual([]);
    await cloudformation.send(new DeleteStackCommand({ StackName: 'empty-node-api' }));
    await until(StackId ?? '', 'DELETE_COMPLETE');
  });

  test('the templates on the local cloud deletes the API stack and leaves nothing of it', async () => {
    const { StackId, ...rest } = await stack('flock-node-api');
    const out = outputs({ ...rest, StackId });
    await cloudformation.send(new DeleteStackCommand({ StackName: 'flock-node-api' }));
    await until(StackId ?? '', 'DELETE_COMPLETE');
    await expect(dynamodb.send(new DescribeTableCommand({ TableName: out.TableName }))).rejects.toMatchObject(
      {
        name: 'ResourceNotFoundException',
      },
    );
    await expect(
      lambda.send(new GetFunctionCommand({ FunctionName: out.CatFunctionName })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const { logGroups } = await logs.send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/lambda/' }),
    );
    expect(logGroups).toEqual([]);
    expect(local.cloud.apigateway.restApiExists(out.RestApiId ?? '')).toBe(false);
    const { StackResourceSummaries } = await cloudformation.send(
      new ListStackResourcesCommand({ StackName: StackId }),
    );
    const statuses = new Set(StackResourceSummaries?.map((summary) => summary.ResourceStatus));
    expect([...statuses]).toEqual(['DELETE_COMPLETE']);
  });

  test('the templates on the local cloud keeps a bucket that is not empty in DELETE_FAILED, until it is', async () => {
    const { StackId } = await stack('flock-assets');
    await cloudformation.send(new DeleteStackCommand({ StackName: 'flock-assets' }));
    const failed = await until('flock-assets', 'DELETE_FAILED');
    expect(failed.StackStatusReason).toBe('The following resource(s) failed to delete: [AssetsBucket]. ');
    expect(await reasons('flock-assets')).toContainEqual(
      expect.stringMatching(
        /^AssetsBucket: Resource handler returned message: "The bucket you tried to delete is not empty \(Service: S3, Status Code: 409, Request ID: .*\)" \(RequestToken: .*, HandlerErrorCode: GeneralServiceException\)$/,
      ),
    );
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'code.zip' }));
    await cloudformation.send(new DeleteStackCommand({ StackName: 'flock-assets' }));
    await until(StackId ?? '', 'DELETE_COMPLETE');
    expect(local.cloud.s3.bucketExists(bucket)).toBe(false);
  });

  test('the local cloud logged no bug of its own', () => {
    expect(cloudLog.filter((line) => /bug|InternalFailure| failed, request/.test(line))).toEqual([]);
  });

  async function changeSet(id: string) {
    const from = Date.now();
    for (;;) {
      const set = await cloudformation.send(new DescribeChangeSetCommand({ ChangeSetName: id }));
      if (set.Status === 'CREATE_COMPLETE' || set.Status === 'FAILED') return set;
      if (Date.now() - from > LIMIT_MS) throw new Error(`change set ${id} stays ${set.Status}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
});

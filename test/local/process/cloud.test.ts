import { existsSync, readFileSync } from 'node:fs';
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
} from '@aws-sdk/client-cloudformation';
import {
  CloudWatchLogsClient,
  GetQueryResultsCommand,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCloud, type LocalCloud } from '../../../src/local/cloud.ts';
import { lives } from '../../targets/living.ts';
import { zip } from '../zip.ts';

const TEMPLATE = readFileSync(new URL('../../../templates/api.yaml', import.meta.url), 'utf8');
const ROUTES = {
  Cat: 'get-cat-ackermann',
  Sheep: 'post-sheep-random',
  Dog: 'get-dog-count',
  Wolf: 'delete-wolf-ocd',
};
const log: string[] = [];
let cloud: LocalCloud;
let cloudFormation: CloudFormationClient;
let logs: CloudWatchLogsClient;
let dynamodb: DynamoDBClient;
let s3: S3Client;

beforeAll(async () => {
  cloud = await createCloud({ log: (line) => log.push(line) });
  const config = {
    endpoint: cloud.endpoint,
    region: cloud.region,
    credentials: cloud.credentials,
    maxAttempts: 1,
  };
  cloudFormation = new CloudFormationClient(config);
  logs = new CloudWatchLogsClient(config);
  dynamodb = new DynamoDBClient(config);
  s3 = new S3Client({ ...config, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'assets' }));
  for (const name of Object.values(ROUTES)) {
    const code = `exports.handler = async (event) => ({
      statusCode: 200,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: '${name}', path: event.path, table: process.env.BACKEND_TABLE_NAME ?? null }),
    });`;
    await s3.send(
      new PutObjectCommand({ Bucket: 'assets', Key: `${name}.zip`, Body: await zip({ 'index.js': code }) }),
    );
  }
});
afterAll(async () => {
  for (const client of [cloudFormation, logs, dynamodb, s3]) client.destroy();
  await cloud.close();
});

describe('the whole local cloud, in one process', () => {
  let apiUrl = '';
  let tableName = '';

  test('the local cloud in one process creates the API stack of the templates', async () => {
    const values: Record<string, string> = {
      ProjectName: 'shed',
      RuntimeLabel: 'node',
      LambdaRuntime: 'nodejs24.x',
      Architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
      CodeBucket: 'assets',
      ToolVersion: '0.0.0',
    };
    for (const [route, name] of Object.entries(ROUTES)) {
      values[`${route}CodeKey`] = `${name}.zip`;
      values[`${route}Handler`] = 'index.handler';
    }
    await cloudFormation.send(
      new CreateStackCommand({
        StackName: 'shed-node-api',
        TemplateBody: TEMPLATE,
        Parameters: Object.entries(values).map(([ParameterKey, ParameterValue]) => ({
          ParameterKey,
          ParameterValue,
        })),
        Capabilities: ['CAPABILITY_IAM'],
      }),
    );
    await waitUntilStackCreateComplete(
      { client: cloudFormation, maxWaitTime: 20, minDelay: 0.1, maxDelay: 0.5 },
      { StackName: 'shed-node-api' },
    );
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: 'shed-node-api' }));
    const outputs = Object.fromEntries(
      (Stacks?.[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue ?? '']),
    );
    tableName = outputs.TableName ?? '';
    apiUrl = `${cloud.endpoint}/_aws/execute-api/${outputs.RestApiId}/${outputs.StageName}`;
  });

  test('the local cloud in one process answers on its four routes, unsigned', async () => {
    const answers = await Promise.all(
      (
        [
          ['GET', '/cat?m=1&n=1'],
          ['POST', '/sheeps/1'],
          ['GET', '/dog'],
          ['DELETE', '/wolf'],
        ] as const
      ).map(async ([method, path]) => {
        const answer = await request(apiUrl + path, { method });
        return { status: answer.statusCode, body: await answer.body.json() };
      }),
    );
    expect(answers).toEqual([
      { status: 200, body: { name: 'get-cat-ackermann', path: '/cat', table: null } },
      { status: 200, body: { name: 'post-sheep-random', path: '/sheeps/1', table: tableName } },
      { status: 200, body: { name: 'get-dog-count', path: '/dog', table: tableName } },
      { status: 200, body: { name: 'delete-wolf-ocd', path: '/wolf', table: tableName } },
    ]);
  });

  test('the local cloud in one process has its table and its REPORT lines', async () => {
    expect((await dynamodb.send(new ListTablesCommand({}))).TableNames).toEqual([tableName]);
    const { queryId } = await logs.send(
      new StartQueryCommand({
        logGroupNames: Object.values(ROUTES).map((name) => `/aws/lambda/shed-node-${name}`),
        startTime: Math.floor(Date.now() / 1000) - 60,
        endTime: Math.floor(Date.now() / 1000) + 1,
        queryString: 'filter @type = "REPORT" | stats count(*) as calls, count(@initDuration) as cold',
      }),
    );
    await expect
      .poll(async () => (await logs.send(new GetQueryResultsCommand({ queryId }))).results)
      .toEqual([
        [
          { field: 'calls', value: '4' },
          { field: 'cold', value: '4' },
        ],
      ]);
  });

  test('the local cloud in one process deletes the stack, and the API with it', async () => {
    await cloudFormation.send(new DeleteStackCommand({ StackName: 'shed-node-api' }));
    await waitUntilStackDeleteComplete(
      { client: cloudFormation, maxWaitTime: 20, minDelay: 0.1, maxDelay: 0.5 },
      { StackName: 'shed-node-api' },
    );
    expect((await dynamodb.send(new ListTablesCommand({}))).TableNames).toEqual([]);
    const answer = await request(`${apiUrl}/dog`);
    expect(answer.statusCode).toBe(403);
    await answer.body.dump();
  });

  test('the whole local cloud wrote nothing to its log', () => {
    expect(log).toEqual([]);
  });
});

describe('the end of a cloud', () => {
  test('the end of a cloud leaves no process, no file and no port, however often it is called', async () => {
    const other = await createCloud({ region: 'eu-west-3' });
    expect(other.cloud.endpoint).toBe(other.endpoint);
    expect(other.region).toBe('eu-west-3');
    expect(other.credentials).not.toEqual(cloud.credentials);
    await Promise.all([other.close(), other.close()]);
    for (const pid of other.helperPids) expect(lives(pid)).toBe(false);
    expect(existsSync(other.dataDir)).toBe(false);
    await expect(request(other.endpoint)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('the end of a cloud comes at once when its port is taken', async () => {
    await expect(createCloud({ port: cloud.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

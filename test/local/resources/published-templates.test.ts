import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  UpdateStackCommand,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
  waitUntilStackUpdateComplete,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCloud, type LocalCloud } from '../../../src/local/cloud.ts';
import { zip } from '../sandboxes/harness.ts';

/** Templates as people publish them: code inline, managed policies, layers, and no log group. */
let local: LocalCloud;
let cloudformation: CloudFormationClient;
let lambda: LambdaClient;
let logs: CloudWatchLogsClient;
let s3: S3Client;
const WAIT = { maxWaitTime: 30, minDelay: 0.1, maxDelay: 0.5 };

beforeAll(async () => {
  local = await createCloud();
  const config = { endpoint: local.endpoint, region: local.region, credentials: local.credentials };
  cloudformation = new CloudFormationClient(config);
  lambda = new LambdaClient(config);
  logs = new CloudWatchLogsClient(config);
  s3 = new S3Client({ ...config, forcePathStyle: true });
});
afterAll(async () => {
  for (const client of [cloudformation, lambda, logs, s3]) client.destroy();
  await local.close();
});

async function create(StackName: string, TemplateBody: string): Promise<void> {
  await cloudformation.send(
    new CreateStackCommand({ StackName, TemplateBody, Capabilities: ['CAPABILITY_NAMED_IAM'] }),
  );
  const client = cloudformation;
  await waitUntilStackCreateComplete({ client, ...WAIT }, { StackName });
}

async function invoke(FunctionName: string): Promise<unknown> {
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName }));
  return JSON.parse(Payload?.transformToString() ?? '');
}

async function groups(logGroupNamePrefix: string): Promise<readonly (string | undefined)[]> {
  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix }));
  return (logGroups ?? []).map((group) => group.logGroupName);
}

const TRUST = `{ Version: '2012-10-17', Statement: [{ Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: 'sts:AssumeRole' }] }`;
const LOGS = `{ Version: '2012-10-17', Statement: [{ Effect: Allow, Action: 'logs:*', Resource: '*' }] }`;

function inline(role: string, code: string, more = '', runtime = 'nodejs24.x'): string {
  return `
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties: { AssumeRolePolicyDocument: ${TRUST}${role} }
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: !Ref AWS::StackName
      Runtime: ${runtime}
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Code:
        ZipFile: |
          ${code}
${more}`;
}

describe('a published template', () => {
  test('a published template with inline code and a managed policy answers, and its log group is created at the first call', async () => {
    const policy =
      ", ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole']";
    const body = inline(policy, 'exports.handler = () => ({ statusCode: 200 });');
    await create('inline', body);
    expect(await groups('/aws/lambda/inline')).toEqual([]);
    expect(await invoke('inline')).toEqual({ statusCode: 200 });
    await expect.poll(() => groups('/aws/lambda/inline')).toEqual(['/aws/lambda/inline']);
    await cloudformation.send(
      new UpdateStackCommand({
        StackName: 'inline',
        TemplateBody: body.replace('200', '201'),
        Capabilities: ['CAPABILITY_IAM'],
      }),
    );
    await waitUntilStackUpdateComplete({ client: cloudformation, ...WAIT }, { StackName: 'inline' });
    expect(await invoke('inline')).toEqual({ statusCode: 201 });
    await cloudformation.send(new DeleteStackCommand({ StackName: 'inline' }));
    await waitUntilStackDeleteComplete({ client: cloudformation, ...WAIT }, { StackName: 'inline' });
    // As on AWS, a group that the stack did not make stays.
    expect(await groups('/aws/lambda/inline')).toEqual(['/aws/lambda/inline']);
  });

  test('a published template with inline Python answers', async () => {
    await create('inline-python', inline('', 'def handler(event, context): return 7', '', 'python3.13'));
    expect(await invoke('inline-python')).toBe(7);
    expect(await groups('/aws/lambda/inline-python')).toEqual([]);
  });

  test.each([
    [
      'AWS::IAM::Policy',
      `Policy: { Type: AWS::IAM::Policy, Properties: { PolicyName: p, PolicyDocument: ${LOGS}, Roles: [!Ref Role] } }`,
    ],
    [
      'AWS::IAM::ManagedPolicy',
      `Policy: { Type: AWS::IAM::ManagedPolicy, Properties: { PolicyDocument: ${LOGS}, Roles: [!Ref Role] } }`,
    ],
  ])('a published template with an %s lets the function create its log group', async (type, policy) => {
    const name = type.split(':').at(-1)?.toLowerCase() ?? '';
    await create(name, inline('', 'exports.handler = () => 1;', `  ${policy}`));
    await invoke(name);
    await expect.poll(() => groups(`/aws/lambda/${name}`)).toEqual([`/aws/lambda/${name}`]);
  });

  test('a published template with a layer and more of /tmp has both', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'layers' }));
    const Body = await zip({ 'nodejs/node_modules/sheep/index.js': 'module.exports = 42;' });
    await s3.send(new PutObjectCommand({ Bucket: 'layers', Key: 'sheep.zip', Body }));
    await create(
      'layered',
      inline(
        '',
        "exports.handler = () => require('sheep');",
        `      Layers: [!Ref Sheep]
      EphemeralStorage: { Size: 1024 }
  Sheep:
    Type: AWS::Lambda::LayerVersion
    Properties: { LayerName: sheep, Content: { S3Bucket: layers, S3Key: sheep.zip }, CompatibleRuntimes: [nodejs24.x] }`,
      ),
    );
    expect(await invoke('layered')).toBe(42);
    expect(await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'layered' }))).toMatchObject(
      {
        EphemeralStorage: { Size: 1024 },
        Layers: [{ Arn: `arn:aws:lambda:us-east-1:${local.accountId}:layer:sheep:1` }],
      },
    );
  });

  test.each([
    [
      'provided.al2023',
      inline('', 'x', '', 'provided.al2023'),
      'ZipFile can only be used when Runtime is set to any of nodejs*, python*, not provided.al2023',
    ],
    [
      'an unknown layer',
      inline(
        '',
        'exports.handler = () => 1;',
        "      Layers: ['arn:aws:lambda:us-east-1:017000801446:layer:AWSLambdaPowertools:1']",
      ),
      'AWSLambdaPowertools:1 does not exist',
    ],
  ])('a published template with inline code for %s is refused by name', async (title, body, reason) => {
    const StackName = `refused-${title.replace(/\W/g, '-')}`;
    const refusal = await create(StackName, body).then(() => 'created', String);
    if (refusal.includes(reason)) return;
    const { StackEvents } = await cloudformation.send(new DescribeStackEventsCommand({ StackName }));
    expect(StackEvents?.map((event) => event.ResourceStatusReason ?? '').join('\n')).toContain(reason);
  });
});

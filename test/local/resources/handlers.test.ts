// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are Fn::Sub's.
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, ListTagsForResourceCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTableCommand, DynamoDBClient, ListTagsOfResourceCommand } from '@aws-sdk/client-dynamodb';
import { GetBucketTaggingCommand, GetBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCloud, type LocalCloud } from '../../../src/local/cloud.ts';

/** Each look costs some milliseconds of CPU. */
const POLL_MS = 50;
const LIMIT_MS = 30_000;

/** Small stacks of single types: what each makes, changes and refuses, seen through the services themselves. */
describe('resource handlers on the local cloud', () => {
  let local: LocalCloud;
  let cloudformation: CloudFormationClient;
  let s3: S3Client;
  let logs: CloudWatchLogsClient;
  let dynamodb: DynamoDBClient;
  let stacks = 0;

  beforeAll(async () => {
    local = await createCloud();
    const config = { endpoint: local.endpoint, region: local.region, credentials: local.credentials };
    cloudformation = new CloudFormationClient(config);
    s3 = new S3Client({ ...config, forcePathStyle: true });
    logs = new CloudWatchLogsClient(config);
    dynamodb = new DynamoDBClient(config);
  });
  afterAll(async () => {
    for (const client of [cloudformation, s3, logs, dynamodb]) client.destroy();
    await local.close();
  });

  const settle = async (id: string): Promise<{ status: string; outputs: Record<string, string> }> => {
    const from = Date.now();
    for (;;) {
      const { Stacks } = await cloudformation.send(new DescribeStacksCommand({ StackName: id }));
      const status = Stacks?.[0]?.StackStatus ?? '';
      if (!status.endsWith('_IN_PROGRESS')) {
        const outputs = Object.fromEntries(
          (Stacks?.[0]?.Outputs ?? []).map((output) => [output.OutputKey ?? '', output.OutputValue ?? '']),
        );
        return { status, outputs };
      }
      if (Date.now() - from > LIMIT_MS) throw new Error(`${id} stays ${status}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  };

  const create = async (body: string): Promise<{ id: string; outputs: Record<string, string> }> => {
    stacks += 1;
    const { StackId } = await cloudformation.send(
      new CreateStackCommand({
        StackName: `small-${stacks}`,
        TemplateBody: body,
        Capabilities: ['CAPABILITY_NAMED_IAM'],
        Tags: [{ Key: 'stack', Value: 'tag' }],
      }),
    );
    const id = StackId ?? '';
    const { status, outputs } = await settle(id);
    if (status !== 'CREATE_COMPLETE') throw new Error(`${status}: ${(await failures(id)).join('; ')}`);
    return { id, outputs };
  };

  const update = async (id: string, body: string): Promise<Record<string, string>> => {
    await cloudformation.send(
      new UpdateStackCommand({ StackName: id, TemplateBody: body, Capabilities: ['CAPABILITY_NAMED_IAM'] }),
    );
    const { status, outputs } = await settle(id);
    expect([status, await failures(id)]).toEqual(['UPDATE_COMPLETE', []]);
    return outputs;
  };

  const remove = async (id: string): Promise<void> => {
    await cloudformation.send(new DeleteStackCommand({ StackName: id }));
    expect((await settle(id)).status).toBe('DELETE_COMPLETE');
  };

  const failures = async (id: string): Promise<string[]> => {
    const { StackEvents } = await cloudformation.send(new DescribeStackEventsCommand({ StackName: id }));
    return (StackEvents ?? [])
      .filter((event) => event.ResourceStatus?.endsWith('_FAILED') === true)
      .map((event) => (event.ResourceStatusReason ?? '').replace(/[0-9a-f]{8}-[-0-9a-f]{27}/g, '…'));
  };

  test('the name, versioning and tags of a bucket reach S3, and a removed versioning suspends it', async () => {
    const body = (versioning: string): string => `
Resources:
  B: { Type: AWS::S3::Bucket, Properties: { BucketName: a.fine-name, Tags: [{ Key: own, Value: 1 }] ${versioning} } }
Outputs:
  Name: { Value: !Ref B }
  Arn: { Value: !GetAtt B.Arn }
  Domain: { Value: !GetAtt B.RegionalDomainName }
`;
    const { id, outputs } = await create(body(', VersioningConfiguration: { Status: Enabled }'));
    expect(outputs).toEqual({
      Name: 'a.fine-name',
      Arn: 'arn:aws:s3:::a.fine-name',
      Domain: 'a.fine-name.s3.us-east-1.amazonaws.com',
    });
    const versioning = async (): Promise<string | undefined> =>
      (await s3.send(new GetBucketVersioningCommand({ Bucket: 'a.fine-name' }))).Status;
    expect(await versioning()).toBe('Enabled');
    const { TagSet } = await s3.send(new GetBucketTaggingCommand({ Bucket: 'a.fine-name' }));
    expect(TagSet).toEqual(
      expect.arrayContaining([
        { Key: 'own', Value: '1' },
        { Key: 'stack', Value: 'tag' },
        { Key: 'aws:cloudformation:logical-id', Value: 'B' },
      ]),
    );
    await update(id, body(''));
    expect(await versioning()).toBe('Suspended');
    await expect(create(body(''))).rejects.toThrow(
      "Resource of type 'AWS::S3::Bucket' with identifier 'a.fine-name' already exists.",
    );
    await remove(id);
  });

  test('a bucket policy is put, replaced in place, and deleted with its stack', async () => {
    const body = (action: string): string => `
Resources:
  B: { Type: AWS::S3::Bucket, DeletionPolicy: Retain }
  P:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref B
      PolicyDocument:
        Version: '2012-10-17'
        Statement: { Effect: Deny, Principal: '*', Action: '${action}', Resource: !Sub '\${B.Arn}/*' }
Outputs: { Policy: { Value: !Ref P }, Bucket: { Value: !Ref B } }
`;
    const { id, outputs } = await create(body('s3:GetObject'));
    expect(outputs.Policy).toBe(outputs.Bucket);
    await update(id, body('s3:PutObject'));
    await remove(id);
    expect(local.cloud.s3.bucketExists(outputs.Bucket ?? '')).toBe(true);
    local.cloud.s3.deleteBucket(outputs.Bucket ?? '');
  });

  test('the retention and tags of a log group change in place, and another name makes another group', async () => {
    const body = (properties: string): string =>
      `Resources: {G: {Type: AWS::Logs::LogGroup, Properties: {${properties}}}}\nOutputs: {Name: {Value: !Ref G}, Arn: {Value: !GetAtt G.Arn}}`;
    const { id, outputs } = await create(body(''));
    expect(outputs.Name).toMatch(/^small-\d+-G-[0-9a-z]{12}$/);
    expect(outputs.Arn).toBe(`arn:aws:logs:us-east-1:000000000000:log-group:${outputs.Name}:*`);
    await update(id, body('RetentionInDays: 3, Tags: [{Key: k, Value: v}]'));
    const { tags } = await logs.send(
      new ListTagsForResourceCommand({ resourceArn: outputs.Arn?.replace(/:\*$/, '') }),
    );
    expect(tags).toMatchObject({ k: 'v', stack: 'tag' });
    expect((await update(id, body('LogGroupName: /shed/other'))).Name).toBe('/shed/other');
    expect(local.cloud.logs.logGroupExists(outputs.Name ?? '')).toBe(false);
    await remove(id);
    expect(local.cloud.logs.logGroupExists('/shed/other')).toBe(false);
  });

  test('a table gets a generated name, and its billing mode and tags change in place', async () => {
    const body = (billing: string, tag: string): string => `
Resources:
  T:
    Type: AWS::DynamoDB::Table
    Properties:
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]
      Tags: [{ Key: ${tag}, Value: x }]
      ${billing}
Outputs: { Name: { Value: !Ref T }, Arn: { Value: !GetAtt T.Arn } }
`;
    const { id, outputs } = await create(
      body('ProvisionedThroughput: { ReadCapacityUnits: 2, WriteCapacityUnits: 3 }', 'old'),
    );
    expect(outputs.Arn).toBe(`arn:aws:dynamodb:us-east-1:000000000000:table/${outputs.Name}`);
    const table = async () =>
      (await dynamodb.send(new DescribeTableCommand({ TableName: outputs.Name }))).Table;
    expect((await table())?.ProvisionedThroughput).toMatchObject({
      ReadCapacityUnits: 2,
      WriteCapacityUnits: 3,
    });
    await update(id, body('BillingMode: PAY_PER_REQUEST', 'new'));
    expect((await table())?.BillingModeSummary?.BillingMode).toBe('PAY_PER_REQUEST');
    const { Tags } = await dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn: outputs.Arn }));
    expect(Tags?.map((tag) => tag.Key).sort()).toEqual(['new', 'stack']);
    await remove(id);
    await expect(table()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('a protected table prevents the deletion of its stack, which is then deleted without it', async () => {
    const body = (flag: boolean): string => `
Resources:
  T:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]
      DeletionProtectionEnabled: ${flag}
`;
    const { id } = await create(body(true));
    await cloudformation.send(new DeleteStackCommand({ StackName: id }));
    expect((await settle(id)).status).toBe('DELETE_FAILED');
    expect((await failures(id)).join()).toContain('currently protected against deletion');
    await cloudformation.send(new DeleteStackCommand({ StackName: id, RetainResources: ['T'] }));
    expect((await settle(id)).status).toBe('DELETE_COMPLETE');
  });

  test('a role may have a name or not, its policies change in place, and IAM checks their grammar', async () => {
    const body = (actions: string, name = ''): string => `
Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      ${name}
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: [{ Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: sts:AssumeRole }]
      Policies:
        - PolicyName: p
          PolicyDocument:
            Version: '2012-10-17'
            Statement: [{ Effect: Allow, Action: ${actions}, Resource: '*' }]
Outputs: { Name: { Value: !Ref R }, Arn: { Value: !GetAtt R.Arn }, Id: { Value: !GetAtt R.RoleId } }
`;
    const { id, outputs } = await create(body('logs:PutLogEvents'));
    expect(outputs.Arn).toBe(`arn:aws:iam::000000000000:role/${outputs.Name}`);
    expect(outputs.Id).toMatch(/^AROA[A-Z2-7]{17}$/);
    await update(id, body('[logs:PutLogEvents, logs:CreateLogStream]'));
    await remove(id);
    expect(local.cloud.iam.roleExists(outputs.Name ?? '')).toBe(false);
    await expect(create(body('PutLogEvents'))).rejects.toThrow(
      'Resource handler returned message: "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc. (Service: Iam, Status Code: 400, Request ID: …)" (RequestToken: …, HandlerErrorCode: InvalidRequest)',
    );
  });

  test('a function without its role, and a permission without its function, are refused in the words of Lambda', async () => {
    await expect(
      create(`
Resources:
  F:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs24.x
      Handler: index.handler
      Role: arn:aws:iam::000000000000:role/nobody
      Code: { S3Bucket: nowhere, S3Key: code.zip }
`),
    ).rejects.toThrow('The role defined for the function cannot be assumed by Lambda.');
    await expect(
      create(`
Resources:
  P:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: ghost
      Action: lambda:InvokeFunction
      Principal: apigateway.amazonaws.com
`),
    ).rejects.toThrow(
      /Function not found: .*ghost \(Service: Lambda, Status Code: 404, Request ID: …\)" \(RequestToken: …, HandlerErrorCode: NotFound\)/,
    );
  });

  test('an API has parts, its validator changes in place, and an empty API cannot be deployed', async () => {
    const body = (name: string, validates: boolean): string => `
Resources:
  Api: { Type: AWS::ApiGateway::RestApi, Properties: { Name: ${name} } }
  V:
    Type: AWS::ApiGateway::RequestValidator
    Properties: { RestApiId: !Ref Api, Name: v, ValidateRequestParameters: ${validates} }
  R: { Type: AWS::ApiGateway::Resource, Properties: { RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: x } }
Outputs: { Api: { Value: !Ref Api }, V: { Value: !Ref V }, R: { Value: !Ref R } }
`;
    const { id, outputs } = await create(body('one', true));
    expect(outputs.Api).toMatch(/^[0-9a-z]{10}$/);
    expect(await update(id, body('two', false))).toEqual(outputs);
    await remove(id);
    await expect(
      create(`
Resources:
  Api: { Type: AWS::ApiGateway::RestApi, Properties: { Name: empty } }
  D: { Type: AWS::ApiGateway::Deployment, Properties: { RestApiId: !Ref Api } }
`),
    ).rejects.toThrow("The REST API doesn't contain any methods");
  });

  test.each([
    [
      'Resources: {B: {Type: AWS::S3::Bucket, Properties: {BucketName: Upper_Case}}}',
      '#/BucketName: failed validation constraint for keyword [pattern]',
    ],
    [
      'Resources: {B: {Type: AWS::S3::Bucket, Properties: {BucketName: 192.168.0.1}}}',
      'Bucket name must not be an IP address or have adjacent periods',
    ],
    [
      'Resources: {G: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: a b}}}',
      '#/LogGroupName: failed validation constraint for keyword [pattern]',
    ],
    [
      'Resources: {G: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 2}}}',
      '#/RetentionInDays: 2 is not a valid enum value',
    ],
    [
      'Resources: {G: {Type: AWS::Logs::LogGroup, Properties: {KmsKeyId: arn}}}',
      '#/KmsKeyId: this property of AWS::Logs::LogGroup is not emulated by the local cloud',
    ],
    [
      'Resources: {F: {Type: AWS::Lambda::Function, Properties: {Role: !Sub "arn:aws:iam::${AWS::AccountId}:role/r", Code: {S3Bucket: bbb, S3Key: k}}}}',
      'Runtime and Handler are mandatory parameters for functions created with deployment packages',
    ],
    [
      'Resources: {F: {Type: AWS::Lambda::Function, Properties: {Role: r, Runtime: nodejs24.x, Handler: h, Code: {ZipFile: x}, MemorySize: 64, VpcConfig: {SubnetIds: [s]}}}}',
      '#/VpcConfig: this property of AWS::Lambda::Function is not emulated by the local cloud',
    ],
    [
      'Resources: {T: {Type: AWS::DynamoDB::Table, Properties: {KeySchema: [{AttributeName: a, KeyType: HASH}], AttributeDefinitions: [{AttributeName: b, AttributeType: S}], BillingMode: PAY_PER_REQUEST}}}',
      'Property AttributeDefinitions is inconsistent with the KeySchema of the table and the secondary indexes',
    ],
    [
      'Resources: {T: {Type: AWS::DynamoDB::Table, Properties: {KeySchema: [{AttributeName: a, KeyType: HASH}], AttributeDefinitions: [{AttributeName: a, AttributeType: S}]}}}',
      'ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED',
    ],
    [
      'Resources: {A: {Type: AWS::ApiGateway::RestApi, Properties: {Name: a, EndpointConfiguration: {Types: [PRIVATE]}}}}',
      '#/EndpointConfiguration/Types/0: the value PRIVATE of AWS::ApiGateway::RestApi is not emulated by the local cloud',
    ],
    [
      'Resources: {M: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: a, ResourceId: b, HttpMethod: GET, Integration: {Type: AWS_PROXY, IntegrationHttpMethod: GET, Uri: x}}}}',
      'an AWS_PROXY integration invokes Lambda by POST',
    ],
    [
      'Resources: {S: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: a, StageName: v1, DeploymentId: d, MethodSettings: [{ResourcePath: /x, HttpMethod: GET}]}}}',
      'the local cloud emulates MethodSettings only for the whole stage',
    ],
  ])('a resource handler refuses %j before anything is made', async (body, message) => {
    await expect(create(body)).rejects.toMatchObject({
      name: 'ValidationError',
      message: expect.stringContaining(message),
    });
  });
});

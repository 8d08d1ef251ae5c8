import {
  GetAccountSettingsCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  InvokeCommand,
  type LambdaClient,
  ListTagsCommand,
  paginateListFunctions,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { arnLike } from '../../../src/local/services/lambda/resource-policy.ts';
import { ACCOUNT, REGION, startLambda, type TestLambda } from './harness.ts';
import { type LambdaDoor, openLambda } from './lambda-door.ts';

/** Lambda's API as the AWS SDK speaks it; the door's part is done by a few lines here. */
let t: TestLambda;
let door: LambdaDoor;
let client: LambdaClient;

beforeAll(async () => {
  t = await startLambda();
  door = await openLambda(t);
  ({ client } = door);
  await t.create(
    'echo',
    {
      'index.mjs':
        'export const handler = async (event) => { if (event.fail) throw new TypeError(event.fail); return event; };',
    },
    {
      environment: { A: '1' },
      tags: { 'shedbench:project': 'sheepshed' },
      description: 'says it back',
      reservedConcurrency: 5,
    },
  );
  await t.create('other', { 'index.mjs': 'export const handler = async () => null;' });
  await t.create(
    'off',
    { 'index.mjs': 'export const handler = async () => null;' },
    { reservedConcurrency: 0 },
  );
});
afterAll(async () => {
  await door.close();
  await t.close();
});

const ECHO = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:echo`;

describe('Invoke', () => {
  test.each(['echo', ECHO, `${ACCOUNT}:function:echo`, 'echo:$LATEST'])(
    'Invoke finds the function by %s',
    async (name) => {
      const answer = await client.send(new InvokeCommand({ FunctionName: name, Payload: '{"a":1}' }));
      expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
      expect(answer.FunctionError).toBeUndefined();
      expect(answer.Payload?.transformToString()).toBe('{"a":1}');
    },
  );

  test('Invoke gives an empty event where none is sent', async () => {
    const answer = await client.send(new InvokeCommand({ FunctionName: 'echo' }));
    expect(answer.Payload?.transformToString()).toBe('{}');
  });

  test('Invoke tells a failed function by a header, with its error as payload', async () => {
    const answer = await client.send(new InvokeCommand({ FunctionName: 'echo', Payload: '{"fail":"no"}' }));
    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(JSON.parse(answer.Payload?.transformToString() ?? '')).toMatchObject({
      errorType: 'TypeError',
      errorMessage: 'no',
    });
  });

  test('Invoke as an event is taken and run afterwards', async () => {
    const before = t.reports().length;
    const answer = await client.send(
      new InvokeCommand({ FunctionName: 'echo', InvocationType: 'Event', Payload: '{}' }),
    );
    expect(answer.StatusCode).toBe(202);
    await expect.poll(() => t.reports().length).toBe(before + 1);
  });

  test('Invoke as a dry run runs nothing', async () => {
    const before = t.reports().length;
    const answer = await client.send(new InvokeCommand({ FunctionName: 'echo', InvocationType: 'DryRun' }));
    expect(answer.StatusCode).toBe(204);
    expect(t.reports()).toHaveLength(before);
  });

  test.each([
    [{ FunctionName: 'nobody' }, 'ResourceNotFoundException', 'Function not found: nobody'],
    [{ FunctionName: 'echo', Qualifier: '7' }, 'ResourceNotFoundException', `Function not found: ${ECHO}:7`],
    [
      { FunctionName: 'echo', Payload: '{' },
      'InvalidRequestContentException',
      /^Could not parse request body into json: /,
    ],
    [{ FunctionName: 'off' }, 'TooManyRequestsException', 'Rate Exceeded.'],
    [
      { FunctionName: 'echo', ClientContext: 'no JSON' },
      'InvalidRequestContentException',
      'Client context must be a valid Base64-encoded JSON object.',
    ],
    [
      { FunctionName: 'echo', Payload: `"${'x'.repeat(6_291_456)}"` },
      'RequestTooLargeException',
      'Request must be smaller than 6291456 bytes for the InvokeFunction operation',
    ],
  ])('Invoke refuses a bad call (%#)', async (input, name, message) => {
    await expect(client.send(new InvokeCommand(input))).rejects.toMatchObject({
      name,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
  });
});

describe('what the functions are', () => {
  test('GetFunction tells configuration, tags and concurrency', async () => {
    const answer = await client.send(new GetFunctionCommand({ FunctionName: 'echo' }));
    expect(answer.Configuration).toMatchObject({
      FunctionName: 'echo',
      FunctionArn: ECHO,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: `arn:aws:iam::${ACCOUNT}:role/echo`,
      MemorySize: 256,
      Timeout: 10,
      Description: 'says it back',
      Version: '$LATEST',
      State: 'Active',
      LastUpdateStatus: 'Successful',
      PackageType: 'Zip',
      Architectures: [process.arch === 'arm64' ? 'arm64' : 'x86_64'],
      Environment: { Variables: { A: '1' } },
      LoggingConfig: { LogFormat: 'Text', LogGroup: '/aws/lambda/echo' },
      CodeSha256: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
      LastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/),
    });
    expect(answer.Tags).toEqual({ 'shedbench:project': 'sheepshed' });
    expect(answer.Concurrency).toEqual({ ReservedConcurrentExecutions: 5 });
  });

  test('GetFunctionConfiguration, ListTags and GetFunctionConcurrency tell their parts', async () => {
    const configuration = await client.send(new GetFunctionConfigurationCommand({ FunctionName: 'other' }));
    expect(configuration).toMatchObject({ FunctionName: 'other', Description: '' });
    expect(configuration.Environment).toBeUndefined();
    expect((await client.send(new ListTagsCommand({ Resource: ECHO }))).Tags).toEqual({
      'shedbench:project': 'sheepshed',
    });
    expect(
      (await client.send(new GetFunctionConcurrencyCommand({ FunctionName: 'other' })))
        .ReservedConcurrentExecutions,
    ).toBeUndefined();
  });

  test('ListFunctions pages through all, by name', async () => {
    const pages: string[][] = [];
    for await (const page of paginateListFunctions({ client, pageSize: 2 }, {})) {
      pages.push((page.Functions ?? []).map((lambda) => lambda.FunctionName ?? ''));
    }
    expect(pages).toEqual([['echo', 'off'], ['other']]);
  });

  test('GetAccountSettings tells limits and use', async () => {
    const { AccountLimit, AccountUsage } = await client.send(new GetAccountSettingsCommand({}));
    expect(AccountLimit).toEqual({
      TotalCodeSize: 80_530_636_800,
      CodeSizeUnzipped: 262_144_000,
      CodeSizeZipped: 52_428_800,
      ConcurrentExecutions: 1000,
      UnreservedConcurrentExecutions: 995,
    });
    expect(AccountUsage?.FunctionCount).toBe(3);
    expect(AccountUsage?.TotalCodeSize).toBeGreaterThan(300);
  });

  test('a function that is not there is not found', async () => {
    await expect(client.send(new GetFunctionCommand({ FunctionName: 'nobody' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      $metadata: { httpStatusCode: 404 },
    });
  });
});

describe('the resource policy', () => {
  test('the resource policy tells its statements, and lets only whom it names invoke', async () => {
    const { control } = t.lambda;
    await expect(client.send(new GetPolicyCommand({ FunctionName: 'echo' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    const source = `arn:aws:execute-api:${REGION}:${ACCOUNT}:abcdefghij/v1/POST/sheeps/*`;
    control.addPermission('echo', {
      statementId: 's1',
      action: 'lambda:InvokeFunction',
      principal: 'apigateway.amazonaws.com',
      sourceArn: source,
    });
    const { Policy } = await client.send(new GetPolicyCommand({ FunctionName: 'echo' }));
    expect(JSON.parse(Policy ?? '')).toEqual({
      Version: '2012-10-17',
      Id: 'default',
      Statement: [
        {
          Sid: 's1',
          Effect: 'Allow',
          Principal: { Service: 'apigateway.amazonaws.com' },
          Action: 'lambda:InvokeFunction',
          Resource: ECHO,
          Condition: { ArnLike: { 'AWS:SourceArn': source } },
        },
      ],
    });
    const allowed = (principal: string, path: string): boolean =>
      control.isInvokeAllowed(
        'echo',
        principal,
        `arn:aws:execute-api:${REGION}:${ACCOUNT}:abcdefghij/v1/${path}`,
      );
    expect(allowed('apigateway.amazonaws.com', 'POST/sheeps/{tattoo}')).toBe(true);
    expect(allowed('apigateway.amazonaws.com', 'GET/sheeps/{tattoo}')).toBe(false);
    expect(allowed('s3.amazonaws.com', 'POST/sheeps/{tattoo}')).toBe(false);
    expect(() =>
      control.addPermission('echo', { statementId: 's1', action: 'lambda:InvokeFunction', principal: '*' }),
    ).toThrow('The statement id (s1) provided already exists');
    control.removePermission('echo', 's1');
    expect(allowed('apigateway.amazonaws.com', 'POST/sheeps/{tattoo}')).toBe(false);
    expect(() => control.removePermission('echo', 's1')).toThrow('Statement s1 is not found');
  });

  test.each([
    ['arn:aws:execute-api:r:1:a/v1/GET/dog', 'arn:aws:execute-api:r:1:a/v1/GET/dog', true],
    ['arn:aws:execute-api:r:1:a/v1/GET/dog', 'arn:aws:execute-api:r:1:a/v1/GET/dogs', false],
    ['arn:aws:execute-api:r:1:a/*/*/dog', 'arn:aws:execute-api:r:1:a/v1/GET/dog', true],
    ['arn:aws:execute-api:*:1:a/*', 'arn:aws:execute-api:r:1:a/v1/GET/x/y', true],
    ['arn:aws:execute-api:r:1:a/v?/GET/dog', 'arn:aws:execute-api:r:1:a/v1/GET/dog', true],
    ['arn:aws:*', 'arn:aws:execute-api:r:1:a/v1/GET/dog', false],
    ['arn:aws:execute-api:r:1:a.v1/GET/dog', 'arn:aws:execute-api:r:1:a/v1/GET/dog', false],
  ])('the pattern %s of a resource policy fits %s: %s', (pattern, arn, expected) => {
    expect(arnLike(pattern, arn)).toBe(expected);
  });
});

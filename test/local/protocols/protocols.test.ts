import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterEach, describe, expect, test } from 'vitest';
import { awsJsonService } from '../../../src/local/protocols/aws-json.ts';
import { awsQueryService, parseQueryInput } from '../../../src/local/protocols/aws-query.ts';
import type { Operation, OperationInput } from '../../../src/local/protocols/operation.ts';
import { RestAnswer, restJsonService } from '../../../src/local/protocols/rest-json.ts';
import { type Service, ServiceError } from '../../../src/local/seams.ts';
import { type OpenDoor, openDoor } from '../open-door.ts';

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function doorOf(service: (log: (message: string) => void) => Service): Promise<OpenDoor> {
  const door = await openDoor({ services: (log) => [service(log)] });
  closing.push(() => door.close());
  return door;
}

/** Rejections of an SDK call as data. */
async function errorOf(call: Promise<unknown>): Promise<Record<string, unknown>> {
  const error = await call.then(
    () => {
      throw new Error('the call succeeded');
    },
    (reason: unknown) => reason,
  );
  const { name, message, $fault, $metadata } = error as {
    name: string;
    message: string;
    $fault: string;
    $metadata: { httpStatusCode: number };
  };
  return { ...(error as object), name, message, $fault, status: $metadata.httpStatusCode };
}

describe('awsQuery, as the CloudFormation client reads it', () => {
  const seen: OperationInput[] = [];
  async function cloudFormation(operations: Readonly<Record<string, Operation>>) {
    seen.length = 0;
    const door = await doorOf((log) =>
      awsQueryService({
        signingName: 'cloudformation',
        version: '2010-05-15',
        xmlns: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
        operations,
        lists: ['Tags', 'Capabilities'],
        log,
      }),
    );
    const client = new CloudFormationClient(door.clientConfig);
    closing.unshift(() => client.destroy());
    return { client, door };
  }

  test('input becomes nested objects and lists, text intact', async () => {
    const { client } = await cloudFormation({
      CreateStack: async (input) => {
        seen.push(input);
        return { StackId: 'arn:x' };
      },
    });
    const created = await client.send(
      new CreateStackCommand({
        StackName: 'näme & co',
        TemplateBody: 'a: "1"\nb: +é\u{1f411} %20\r\n',
        Parameters: Array.from({ length: 11 }, (_, i) => ({
          ParameterKey: `K${i}`,
          ParameterValue: i === 10 ? '' : `v${i}`,
        })),
        Capabilities: ['CAPABILITY_IAM'],
        Tags: [],
        DisableRollback: true,
      }),
    );
    expect(created.StackId).toBe('arn:x');
    expect(seen[0]).toEqual({
      StackName: 'näme & co',
      TemplateBody: 'a: "1"\nb: +é\u{1f411} %20\r\n',
      Parameters: Array.from({ length: 11 }, (_, i) => ({
        ParameterKey: `K${i}`,
        ParameterValue: i === 10 ? '' : `v${i}`,
      })),
      Capabilities: ['CAPABILITY_IAM'],
      Tags: [],
      DisableRollback: 'true',
    });
  });

  test('output keeps dates, numbers, lists and every character that XML can carry', async () => {
    const { client } = await cloudFormation({
      DescribeStacks: async () => ({
        Stacks: [
          {
            StackName: `<&>"'\r\n\tü\u{1f411}`,
            CreationTime: new Date(1_800_000_000_123),
            StackStatus: 'CREATE_COMPLETE',
            DisableRollback: false,
            TimeoutInMinutes: 5,
            Description: undefined,
            Outputs: [
              { OutputKey: 'a', OutputValue: 'bell \u0007' },
              { OutputKey: 'b', OutputValue: '' },
            ],
            Tags: [],
          },
        ],
      }),
    });
    const { Stacks } = await client.send(new DescribeStacksCommand({}));
    expect(Stacks).toEqual([
      {
        StackName: `<&>"'\r\n\tü\u{1f411}`,
        CreationTime: new Date(1_800_000_000_123),
        StackStatus: 'CREATE_COMPLETE',
        DisableRollback: false,
        TimeoutInMinutes: 5,
        Outputs: [
          { OutputKey: 'a', OutputValue: 'bell \ufffd' },
          { OutputKey: 'b', OutputValue: '' },
        ],
        Tags: [],
      },
    ]);
  });

  test('a ServiceError is that error, typed where the client knows it', async () => {
    const { client } = await cloudFormation({
      CreateStack: async () => {
        throw new ServiceError('AlreadyExistsException', 'Stack [a<b] already exists');
      },
      DescribeStacks: async () => {
        throw new ServiceError('ValidationError', 'Stack with id x does not exist');
      },
    });
    expect(await errorOf(client.send(new CreateStackCommand({ StackName: 'x' })))).toMatchObject({
      name: 'AlreadyExistsException',
      message: 'Stack [a<b] already exists',
      status: 400,
      $fault: 'client',
    });
    expect(await errorOf(client.send(new DescribeStacksCommand({})))).toMatchObject({
      name: 'ValidationError',
      message: 'Stack with id x does not exist',
      status: 400,
    });
  });

  test('anything else thrown is InternalFailure, 500, and its stack is in the log', async () => {
    const { client, door } = await cloudFormation({
      DescribeStacks: async () => {
        throw new TypeError('a bug');
      },
    });
    expect(await errorOf(client.send(new DescribeStacksCommand({})))).toMatchObject({
      name: 'InternalFailure',
      status: 500,
    });
    expect(door.log).toHaveLength(1);
    expect(door.log[0]).toMatch(
      /^cloudformation DescribeStacks failed, request [0-9a-f-]{36}: TypeError: a bug\n +at /,
    );
  });

  test('an unknown action is InvalidAction', async () => {
    const { client } = await cloudFormation({});
    expect(await errorOf(client.send(new DescribeStacksCommand({})))).toMatchObject({
      name: 'InvalidAction',
      message: 'Could not find operation DescribeStacks for version 2010-05-15',
      status: 400,
    });
  });

  test('names that an object inherits are not actions', async () => {
    const service = awsQueryService({
      signingName: 'x',
      version: '1',
      xmlns: 'urn:x',
      operations: {},
      log: () => undefined,
    });
    const answer = await service.handle({
      method: 'POST',
      path: '/',
      query: new URLSearchParams(),
      headers: {},
      body: Buffer.from('Action=constructor&Version=1'),
      requestId: 'r',
    });
    expect(answer.status).toBe(400);
    expect(answer.body).toBe(
      '<ErrorResponse xmlns="urn:x"><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>Could not find operation constructor for version 1</Message></Error><RequestId>r</RequestId></ErrorResponse>',
    );
  });
});

describe('parseQueryInput', () => {
  const parse = (text: string) => parseQueryInput(new URLSearchParams(text), new Set(['Tags']));

  test('parseQueryInput orders members by number and closes gaps', () => {
    expect(parse('A.member.10=c&A.member.2=b&A.member.1=a')).toEqual({ A: ['a', 'b', 'c'] });
  });

  test('parseQueryInput reads maps', () => {
    expect(parse('M.entry.1.key=k&M.entry.1.value=v&M.entry.2.key=l&M.entry.2.value.member.1=w')).toEqual({
      M: { k: 'v', l: ['w'] },
    });
  });

  test('parseQueryInput takes an empty value for an empty list only where a list is expected', () => {
    expect(parse('Tags=&Description=')).toEqual({ Tags: [], Description: '' });
  });

  test.each(['A=1&A.B=2', 'A.B=2&A=1', 'A=1&A=2', 'A.=1', 'A.member.x=1'])(
    'parseQueryInput refuses %s',
    (text) => {
      expect(() => parse(text)).toThrow(ServiceError);
    },
  );

  test('parseQueryInput sets no prototype', () => {
    const input = parse('__proto__.polluted=1&A.constructor=2');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.keys(input)).toEqual(['__proto__', 'A']);
  });
});

describe('awsJson, as the Logs client reads it', () => {
  async function logs(operations: Readonly<Record<string, Operation>>) {
    const door = await doorOf((log) =>
      awsJsonService({
        signingName: 'logs',
        targetPrefix: 'Logs_20140328',
        jsonVersion: '1.1',
        operations,
        log,
      }),
    );
    const client = new CloudWatchLogsClient(door.clientConfig);
    closing.unshift(() => client.destroy());
    return { client, door };
  }

  test('awsJson, as the Logs client reads it passes input and output as they are', async () => {
    let seen: unknown;
    const { client } = await logs({
      DescribeLogGroups: async (input) => {
        seen = input;
        return { logGroups: [{ logGroupName: '/a/é', creationTime: 1_800_000_000_123 }] };
      },
    });
    const { logGroups } = await client.send(
      new DescribeLogGroupsCommand({ limit: 3, logGroupNamePrefix: '/é' }),
    );
    expect(seen).toEqual({ limit: 3, logGroupNamePrefix: '/é' });
    expect(logGroups).toEqual([{ logGroupName: '/a/é', creationTime: 1_800_000_000_123 }]);
  });

  test('an error carries its further members', async () => {
    const queryCompileError = { location: { startCharOffset: 3, endCharOffset: 5 }, message: 'no' };
    const { client } = await logs({
      StartQuery: async () => {
        throw new ServiceError('MalformedQueryException', 'unexpected symbol', 400, { queryCompileError });
      },
    });
    const call = client.send(new StartQueryCommand({ startTime: 0, endTime: 1, queryString: 'x' }));
    expect(await errorOf(call)).toMatchObject({
      name: 'MalformedQueryException',
      message: 'unexpected symbol',
      queryCompileError,
      status: 400,
    });
  });

  test('a bug is InternalFailure and an unknown operation UnknownOperationException', async () => {
    const { client, door } = await logs({
      DescribeLogGroups: async () => {
        throw new Error('a bug');
      },
    });
    expect(await errorOf(client.send(new DescribeLogGroupsCommand({})))).toMatchObject({
      name: 'InternalFailure',
      status: 500,
    });
    expect(door.log[0]).toContain('Error: a bug\n');
    const call = client.send(new StartQueryCommand({ startTime: 0, endTime: 1, queryString: 'x' }));
    expect(await errorOf(call)).toMatchObject({ name: 'UnknownOperationException', status: 400 });
  });
});

describe('restJson1, as the Lambda client reads it', () => {
  const function_ = '/2015-03-31/functions/{FunctionName}';
  async function lambda(operation: Operation) {
    const door = await doorOf((log) =>
      restJsonService({
        signingName: 'lambda',
        routes: [
          { method: 'GET', path: function_, operation },
          { method: 'POST', path: `${function_}/invocations`, operation, rawBody: true },
        ],
        log,
      }),
    );
    const client = new LambdaClient(door.clientConfig);
    closing.unshift(() => client.destroy());
    return { client, door };
  }

  test('labels are decoded into the input', async () => {
    let seen: unknown;
    const { client } = await lambda(async (input) => {
      seen = input;
      return { Configuration: { FunctionName: 'f', MemorySize: 128 } };
    });
    const answer = await client.send(
      new GetFunctionCommand({ FunctionName: 'arn:aws:lambda:x:0:function:f' }),
    );
    expect(seen).toEqual({ FunctionName: 'arn:aws:lambda:x:0:function:f' });
    expect(answer.Configuration).toEqual({ FunctionName: 'f', MemorySize: 128 });
  });

  test('a RestAnswer has status, headers and bytes of its own', async () => {
    const { client } = await lambda(
      async (_input, { request }) =>
        new RestAnswer({
          status: 200,
          headers: { 'x-amz-function-error': 'Unhandled' },
          body: Buffer.concat([Buffer.from('got '), request.body]),
        }),
    );
    const answer = await client.send(
      new InvokeCommand({ FunctionName: 'f', Payload: Buffer.from('not JSON') }),
    );
    expect(answer.FunctionError).toBe('Unhandled');
    expect(Buffer.from(answer.Payload ?? []).toString()).toBe('got not JSON');
  });

  test('errors are typed by their header', async () => {
    const { client } = await lambda(async () => {
      throw new ServiceError('ResourceNotFoundException', 'Function not found: f', 404, { Type: 'User' });
    });
    expect(await errorOf(client.send(new GetFunctionCommand({ FunctionName: 'f' })))).toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Function not found: f',
      Type: 'User',
      status: 404,
    });
  });

  test('an unknown path is UnknownOperationException', async () => {
    const { client } = await lambda(async () => ({}));
    const { ListFunctionsCommand } = await import('@aws-sdk/client-lambda');
    expect(await errorOf(client.send(new ListFunctionsCommand({})))).toMatchObject({
      name: 'UnknownOperationException',
      status: 404,
    });
  });
});

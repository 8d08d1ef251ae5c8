import { describe, expect, test } from 'vitest';
import type { AwsClients } from '../../src/aws/clients.ts';
import {
  describeFunction,
  functionText,
  parseFunctionReference,
  provisionedEnvironments,
  refuseUninvokable,
} from '../../src/aws/function-facts.ts';

const ARN = 'arn:aws:lambda:eu-west-3:123456789012:function:orders';

/** Clients whose Lambda answers, or fails, as `answer` says. */
function clientsOf(answer: (command: string, input: object) => unknown): AwsClients {
  return {
    target: { kind: 'aws', region: 'eu-west-3' },
    lambda: async () => ({
      send: async (command: { readonly constructor: { readonly name: string }; readonly input: object }) =>
        answer(command.constructor.name, command.input),
    }),
  } as unknown as AwsClients;
}

function sdkError(name: string, status: number, message: string): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status }, $fault: 'client' });
}

const fails = (error: Error) =>
  clientsOf(() => {
    throw error;
  });

describe('a function is named', () => {
  test.each([
    ['orders', undefined, { id: 'orders', name: 'orders' }],
    ['orders:prod', undefined, { id: 'orders', name: 'orders', qualifier: 'prod' }],
    ['orders', '7', { id: 'orders', name: 'orders', qualifier: '7' }],
    ['orders:$LATEST', undefined, { id: 'orders', name: 'orders' }],
    [ARN, undefined, { id: ARN, name: 'orders', region: 'eu-west-3', accountId: '123456789012' }],
    [
      `${ARN}:prod`,
      undefined,
      { id: ARN, name: 'orders', qualifier: 'prod', region: 'eu-west-3', accountId: '123456789012' },
    ],
  ])('a function is named as %s with the qualifier %s', (text, qualifier, reference) => {
    expect(parseFunctionReference(text, qualifier)).toEqual(reference);
  });

  test.each([['a b'], [''], ['arn:aws:s3:::bucket'], ['orders:a:b'], ['orders:not ok']])(
    'a function is named as %j, and that is refused',
    (text) => {
      expect(() => parseFunctionReference(text)).toThrow(
        expect.objectContaining({ code: 'bad-function', exitCode: 2 }),
      );
    },
  );

  test('a function is named with two qualifiers that differ, and that is refused', () => {
    expect(() => parseFunctionReference('orders:1', '2')).toThrow("'orders:1' names 1, and --qualifier 2.");
    expect(functionText(parseFunctionReference('orders:1', '1'))).toBe('orders:1');
  });
});

describe('Lambda is asked about a function', () => {
  test('the configuration of a function becomes facts with units, with the log group that the function was given', async () => {
    const clients = clientsOf(() => ({
      FunctionName: 'orders',
      Runtime: 'python3.13',
      Architectures: ['arm64'],
      MemorySize: 512,
      Timeout: 30,
      CodeSha256: Buffer.from('ab', 'hex').toString('base64'),
      LoggingConfig: { LogFormat: 'JSON', LogGroup: '/mine/all' },
    }));
    expect(await describeFunction(parseFunctionReference('orders'), clients)).toEqual({
      reference: { id: 'orders', name: 'orders' },
      functionName: 'orders',
      logGroupName: '/mine/all',
      lambdaRuntime: 'python3.13',
      architecture: 'arm64',
      memorySizeMB: 512,
      timeoutMs: 30_000,
      codeSha256: 'ab',
    });
  });

  test('a caller without the permission gets no facts of a function, which is not an error', async () => {
    const clients = fails(
      sdkError(
        'AccessDeniedException',
        403,
        'User: u is not authorized to perform: lambda:GetFunctionConfiguration',
      ),
    );
    expect(await describeFunction(parseFunctionReference('orders'), clients)).toBeUndefined();
  });

  test('a function that does not exist is an error that has its name and the region', async () => {
    const clients = fails(sdkError('ResourceNotFoundException', 404, 'Function not found'));
    await expect(describeFunction(parseFunctionReference('orders:9'), clients)).rejects.toMatchObject({
      code: 'no-such-function',
      exitCode: 3,
      message: 'There is no function orders:9 in eu-west-3.',
    });
  });
});

describe('whether a function may be invoked', () => {
  test('the permission to invoke a function is checked by a dry run of the version that is meant', async () => {
    const asked: object[] = [];
    const clients = clientsOf((_, input) => {
      asked.push(input);
      return {};
    });
    await refuseUninvokable(parseFunctionReference('orders:prod'), clients);
    expect(asked).toMatchObject([{ FunctionName: 'orders', Qualifier: 'prod', InvocationType: 'DryRun' }]);
  });

  test('a function that may not be invoked is refused with the name of the permission', async () => {
    const clients = fails(
      sdkError(
        'AccessDeniedException',
        403,
        `User: arn:aws:iam::123456789012:user/me is not authorized to perform: lambda:InvokeFunction on resource: ${ARN} because no identity-based policy allows it`,
      ),
    );
    await expect(refuseUninvokable(parseFunctionReference('orders'), clients)).rejects.toMatchObject({
      code: 'access-denied',
      exitCode: 3,
      message: expect.stringContaining(`lambda:InvokeFunction on ${ARN}`),
    });
  });
});

test('provisioned environments are asked for a version or alias alone, and a failure says nothing', async () => {
  const clients = clientsOf(() => ({ AllocatedProvisionedConcurrentExecutions: 3 }));
  expect(await provisionedEnvironments(parseFunctionReference('orders:prod'), clients)).toBe(3);
  expect(await provisionedEnvironments(parseFunctionReference('orders'), clients)).toBeUndefined();
  const none = fails(sdkError('ProvisionedConcurrencyConfigNotFoundException', 404, 'none'));
  expect(await provisionedEnvironments(parseFunctionReference('orders:prod'), none)).toBeUndefined();
});

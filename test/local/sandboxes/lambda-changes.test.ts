import {
  CreateAliasCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  type InvokeCommandInput,
  type LambdaClient,
  ListAliasesCommand,
  PublishVersionCommand,
  paginateListVersionsByFunction,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
  waitUntilPublishedVersionActive,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCOUNT, configuration, REGION, startLambda, type TestLambda, zip } from './harness.ts';
import { type LambdaDoor, openLambda } from './lambda-door.ts';

/** What benchmarking scripts do with a function: change it, publish it, name versions, call it with its log. */
let t: TestLambda;
let door: LambdaDoor;
let client: LambdaClient;

const TELLS = `
let calls = 0;
exports.handler = async (event, context) => ({
  calls: (calls += 1),
  memory: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  greeting: process.env.GREETING,
  version: context.functionVersion,
  arn: context.invokedFunctionArn,
  client: context.clientContext,
  trace: process.env._X_AMZN_TRACE_ID,
});
exports.loud = async (event) => { for (let i = 0; i < event.lines; i += 1) console.log('line ' + i); };
exports.fails = async () => { console.log('before'); throw new Error('no'); };
`;

beforeAll(async () => {
  t = await startLambda();
  door = await openLambda(t);
  ({ client } = door);
  for (const name of ['tuned', 'published', 'recoded', 'told']) await t.create(name, { 'index.js': TELLS });
  await t.create('loud', { 'index.js': TELLS }, { handler: 'index.loud' });
  await t.create('fails', { 'index.js': TELLS }, { handler: 'index.fails' });
});
afterAll(async () => {
  await door.close();
  await t.close();
});

interface Told {
  readonly answer: Record<string, unknown>;
  readonly log: string;
  readonly executed: string | undefined;
  readonly error: string | undefined;
}

async function invoke(input: InvokeCommandInput): Promise<Told> {
  const output = await client.send(new InvokeCommand(input));
  return {
    answer: JSON.parse(output.Payload?.transformToString() ?? 'null'),
    log: Buffer.from(output.LogResult ?? '', 'base64').toString('utf8'),
    executed: output.ExecutedVersion,
    error: output.FunctionError,
  };
}

describe('UpdateFunctionConfiguration', () => {
  test('the loop of power tuning reads the billed duration of each memory size', async () => {
    const seen: unknown[] = [];
    for (const MemorySize of [128, 256, 512]) {
      const update = await client.send(
        new UpdateFunctionConfigurationCommand({ FunctionName: 'tuned', MemorySize }),
      );
      expect(update).toMatchObject({ MemorySize, LastUpdateStatus: 'InProgress' });
      await waitUntilFunctionUpdatedV2(
        { client, maxWaitTime: 20, minDelay: 0.1, maxDelay: 0.5 },
        { FunctionName: 'tuned' },
      );
      for (let call = 1; call <= 2; call += 1) {
        const { answer, log } = await invoke({ FunctionName: 'tuned', LogType: 'Tail' });
        expect(answer).toMatchObject({ calls: call, memory: String(MemorySize) });
        const report = /\tBilled Duration: (\d+) ms\tMemory Size: (\d+) MB\t.*?(Init Duration)?/.exec(log);
        expect(Number(report?.[1])).toBeGreaterThan(0);
        seen.push([Number(report?.[2]), log.includes('Init Duration:')]);
      }
    }
    expect(seen).toEqual([
      [128, true],
      [128, false],
      [256, true],
      [256, false],
      [512, true],
      [512, false],
    ]);
  });

  test('UpdateFunctionConfiguration changes what it names and leaves the rest', async () => {
    const before = await client.send(new GetFunctionConfigurationCommand({ FunctionName: 'told' }));
    const update = await client.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: 'told',
        Environment: { Variables: { GREETING: 'hello' } },
        Description: 'greets',
        Timeout: 7,
      }),
    );
    expect(update.RevisionId).not.toBe(before.RevisionId);
    expect(await client.send(new GetFunctionConfigurationCommand({ FunctionName: 'told' }))).toMatchObject({
      Description: 'greets',
      Timeout: 7,
      MemorySize: 256,
      CodeSha256: before.CodeSha256,
      LastUpdateStatus: 'Successful',
      Environment: { Variables: { GREETING: 'hello' } },
    });
    expect((await invoke({ FunctionName: 'told' })).answer).toMatchObject({ greeting: 'hello' });
  });

  test.each([
    [{ MemorySize: 64 }, 'ValidationException', /memorySize/],
    [{ VpcConfig: { SubnetIds: ['s'] } }, 'InvalidParameterValueException', /VpcConfig is not emulated/],
    [{ TracingConfig: { Mode: 'Active' as const } }, 'InvalidParameterValueException', /Mode Active is not/],
    [{ RevisionId: 'old' }, 'PreconditionFailedException', /Revision Id/],
    [
      { Role: `arn:aws:iam::${ACCOUNT}:role/foreign` },
      'InvalidParameterValueException',
      /cannot be assumed by Lambda/,
    ],
  ])(
    'UpdateFunctionConfiguration refuses a change that it can not carry out (%#)',
    async (change, name, message) => {
      const before = await client.send(new GetFunctionConfigurationCommand({ FunctionName: 'told' }));
      await expect(
        client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'told', ...change })),
      ).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
      const after = await client.send(new GetFunctionConfigurationCommand({ FunctionName: 'told' }));
      expect(after.RevisionId).toBe(before.RevisionId);
    },
  );

  test('while one update is under way, another is refused', async () => {
    const first = t.lambda.control.updateFunction(configuration('told', { memorySizeMB: 300 }), undefined);
    await expect(
      t.lambda.control.updateFunction(configuration('told', { memorySizeMB: 400 }), undefined),
    ).rejects.toMatchObject({ code: 'ResourceConflictException' });
    await first;
    expect(await client.send(new GetFunctionConfigurationCommand({ FunctionName: 'told' }))).toMatchObject({
      MemorySize: 300,
      LastUpdateStatus: 'Successful',
    });
  });
});

describe('UpdateFunctionCode', () => {
  const answering = (text: string): Promise<Buffer> =>
    zip({ 'index.js': `exports.handler = async () => ({ said: '${text}' });` });

  test('UpdateFunctionCode takes new code as bytes or from S3, and the next call runs it', async () => {
    await invoke({ FunctionName: 'recoded' });
    const update = await client.send(
      new UpdateFunctionCodeCommand({ FunctionName: 'recoded', ZipFile: await answering('bytes') }),
    );
    expect(update.LastUpdateStatus).toBe('InProgress');
    expect((await invoke({ FunctionName: 'recoded' })).answer).toEqual({ said: 'bytes' });
    t.objects.set('assets/code.zip', await answering('s3'));
    const published = await client.send(
      new UpdateFunctionCodeCommand({
        FunctionName: 'recoded',
        S3Bucket: 'assets',
        S3Key: 'code.zip',
        Publish: true,
      }),
    );
    expect(published.Version).toBe('1');
    expect((await invoke({ FunctionName: 'recoded:1' })).answer).toEqual({ said: 's3' });
  });

  test.each([
    [{}, 'Please provide a source for function code.'],
    [{ S3Bucket: 'assets', S3Key: 'missing' }, /S3 Error Code: NoSuchKey/],
    [{ ZipFile: Buffer.from('hello') }, /Could not unzip uploaded file/],
  ])('UpdateFunctionCode refuses code that is not there or is no zip (%#)', async (input, message) => {
    await expect(
      client.send(new UpdateFunctionCodeCommand({ FunctionName: 'recoded', ...input })),
    ).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
  });
});

describe('versions and aliases', () => {
  const arn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:published`;
  const FunctionName = 'published';

  test('a published version keeps its configuration and has environments and log streams of its own', async () => {
    const first = await client.send(new PublishVersionCommand({ FunctionName, Description: 'one' }));
    expect(first).toMatchObject({ Version: '1', FunctionArn: `${arn}:1`, Description: 'one' });
    await waitUntilPublishedVersionActive(
      { client, maxWaitTime: 20, minDelay: 0.1, maxDelay: 0.5 },
      { FunctionName, Qualifier: '1' },
    );
    await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, MemorySize: 512 }));
    const called = await invoke({ FunctionName, Qualifier: '1', LogType: 'Tail' });
    expect(called.executed).toBe('1');
    expect(called.answer).toMatchObject({ memory: '256', version: '1', arn: `${arn}:1` });
    expect(called.log).toMatch(/^START RequestId: \S+ Version: 1\n/);
    expect([...t.streams.keys()].some((key) => /published .*\/\[1\]/.test(key))).toBe(true);
    expect((await invoke({ FunctionName })).answer).toMatchObject({ memory: '512', version: '$LATEST', arn });
  });

  test('publishing again without a change gives the same version', async () => {
    const second = await client.send(new PublishVersionCommand({ FunctionName }));
    expect(second.Version).toBe('2');
    expect((await client.send(new PublishVersionCommand({ FunctionName }))).Version).toBe('2');
    const names: (string | undefined)[] = [];
    for await (const page of paginateListVersionsByFunction({ client, pageSize: 2 }, { FunctionName })) {
      names.push(...(page.Versions ?? []).map((version) => version.Version));
    }
    expect(names).toEqual(['$LATEST', '1', '2']);
  });

  test('an alias is called by its name, points elsewhere when it is told, and ends', async () => {
    const created = await client.send(
      new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' }),
    );
    expect(created).toMatchObject({ AliasArn: `${arn}:live`, Name: 'live', FunctionVersion: '1' });
    const called = await invoke({ FunctionName: `${FunctionName}:live` });
    expect(called).toMatchObject({ executed: '1', answer: { memory: '256', arn: `${arn}:live` } });
    await expect(
      client.send(new DeleteFunctionCommand({ FunctionName, Qualifier: '1' })),
    ).rejects.toMatchObject({ name: 'ResourceConflictException' });
    await client.send(new UpdateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '2' }));
    expect((await invoke({ FunctionName, Qualifier: 'live' })).answer).toMatchObject({ memory: '512' });
    const { Aliases } = await client.send(new ListAliasesCommand({ FunctionName }));
    expect(Aliases?.map((alias) => [alias.Name, alias.FunctionVersion])).toEqual([['live', '2']]);
    await client.send(new DeleteAliasCommand({ FunctionName, Name: 'live' }));
    await expect(client.send(new GetAliasCommand({ FunctionName, Name: 'live' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test('a deleted version is not found, and its number is not used again', async () => {
    await client.send(new DeleteFunctionCommand({ FunctionName, Qualifier: '2' }));
    await expect(invoke({ FunctionName, Qualifier: '2' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Function not found: ${arn}:2`,
    });
    await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, MemorySize: 600 }));
    expect((await client.send(new PublishVersionCommand({ FunctionName }))).Version).toBe('3');
  });
});

describe('Invoke', () => {
  test('Invoke with LogType Tail answers the lines from START to REPORT, and without it none', async () => {
    const { log } = await invoke({ FunctionName: 'loud', Payload: '{"lines":2}', LogType: 'Tail' });
    expect(log).toMatch(
      /^START RequestId: \S+ Version: \$LATEST\n\S+\t\S+\tINFO\tline 0\n\S+\t\S+\tINFO\tline 1\nEND RequestId: \S+\nREPORT RequestId: .*\t\n$/,
    );
    expect((await invoke({ FunctionName: 'loud', Payload: '{"lines":2}' })).log).toBe('');
  });

  test('the tail holds the last 4 KiB', async () => {
    const { log } = await invoke({ FunctionName: 'loud', Payload: '{"lines":500}', LogType: 'Tail' });
    expect(Buffer.byteLength(log)).toBe(4096);
    expect(log).toContain('line 499\nEND RequestId:');
    expect(log).not.toContain('START');
  });

  test('a failed call has a tail too', async () => {
    const { log, error } = await invoke({ FunctionName: 'fails', LogType: 'Tail' });
    expect(error).toBe('Unhandled');
    expect(log).toMatch(/^START .*before\n.*Invoke Error.*\nEND .*\nREPORT /s);
  });

  test('Invoke hands the client context on, and a trace id of its own', async () => {
    const context = { custom: { who: 'grüße' }, env: { locale: 'de' } };
    const { answer } = await invoke({
      FunctionName: 'told',
      ClientContext: Buffer.from(JSON.stringify(context)).toString('base64'),
    });
    expect(answer.client).toEqual(context);
    expect(answer.trace).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/);
    const again = await invoke({ FunctionName: 'told' });
    expect(again.answer.client).toBeUndefined();
    expect(again.answer.trace).not.toBe(answer.trace);
  });

  test('two qualifiers that differ are refused', async () => {
    await expect(invoke({ FunctionName: 'told:one', Qualifier: 'two' })).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
    });
  });
});

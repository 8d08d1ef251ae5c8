import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCOUNT, type Files, payloadOf, REGION, startLambda, type TestLambda } from './harness.ts';

/** Node functions in real processes, loaded and run as Lambda's Node runtime does. */
let t: TestLambda;
beforeAll(async () => {
  t = await startLambda();
});
afterAll(() => t.close());

describe('how a handler is found', () => {
  let count = 0;

  test.each<[string, Files, string]>([
    ['CommonJS in index.js', { 'index.js': 'exports.handler = async () => "ok";' }, 'index.handler'],
    [
      'an ES module by the package type',
      { 'index.js': 'export const handler = async () => "ok";', 'package.json': '{"type":"module"}' },
      'index.handler',
    ],
    [
      'an ES module by its name',
      { 'index.mjs': 'export const handler = async () => "ok";' },
      'index.handler',
    ],
    ['CommonJS by its name', { 'index.cjs': 'exports.handler = async () => "ok";' }, 'index.handler'],
    [
      '.cjs within a module package',
      { 'index.cjs': 'exports.handler = async () => "ok";', 'package.json': '{"type":"module"}' },
      'index.handler',
    ],
    [
      'a folder before the module',
      { 'src/app/main.mjs': 'export const run = async () => "ok";' },
      'src/app/main.run',
    ],
    [
      'a nested name after the module',
      { 'index.cjs': 'exports.api = { v1: { handler: async () => "ok" } };' },
      'index.api.v1.handler',
    ],
    ['a default export', { 'index.mjs': 'export default { handler: async () => "ok" };' }, 'index.handler'],
    [
      'a package in node_modules',
      {
        'node_modules/shed/package.json': '{"name":"shed","main":"lib.js"}',
        'node_modules/shed/lib.js': 'exports.handler = async () => "ok";',
      },
      'shed.handler',
    ],
    [
      'a module that awaits at its top',
      { 'index.mjs': 'const word = await Promise.resolve("ok"); export const handler = async () => word;' },
      'index.handler',
    ],
  ])('the Node runtime finds the handler: %s', async (_name, files, handler) => {
    count += 1;
    const name = `found-${count}`;
    await t.create(name, files, { handler });
    expect(payloadOf(await t.invoke(name))).toBe('ok');
  });

  test('a name that climbs out of the code is refused', async () => {
    await t.create('climbs', { 'index.mjs': '' }, { handler: '../other/index.handler' });
    expect(payloadOf(await t.invoke('climbs'))).toMatchObject({
      errorType: 'Runtime.MalformedHandlerName',
      errorMessage:
        "'../other/index.handler' is not a valid handler name. Use absolute paths when specifying root directories in handler names.",
    });
  });
});

describe('how a handler answers', () => {
  const STYLES = `
const styles = {
  callback: (event, context, callback) => callback(null, { style: 'callback' }),
  failing: (event, context, callback) => callback(new RangeError('called back')),
  text: (event, context, callback) => callback('just text'),
  late: (event, context, callback) => { setTimeout(() => {}, 200); callback(null, 'late'); },
  twice: (event, context, callback) => { callback(null, 'first'); callback(null, 'second'); },
  succeed: (event, context) => context.succeed('succeeded'),
  fail: (event, context) => context.fail(new Error('failed')),
  done: (event, context) => context.done(null, 'done'),
  nothing: () => {},
  sync: () => ({ statusCode: 200 }),
  undefinedResult: async () => undefined,
  thenable: () => ({ then: (resolve) => resolve('thenable') }),
  throwing: () => { throw new TypeError('thrown at once'); },
  throwsText: async () => { throw 'plain text'; },
};
exports.handler = (event, context, callback) => styles[event.style](event, context, callback);
exports.withoutCallback = (event, context) => styles[event.style](event, context);
exports.early = (event, context, callback) => {
  context.callbackWaitsForEmptyEventLoop = false; setTimeout(() => {}, 60_000); callback(null, 'early');
};`;

  beforeAll(async () => {
    await t.create('styles', { 'index.js': STYLES });
    await t.create('style-early', { 'index.js': STYLES }, { handler: 'index.early' });
    const node24 = { handler: 'index.withoutCallback', runtime: 'nodejs24.x' };
    await t.create('styles-24', { 'index.js': STYLES }, node24);
  });

  test.each([
    ['callback', { style: 'callback' }],
    ['twice', 'first'],
    ['succeed', 'succeeded'],
    ['done', 'done'],
    ['nothing', null],
    ['undefinedResult', null],
    ['thenable', 'thenable'],
  ])('the Node runtime takes the answer of a handler: %s', async (style, expected) => {
    const outcome = await t.invoke('styles', { style });
    expect(outcome.kind).toBe('ok');
    expect(payloadOf(outcome)).toEqual(expected);
  });

  test.each([
    ['failing', 'RangeError', 'called back'],
    ['fail', 'Error', 'failed'],
    ['throwing', 'TypeError', 'thrown at once'],
    ['throwsText', 'string', 'plain text'],
    ['text', 'string', 'just text'],
  ])('the call of a Node handler fails: %s', async (style, errorType, errorMessage) => {
    const outcome = await t.invoke('styles', { style });
    expect(outcome.kind).toBe('function-error');
    expect(payloadOf(outcome)).toMatchObject({ errorType, errorMessage });
  });

  test('a callback waits until nothing is left to do, as long as it is not told otherwise', async () => {
    await t.invoke('styles', { style: 'late' });
    const startedMs = performance.now();
    expect(payloadOf(await t.invoke('styles', { style: 'late' }))).toBe('late');
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(195);
    // A call that waited for the timer of a minute would reach the function's timeout.
    expect(payloadOf(await t.invoke('style-early'))).toBe('early');
    expect(payloadOf(await t.invoke('style-early'))).toBe('early');
  });

  test.each([
    ['sync', { statusCode: 200 }],
    ['nothing', null],
    ['undefinedResult', null],
    ['thenable', 'thenable'],
  ])('Node 24 answers with the value of a handler: %s', async (style, expected) => {
    const outcome = await t.invoke('styles-24', { style });
    expect([outcome.kind, payloadOf(outcome)]).toEqual(['ok', expected]);
  });

  test('Node 22 ignores the value of a synchronous handler', async () => {
    expect(payloadOf(await t.invoke('styles', { style: 'sync' }))).toBeNull();
  });

  test('Node 24 gives a context without the members of callbacks, and no callback', async () => {
    await t.create(
      'style-24-context',
      { 'index.js': 'exports.handler = (...given) => [given.length, Object.keys(given[1]).sort()];' },
      { runtime: 'nodejs24.x' },
    );
    expect(payloadOf(await t.invoke('style-24-context'))).toEqual([
      2,
      [
        'awsRequestId',
        'clientContext',
        'functionName',
        'functionVersion',
        'getRemainingTimeInMillis',
        'identity',
        'invokedFunctionArn',
        'logGroupName',
        'logStreamName',
        'memoryLimitInMB',
      ],
    ]);
  });

  test('a runtime in preview is refused where its interpreter is not the one that runs', async () => {
    const create = t.create('preview', { 'index.js': STYLES }, { runtime: 'nodejs26.x' });
    if (process.versions.node.startsWith('26.')) await create;
    else {
      await expect(create).rejects.toThrow(
        "The local cloud can't run nodejs26.x: it is in preview and needs Node of that version",
      );
    }
  });

  test('Node 24 refuses handlers that take a callback', async () => {
    await t.create('style-24', { 'index.js': STYLES }, { runtime: 'nodejs24.x' });
    expect(payloadOf(await t.invoke('style-24'))).toMatchObject({
      errorType: 'Runtime.CallbackHandlerDeprecated',
    });
  });
});

describe('what a handler is given', () => {
  test('a handler gets the event, the context and the environment', async () => {
    process.env.SHEDBENCH_LEAK = 'must not be seen';
    await t.create(
      'given',
      {
        'index.mjs': `export const handler = async (event, context) => ({
          event,
          context: { ...context, getRemainingTimeInMillis: undefined },
          left: context.getRemainingTimeInMillis(),
          cwd: process.cwd(),
          taskRoot: process.env.LAMBDA_TASK_ROOT,
          env: Object.keys(process.env),
          trace: process.env._X_AMZN_TRACE_ID,
          argv: process.execArgv,
        });`,
      },
      { memorySizeMB: 512, timeoutSeconds: 7, environment: { SHEEP: 'Dolly' } },
    );
    const outcome = await t.lambda.control.invoke('given', Buffer.from('{"a":[1,"€"]}'), {
      traceId: 'Root=1-5e1b4151-5ac6c58dc39a6b1ff3b0c2ae',
    });
    delete process.env.SHEDBENCH_LEAK;
    if (outcome.kind !== 'ok') throw new Error(outcome.kind);
    const { requestId } = outcome;
    const given = payloadOf(outcome) as Record<string, unknown> & { env: string[]; left: number };
    expect(given.event).toEqual({ a: [1, '€'] });
    expect(given.context).toEqual({
      callbackWaitsForEmptyEventLoop: true,
      functionName: 'given',
      functionVersion: '$LATEST',
      memoryLimitInMB: '512',
      logGroupName: '/aws/lambda/given',
      logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
      invokedFunctionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:given`,
      awsRequestId: requestId,
    });
    expect(given.left).toBeGreaterThan(5000);
    expect(given.left).toBeLessThanOrEqual(7001);
    expect(given.cwd).toBe(given.taskRoot);
    expect(given.trace).toBe('Root=1-5e1b4151-5ac6c58dc39a6b1ff3b0c2ae');
    expect(given.env).toContain('SHEEP');
    expect(given.env).not.toContain('SHEDBENCH_LEAK');
    expect(given.env).not.toContain('NODE_OPTIONS');
    // A shell that starts a program adds these.
    expect(given.env).not.toContain('PWD');
    expect(given.env).not.toContain('OLDPWD');
    expect(given.argv).toEqual(
      expect.arrayContaining(['--max-semi-space-size=25', '--max-old-space-size=461']),
    );
  });

  test('large events and answers pass whole, and small ones after them', async () => {
    await t.create('large', { 'index.mjs': 'export const handler = async (event) => event;' });
    for (const length of [10, 70_000, 1_000_000, 3]) {
      const text = 'ä€'.repeat(length);
      const answer = payloadOf(await t.invoke('large', { text })) as { text: string };
      // Compared by hand: a difference of megabytes is not for printing.
      expect(answer.text === text).toBe(true);
    }
  });

  test('module state lives from call to call', async () => {
    await t.create('state', { 'index.mjs': 'let n = 0; export const handler = async () => ++n;' });
    expect([
      payloadOf(await t.invoke('state')),
      payloadOf(await t.invoke('state')),
      payloadOf(await t.invoke('state')),
    ]).toEqual([1, 2, 3]);
  });
});

describe('what a handler writes', () => {
  test('the output of a handler is one log event per console call or line, between START and END', async () => {
    await t.create('writes', {
      'index.mjs': `export const handler = async (event) => {
        console.log('two\\nlines', { a: 1 });
        console.warn('%s sheep', 7);
        console.error(new Error('seen').message);
        console.debug('detail');
        process.stdout.write('raw one\\nraw two\\n');
        process.stderr.write('to stderr\\n');
        process.stdout.write('unfinished');
      };`,
    });
    await t.invoke('writes');
    const outcome = await t.invoke('writes');
    if (outcome.kind !== 'ok') throw new Error(outcome.kind);
    const { requestId } = outcome;
    const all = t.messages();
    const lines = all.slice(all.indexOf(`START RequestId: ${requestId} Version: $LATEST\n`));
    const stamp = (level: string, text: string): RegExp =>
      new RegExp(`^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z\t${requestId}\t${level}\t${text}\n$`);
    expect(lines[1]).toMatch(stamp('INFO', 'two\nlines \\{ a: 1 \\}'));
    expect(lines[2]).toMatch(stamp('WARN', '7 sheep'));
    expect(lines[3]).toMatch(stamp('ERROR', 'seen'));
    expect(lines[4]).toMatch(stamp('DEBUG', 'detail'));
    // Two pipes have no order between them.
    expect(lines.slice(5, 9)).toEqual(expect.arrayContaining(['raw one\n', 'raw two\n', 'to stderr\n']));
    const end = lines.indexOf(`END RequestId: ${requestId}\n`);
    expect(end).toBeGreaterThan(7);
    expect(lines[end + 1]).toMatch(/^REPORT /);
  });

  test('a flood of lines arrives whole', async () => {
    await t.create('flood', {
      'index.mjs': `export const handler = async () => { for (let i = 0; i < 20000; i += 1) console.log('line', i); };`,
    });
    expect((await t.invoke('flood')).kind).toBe('ok');
    const lines = t.messages().filter((message) => /\tINFO\tline \d+\n$/.test(message));
    expect(lines).toHaveLength(20_000);
  });

  test('a handler that prints without end is held up, and ended at its timeout', async () => {
    await t.create(
      'endless',
      {
        'index.mjs': `const line = 'x'.repeat(10_000); export const handler = async () => { for (;;) console.log(line); };`,
      },
      { timeoutSeconds: 2 },
    );
    const outcome = await t.invoke('endless');
    expect(outcome).toMatchObject({ kind: 'function-error', errorType: 'Sandbox.Timedout' });
    const bytes = t
      .messages()
      .filter((message) => message.includes('xxx'))
      .reduce((sum, message) => sum + message.length, 0);
    expect(bytes).toBeGreaterThan(8 * 1024 * 1024);
    expect(bytes).toBeLessThan(24 * 1024 * 1024);
  });
});

import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FunctionConfiguration } from '../../../src/local/seams.ts';
import {
  ACCOUNT,
  configuration,
  type Files,
  payloadOf,
  REGION,
  startLambda,
  type TestLambda,
  zip,
} from './harness.ts';

/** Functions of the kinds that other people deploy: with layers, wrappers, shell scripts, streams and Decimals. */
let t: TestLambda;
let functions = 0;

beforeAll(async () => {
  t = await startLambda();
});
afterAll(() => t.close());

const NODE24 = { runtime: 'nodejs24.x' };
const PYTHON = { runtime: 'python3.14', handler: 'app.handler' };
const SHELL = { runtime: 'provided.al2023', handler: 'function.handler' };

async function call(
  files: Files,
  overrides: Partial<FunctionConfiguration> = {},
  event: unknown = {},
): Promise<unknown> {
  functions += 1;
  const name = overrides.functionName ?? `other-${functions}`;
  await t.create(name, files, overrides);
  return payloadOf(await t.invoke(name, event));
}

describe('a Node function', () => {
  test.each<[string, Files, Partial<FunctionConfiguration>, unknown]>([
    [
      'that answers at once',
      { 'index.js': 'exports.handler = () => ({ statusCode: 200 });' },
      NODE24,
      { statusCode: 200 },
    ],
    [
      'that is an arrow of a module',
      { 'index.mjs': 'export const handler = (event) => event.n + 1;' },
      NODE24,
      2,
    ],
    [
      'that is an async method',
      {
        'index.mjs':
          'class A { one = 1; async handler() { return this?.one ?? "unbound"; } }\nexport const handler = new A().handler;',
      },
      NODE24,
      'unbound',
    ],
    [
      'that awaits at the top of its module',
      { 'index.mjs': 'const two = await Promise.resolve(2);\nexport const handler = async () => two;' },
      NODE24,
      2,
    ],
    [
      'that answers an API',
      {
        'index.js':
          'exports.handler = async () => ({ statusCode: 200, headers: { "content-type": "text/plain" }, body: "hi" });',
      },
      NODE24,
      { statusCode: 200, headers: { 'content-type': 'text/plain' }, body: 'hi' },
    ],
    [
      'that lies in a folder',
      { 'src/app.js': 'exports.run = async () => "folder";' },
      { handler: 'src/app.run' },
      'folder',
    ],
    [
      'of TypeScript, as it is compiled',
      {
        'index.js':
          '"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\nexports.handler = void 0;\nconst handler = async (event) => ({ got: event.n });\nexports.handler = handler;',
      },
      NODE24,
      { got: 1 },
    ],
    [
      'that writes a file',
      {
        'index.js':
          'const fs = require("fs"); const path = require("os").tmpdir() + "/x"; exports.handler = async () => { fs.writeFileSync(path, "42"); return Number(fs.readFileSync(path, "utf8")); };',
      },
      NODE24,
      42,
    ],
    ['that keeps a counter', { 'index.js': 'let n = 0; exports.handler = async () => ++n;' }, NODE24, 1],
    [
      'that starts a worker thread',
      {
        'index.js':
          'const { Worker } = require("worker_threads"); exports.handler = () => new Promise((done) => new Worker("require(\'worker_threads\').parentPort.postMessage(7)", { eval: true }).on("message", done));',
      },
      NODE24,
      7,
    ],
  ])('a Node function runs as on Lambda: %s', async (_title, files, overrides, expected) => {
    expect(await call(files, overrides, { n: 1 })).toEqual(expected);
  });

  const STREAMS = `
const { pipeline } = require('node:stream/promises');
const { Readable } = require('node:stream');
const streams = {
  json: async (event, stream, context) => {
    stream.setContentType('application/json');
    stream.write('{"id":"' + context.awsRequestId.length + '",');
    await new Promise((resolve) => setTimeout(resolve, 5));
    stream.write(Buffer.from('"größe":1}'));
    stream.end();
  },
  http: async (event, stream) => {
    const http = awslambda.HttpResponseStream.from(stream, { statusCode: 201 });
    await pipeline(Readable.from(['a', 'b']), http);
  },
  synchronous: () => 1,
  unfinished: async () => {},
};
exports.handler = awslambda.streamifyResponse((event, ...more) => streams[event.stream](event, ...more));`;
  beforeAll(async () => {
    await t.create('streams', { 'index.js': STREAMS }, NODE24);
  });

  test('a Node function that streams its answer is answered with all of it', async () => {
    const event = { stream: 'json' };
    expect(payloadOf(await t.invoke('streams', event))).toEqual({ id: '36', größe: 1 });
    expect(await call({ 'index.js': STREAMS }, {}, event)).toEqual({ id: '36', größe: 1 });
  });

  test('a Node function that streams through a pipeline and with HTTP metadata is answered with metadata and body', async () => {
    const outcome = await t.invoke('streams', { stream: 'http' });
    if (outcome.kind !== 'ok') throw new Error(outcome.kind);
    expect(outcome.payload.toString('latin1')).toBe(`{"statusCode":201}${'\0'.repeat(8)}ab`);
  });

  test.each([
    ['synchronous', 'Streaming does not support non-async handlers.'],
    ['unfinished', 'Response stream is not finished.'],
  ])('a Node function that streams wrongly, %s, fails by name', async (stream, message) => {
    expect(payloadOf(await t.invoke('streams', { stream }))).toMatchObject({ errorMessage: message });
  });

  test('a Node function has the variables of a session and of X-Ray, and a trace id', async () => {
    const told = await call({
      'index.js':
        'exports.handler = async () => [process.env.AWS_SESSION_TOKEN, process.env.AWS_XRAY_DAEMON_ADDRESS, process.env._X_AMZN_TRACE_ID];',
    });
    expect(told).toEqual([
      expect.stringMatching(/^local-session\/shedbench-lambda-\w+\/$/),
      '169.254.79.129:2000',
      expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/),
    ]);
  });
});

describe('a Python function', () => {
  test('a Python function answers Decimals with all their digits', async () => {
    const app = `from decimal import Decimal
def handler(event, context):
    return {"price": Decimal("1.10"), "big": Decimal("12345678901234567890.123456789"), "list": [Decimal("3"), "decimal-1"]}`;
    await t.create('decimals', { 'app.py': app }, PYTHON);
    const outcome = await t.invoke('decimals');
    if (outcome.kind !== 'ok') throw new Error(outcome.kind);
    expect(outcome.payload.toString()).toBe(
      '{"price": 1.10, "big": 12345678901234567890.123456789, "list": [3, "decimal-1"]}',
    );
  });

  test.each([
    ['python3.12', '"gr\u00fc\u00dfe \u{1f411}"'],
    ['python3.11', '"gr\\u00fc\\u00dfe \\ud83d\\udc11"'],
  ])('a Python function on %s writes other characters than ASCII as %s', async (runtime, expected) => {
    const name = `umlauts-${runtime.replace('.', '-')}`;
    await t.create(
      name,
      { 'app.py': 'def handler(e, c): return "gr\u00fc\u00dfe \u{1f411}"' },
      { ...PYTHON, runtime },
    );
    const outcome = await t.invoke(name);
    if (outcome.kind !== 'ok') throw new Error(outcome.kind);
    expect(outcome.payload.toString('utf8')).toBe(expected);
  });

  test('a Python function gets the client context as an object', async () => {
    await t.create(
      'python-context',
      {
        'app.py':
          'def handler(e, c): return [c.client_context.custom, c.client_context.client.app_title, c.client_context.env]',
      },
      PYTHON,
    );
    const outcome = await t.lambda.control.invoke('python-context', Buffer.from('{}'), {
      clientContext: '{"custom":{"a":1},"client":{"app_title":"t"}}',
    });
    expect(payloadOf(outcome)).toEqual([{ a: 1 }, 't', null]);
  });
});

describe('a layer', () => {
  const layerArn = (name: string): string => `arn:aws:lambda:${REGION}:${ACCOUNT}:layer:${name}`;

  test('a layer brings modules for Node and Python, and a later one replaces an earlier one', async () => {
    const { control } = t.lambda;
    const one = control.publishLayerVersion(layerArn('one'), {
      zip: await zip({
        'nodejs/node_modules/sheep/index.js': 'module.exports = "one";',
        'python/sheep.py': 'NAME = "one"',
      }),
    });
    const two = control.publishLayerVersion(layerArn('two'), {
      zip: await zip({ 'python/sheep.py': 'NAME = "two"' }),
    });
    expect(one).toBe(`${layerArn('one')}:1`);
    const layers = [one, two];
    expect(await call({ 'index.js': 'exports.handler = async () => require("sheep");' }, { layers })).toBe(
      'one',
    );
    expect(
      await call({ 'app.py': 'import sheep\ndef handler(e, c): return sheep.NAME' }, { ...PYTHON, layers }),
    ).toBe('two');
  });

  test('a layer that does not exist is refused by name', async () => {
    await expect(call({ 'index.js': '' }, { layers: [`${layerArn('none')}:3`] })).rejects.toThrow(
      `Layer version ${layerArn('none')}:3 does not exist`,
    );
  });

  test('a layer brings the bootstrap of a provided function and the wrapper of another', async () => {
    const { control } = t.lambda;
    const layers = [
      control.publishLayerVersion(layerArn('programs'), {
        zip: await zip({
          bootstrap: { text: SHELL_RUNTIME, mode: 0o755 },
          wrapper: { text: '#!/bin/bash\nexport WRAPPED=yes\nexec "$@"\n', mode: 0o755 },
        }),
      }),
    ];
    expect(await call({ 'function.sh': 'handler() { echo 5; }' }, { ...SHELL, layers })).toBe(5);
    expect(
      await call(
        { 'index.js': 'exports.handler = async () => process.env.WRAPPED;' },
        { layers, environment: { AWS_LAMBDA_EXEC_WRAPPER: '/opt/wrapper' } },
      ),
    ).toBe('yes');
  });
});

describe('AWS_LAMBDA_EXEC_WRAPPER', () => {
  test.each([
    [
      'nodejs24.x',
      { 'index.js': 'exports.handler = async () => [process.env.WRAPPED, process.argv.length];' },
      'index.handler',
      ['yes', 2],
    ],
    [
      'python3.14',
      { 'index.py': 'import os\ndef handler(e, c): return os.environ["WRAPPED"]' },
      'index.handler',
      'yes',
    ],
  ])('AWS_LAMBDA_EXEC_WRAPPER starts the runtime of %s', async (runtime, files, handler, expected) => {
    const wrapper = { text: '#!/bin/bash\nexport WRAPPED=yes\nexec "$@"\n', mode: 0o755 };
    const environment = { AWS_LAMBDA_EXEC_WRAPPER: '/var/task/wrapper' };
    expect(await call({ ...files, wrapper }, { runtime, handler, environment })).toEqual(expected);
  });

  test('AWS_LAMBDA_EXEC_WRAPPER that is not there fails the call', async () => {
    const environment = { AWS_LAMBDA_EXEC_WRAPPER: '/var/task/none' };
    expect(await call({ 'index.js': 'exports.handler = async () => 1;' }, { environment })).toMatchObject({
      errorType: 'Runtime.InvalidEntrypoint',
    });
  });
});

const SHELL_RUNTIME = `#!/bin/sh
set -euo pipefail
source $LAMBDA_TASK_ROOT/"$(echo $_HANDLER | cut -d. -f1).sh"
while true
do
  HEADERS="$(mktemp)"
  EVENT_DATA=$(curl -sS -LD "$HEADERS" "http://\${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/next")
  REQUEST_ID=$(grep -Fi Lambda-Runtime-Aws-Request-Id "$HEADERS" | tr -d '[:space:]' | cut -d: -f2)
  RESPONSE=$($(echo "$_HANDLER" | cut -d. -f2) "$EVENT_DATA")
  curl -sS -o /dev/null "http://\${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/$REQUEST_ID/response" -d "$RESPONSE"
done
`;

describe('a bootstrap for /bin/sh', () => {
  test.skipIf(!existsSync('/usr/bin/curl'))(
    'a bootstrap for /bin/sh runs in bash, as on Amazon Linux',
    async () => {
      expect(
        await call(
          {
            bootstrap: { text: SHELL_RUNTIME, mode: 0o755 },
            'function.sh': `handler() { local event=$1; local -a list=(a b); echo "{\\"n\\":\${#list[@]},\\"event\\":$event}"; }`,
          },
          SHELL,
          { a: 1 },
        ),
      ).toEqual({ n: 2, event: { a: 1 } });
    },
  );
});

describe('a function whose log group does not exist', () => {
  test('a function whose log group does not exist has it created at the first call where its role allows that', async () => {
    t.missingGroups.add('/aws/lambda/logger-one');
    await call(
      { 'index.js': 'exports.handler = async () => { console.log("hello"); };' },
      {
        functionName: 'logger-one',
        functionArn: configuration('logger-one').functionArn,
        roleArn: `arn:aws:iam::${ACCOUNT}:role/logger`,
        logGroup: '/aws/lambda/logger-one',
      },
    );
    expect(t.missingGroups.has('/aws/lambda/logger-one')).toBe(false);
    const lines = [...t.streams]
      .filter(([key]) => key.startsWith('/aws/lambda/logger-one '))
      .flatMap(([, events]) => events);
    expect(lines.map((event) => event.message).join('')).toMatch(
      /^INIT_START .*\nSTART .*hello\nEND .*\nREPORT /s,
    );
  });

  test('the log of the local cloud names once the function whose lines are lost, because its role may not create the log group', async () => {
    t.missingGroups.add('/aws/lambda/silent');
    await t.create('silent', { 'index.js': 'exports.handler = async () => 1;' });
    await t.invoke('silent');
    await t.invoke('silent');
    const told = t.cloudLog.filter((line) => line.includes('Log lines of silent are lost'));
    expect(told).toEqual([
      'Log lines of silent are lost: there is no log group /aws/lambda/silent, and its role does not allow logs:CreateLogGroup',
    ]);
  });
});

import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { hasPythonModule } from '../../at-hand.ts';
import { ACCOUNT, type Files, payloadOf, REGION, startLambda, type TestLambda } from './harness.ts';

/** Python functions in real processes; skipped where there is no python3 with boto3. */
describe.skipIf(!hasPythonModule('boto3'))('Python functions', () => {
  let t: TestLambda;
  beforeAll(async () => {
    t = await startLambda();
  });
  afterAll(() => t.close());

  const PYTHON = { runtime: 'python3.13', handler: 'app.handler' } as const;
  let count = 0;

  async function run(
    files: Files,
    handler = 'app.handler',
    event: unknown = {},
    environment: Record<string, string> = {},
  ) {
    count += 1;
    const name = `py-${count}`;
    await t.create(name, files, { ...PYTHON, handler, environment });
    const outcome = await t.invoke(name, event);
    const key = [...t.streams.keys()].find((stream) => stream.startsWith(`/aws/lambda/${name} `));
    return { outcome, messages: (t.streams.get(key ?? '') ?? []).map((event) => event.message) };
  }

  const ANSWERS = `import os
from decimal import Decimal

def decimals(event, context):
    return {"event": event, "whole": Decimal("18446744073709551615"), "part": Decimal("1.5")}

def surroundings(event, context):
    import boto3
    return {
        "left": context.get_remaining_time_in_millis(),
        "request": context.aws_request_id,
        "arn": context.invoked_function_arn,
        "name": context.function_name,
        "version": context.function_version,
        "memory": context.memory_limit_in_mb,
        "group": context.log_group_name,
        "cwd": os.getcwd() == os.environ["LAMBDA_TASK_ROOT"],
        "endpoint": boto3.client("dynamodb").meta.endpoint_url,
    }

def no_json(event, context):
    return {1, 2}

def echo(event, context):
    return {"length": len(event["text"]), "text": event["text"]}

def handler(event, context):
    return globals()[event["answer"]](event, context)
`;
  beforeAll(async () => {
    await t.create('py-answers', { 'app.py': ANSWERS }, PYTHON);
  });

  test('Python functions get the event and answer JSON, decimals included', async () => {
    const event = { answer: 'decimals', name: 'é', list: [1, null] };
    const outcome = await t.invoke('py-answers', event);
    expect(outcome.kind).toBe('ok');
    if (outcome.kind === 'throttled') throw new Error(outcome.message);
    expect(outcome.payload.toString()).toContain('"whole": 18446744073709551615, "part": 1.5');
    expect(payloadOf(outcome)).toMatchObject({ event });
  });

  test('Python functions get a context with the remaining time, and boto3', async () => {
    const outcome = await t.invoke('py-answers', { answer: 'surroundings' });
    if (outcome.kind !== 'ok') throw new Error(outcome.kind);
    const payload = payloadOf(outcome) as { left: number };
    expect(payload).toEqual({
      left: expect.any(Number),
      request: outcome.requestId,
      arn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:py-answers`,
      name: 'py-answers',
      version: '$LATEST',
      memory: '256',
      group: '/aws/lambda/py-answers',
      cwd: true,
      endpoint: 'http://127.0.0.1:9/db',
    });
    expect(payload.left).toBeGreaterThan(5000);
    expect(payload.left).toBeLessThanOrEqual(10_001);
  });

  test.each([
    [
      'a module within a package',
      { 'pkg/__init__.py': '', 'pkg/app.py': 'def run(e, c): return 1' },
      'pkg.app.run',
    ],
    ['a folder written with slashes', { 'src/app.py': 'def run(e, c): return 1' }, 'src/app.run'],
    [
      'a module that imports its neighbour',
      { 'app.py': 'import other\ndef handler(e, c): return other.ONE', 'other.py': 'ONE = 1' },
      'app.handler',
    ],
  ])('Python functions are found: %s', async (_name, files, handler) => {
    const { outcome } = await run(files as Record<string, string>, handler);
    expect(payloadOf(outcome)).toBe(1);
  });

  test('Python functions print and log into events of their own', async () => {
    const { outcome, messages } = await run({
      'app.py': `import logging, sys
logger = logging.getLogger()
logger.setLevel(logging.INFO)
def handler(event, context):
    print("one")
    print("two\\nthree")
    logger.info("many\\nlines")
    logger.debug("unseen")
    sys.stderr.write("to stderr\\n")
`,
    });
    if (outcome.kind !== 'ok') throw new Error(outcome.kind);
    const { requestId } = outcome;
    const own = messages.filter((line) => !/^(INIT_START|START|END|REPORT) /.test(line));
    expect(own).toHaveLength(5);
    expect(own).toEqual(expect.arrayContaining(['one\n', 'two\n', 'three\n', 'to stderr\n']));
    expect(own.find((line) => line.startsWith('[INFO]'))).toMatch(
      new RegExp(`^\\[INFO\\]\t\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z\t${requestId}\tmany\nlines\n$`),
    );
    expect(messages.at(-1)).toMatch(/^REPORT .*Init Duration: [\d.]+ ms\t\n$/);
  });

  test('Python functions fail with type, message and stack, one event in the log', async () => {
    const { outcome, messages } = await run({
      'app.py': 'def handler(event, context):\n    raise ValueError("no such sheep")\n',
    });
    if (outcome.kind !== 'function-error') throw new Error(outcome.kind);
    expect(outcome.errorType).toBe('ValueError');
    expect(payloadOf(outcome)).toEqual({
      errorMessage: 'no such sheep',
      errorType: 'ValueError',
      requestId: outcome.requestId,
      stackTrace: [
        expect.stringMatching(
          /^ {2}File ".*\/app\.py", line 2, in handler\n {4}raise ValueError\("no such sheep"\)\n$/,
        ),
      ],
    });
    const [logged] = messages.filter((line) => line.startsWith('[ERROR]'));
    expect(logged).toMatch(
      /^\[ERROR\] ValueError: no such sheep\nTraceback \(most recent call last\):\n\u00a0\u00a0File ".*app\.py", line 2, in handler\n\u00a0{4}raise ValueError\("no such sheep"\)\n$/,
    );
    expect(messages.at(-1)).toMatch(/^REPORT .*\t\n$/);
  });

  test.each([
    [
      'a missing module',
      {},
      'app.handler',
      'Runtime.ImportModuleError',
      "Unable to import module 'app': No module named 'app'",
    ],
    [
      'a module that imports one that is missing',
      { 'app.py': 'import nowhere' },
      'app.handler',
      'Runtime.ImportModuleError',
      "Unable to import module 'app': No module named 'nowhere'",
    ],
    [
      'a missing handler',
      { 'app.py': 'x = 1' },
      'app.handler',
      'Runtime.HandlerNotFound',
      "Handler 'handler' missing on module 'app'",
    ],
    [
      'a name without a dot',
      { 'app.py': '' },
      'handler',
      'Runtime.MalformedHandlerName',
      "Bad handler 'handler': not enough values to unpack (expected 2, got 1)",
    ],
    [
      'a module of Python itself',
      {},
      'sys.exit',
      'Runtime.BuiltInModuleConflict',
      'Cannot use built-in module sys as a handler module',
    ],
    ['a module that raises', { 'app.py': 'raise KeyError("k")' }, 'app.handler', 'KeyError', "'k'"],
  ])('Python functions fail at init: %s', async (_name, files, handler, errorType, errorMessage) => {
    const { outcome, messages } = await run({ README: '', ...files } as Record<string, string>, handler);
    expect(outcome.kind).toBe('function-error');
    expect(payloadOf(outcome)).toMatchObject({ errorType, errorMessage });
    expect(messages.filter((line) => line.startsWith('INIT_REPORT'))).toHaveLength(2);
    expect(messages.some((line) => line.startsWith('[WARNING]\t') && line.includes('LAMBDA_WARNING'))).toBe(
      true,
    );
    expect(messages.at(-1)).toContain(`\tStatus: error\tError Type: ${errorType}\n`);
  });

  test('Python functions fail at init for a syntax error, with its place', async () => {
    const { outcome } = await run({ 'app.py': 'def handler(:\n  pass\n' });
    const payload = payloadOf(outcome) as { errorType: string; errorMessage: string; stackTrace: string[] };
    expect(payload.errorType).toBe('Runtime.UserCodeSyntaxError');
    expect(payload.errorMessage).toMatch(/^Syntax error in module 'app': .*\(app\.py, line 1\)$/);
    expect(payload.stackTrace[0]).toMatch(/^ {2}File ".*app\.py" Line 1\n/);
  });

  test('an answer that is no JSON fails the call', async () => {
    const outcome = await t.invoke('py-answers', { answer: 'no_json' });
    expect(payloadOf(outcome)).toMatchObject({
      errorType: 'Runtime.MarshalError',
      errorMessage: 'Unable to marshal response: Object of type set is not JSON serializable',
    });
  });

  test.each([
    ['sys.exit(3)', 'Runtime exited with error: exit status 3'],
    ['import os; os._exit(0)', 'Runtime exited without providing a reason'],
    [
      'import os, signal; os.kill(os.getpid(), signal.SIGSEGV)',
      'Runtime exited with error: signal: segmentation fault',
    ],
  ])('a handler that ends its process (%s) fails the call', async (statement, reason) => {
    const { outcome } = await run({ 'app.py': `import sys\ndef handler(e, c):\n  ${statement}\n` });
    if (outcome.kind !== 'function-error') throw new Error(outcome.kind);
    expect(payloadOf(outcome)).toEqual({
      errorType: 'Runtime.ExitError',
      errorMessage: `RequestId: ${outcome.requestId} Error: ${reason}`,
    });
  });

  test('large events and answers pass whole', async () => {
    const text = 'ä'.repeat(1_000_000);
    const outcome = await t.invoke('py-answers', { answer: 'echo', text });
    expect(payloadOf(outcome)).toEqual({ length: 1_000_000, text });
  });

  test('Python functions leave no compiled files beside the code, so that every cold start compiles', async () => {
    const { outcome } = await run({
      'app.py': 'import other, os\ndef handler(e, c): return os.listdir(os.environ["LAMBDA_TASK_ROOT"])',
      'other.py': '',
    });
    expect((payloadOf(outcome) as string[]).sort()).toEqual(['app.py', 'other.py']);
  });

  test('Python functions run the sitecustomize of PYTHONPATH, which tracing layers use', async () => {
    const { outcome } = await run(
      {
        'app.py': 'import sys\ndef handler(e, c): return sys.started_by',
        'tracing/sitecustomize.py': 'import sys\nsys.started_by = "sitecustomize"',
        wrapper: { text: '#!/bin/sh\nPYTHONPATH=$LAMBDA_TASK_ROOT/tracing exec "$@"\n', mode: 0o755 },
      },
      'app.handler',
      {},
      { AWS_LAMBDA_EXEC_WRAPPER: '/var/task/wrapper' },
    );
    expect(payloadOf(outcome)).toBe('sitecustomize');
  });
});

describe.skipIf(!hasPythonModule('boto3'))('the installed packages of Python', () => {
  let folder: string;
  let t: TestLambda;
  beforeAll(async () => {
    // Sandboxes have a /tmp of their own, and would not see a folder there.
    folder = await mkdtemp('/var/tmp/shedbench-pth-');
    execFileSync('python3', ['-m', 'venv', '--system-site-packages', '--without-pip', folder]);
    const [version = ''] = await readdir(join(folder, 'lib'));
    const packages = join(folder, 'lib', version, 'site-packages');
    await writeFile(join(packages, 'beside.py'), 'NAME = "a package"\n');
    await writeFile(join(packages, 'loud.pth'), 'import os; os.environ["PTH_RAN"] = "yes"\n');
    await symlink('python3', join(folder, 'bin', 'python3.13'));
    t = await startLambda();
  });
  afterAll(async () => {
    await t.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('a function can import an installed package, but no .pth file runs at its start', async () => {
    vi.stubEnv('PATH', `${join(folder, 'bin')}:${process.env.PATH ?? ''}`);
    const files = {
      'app.py': 'import os, beside\ndef handler(e, c): return [beside.NAME, os.environ.get("PTH_RAN")]',
    };
    await t.create('packages', files, { runtime: 'python3.13', handler: 'app.handler' });
    expect(payloadOf(await t.invoke('packages'))).toEqual(['a package', null]);
  });
});

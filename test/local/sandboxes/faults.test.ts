import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InvokeOutcome } from '../../../src/local/seams.ts';
import { payloadOf, startLambda, type TestLambda } from './harness.ts';

/**
 * What the local cloud makes of functions that fail, as Lambda does: the caller's payload, the log lines, and how the
 * environment goes on.
 */
let t: TestLambda;
/** A Lambda with one call, whose init hangs for 11 s. The call runs while the other tests do. */
let slow: TestLambda;
let hanging: Promise<{ readonly outcome: InvokeOutcome; readonly elapsedMs: number }>;
beforeAll(async () => {
  t = await startLambda();
  await t.create('faulty', { 'index.mjs': FAULTS });
  await t.create('impatient', { 'index.mjs': FAULTS }, { timeoutSeconds: 1 });
  await t.create('hungry', { 'index.mjs': FAULTS }, { memorySizeMB: 128 });
  slow = await startLambda();
  const code = 'console.log("loading"); await new Promise((r) => setTimeout(r, 60_000));';
  await slow.create('init-hangs', { 'index.mjs': code }, { timeoutSeconds: 1 });
  const startedMs = performance.now();
  hanging = slow
    .invoke('init-hangs')
    .then((outcome) => ({ outcome, elapsedMs: performance.now() - startedMs }));
});
afterAll(() => Promise.all([t.close(), slow.close()]));

const FAULTS = `
let calls = 0;
export const handler = async (event) => {
  calls += 1;
  switch (event.fault) {
    case 'throw': throw new TypeError('no such sheep');
    case 'exit': process.exit(event.status);
    case 'kill': process.kill(process.pid, 'SIGKILL'); await new Promise(() => setTimeout(() => {}, 10_000));
    case 'hang': console.log('hanging'); await new Promise(() => setTimeout(() => {}, 60_000));
    // It waits for a part of its second, which saves CPU time, and is busy when the timeout comes.
    case 'spin': Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200); console.log('spinning'); for (;;);
    case 'eat': { const eaten = []; for (;;) { eaten.push(Buffer.alloc(16 * 1024 * 1024, 1)); await new Promise((r) => setTimeout(r, 1)); } }
    case 'gulp': { const eaten = Buffer.alloc(400 * 1024 * 1024, 1); return eaten[7]; }
    case 'reject': Promise.reject(new Error('nobody cares')); await new Promise(() => setTimeout(() => {}, 10_000));
    case 'uncaught': setTimeout(() => { throw new RangeError('from nowhere'); }, 1); await new Promise(() => setTimeout(() => {}, 10_000));
    case 'pending': await new Promise(() => {});
    case 'circular': { const o = {}; o.o = o; return o; }
    case 'big': return 'x'.repeat(event.size);
    default: return { calls };
  }
};`;

function failureOf(outcome: InvokeOutcome): Extract<InvokeOutcome, { kind: 'function-error' }> {
  if (outcome.kind !== 'function-error') throw new Error(`it was ${outcome.kind}`);
  return outcome;
}

/** The lines of one invocation, without the clock's and interpreter's part. */
function linesOf(requestId: string): string[] {
  return t.messages().filter((message) => message.includes(requestId));
}

function reportOf(requestId: string): string {
  const [report, ...more] = linesOf(requestId).filter((line) => line.startsWith('REPORT '));
  if (report === undefined || more.length > 0) throw new Error(`${1 + more.length} REPORT lines`);
  return report;
}

function durationOf(requestId: string): number {
  return Number(/Duration: ([\d.]+) ms/.exec(reportOf(requestId))?.[1]);
}

describe('a handler that throws', () => {
  test('a handler that throws fails the call with its error, and the sandbox lives on', async () => {
    const { calls } = payloadOf(await t.invoke('faulty')) as { calls: number };
    const outcome = failureOf(await t.invoke('faulty', { fault: 'throw' }));
    expect(outcome.errorType).toBe('TypeError');
    expect(payloadOf(outcome)).toMatchObject({
      errorType: 'TypeError',
      errorMessage: 'no such sheep',
      trace: expect.arrayContaining(['TypeError: no such sheep']),
    });
    const lines = linesOf(outcome.requestId);
    expect(lines).toHaveLength(4);
    expect(lines[0]).toBe(`START RequestId: ${outcome.requestId} Version: $LATEST\n`);
    expect(lines[1]).toMatch(
      /\tERROR\tInvoke Error \t\{"errorType":"TypeError","errorMessage":"no such sheep"/,
    );
    expect(lines[2]).toBe(`END RequestId: ${outcome.requestId}\n`);
    // A handler's own error is no fault of the runtime: the REPORT line has no status.
    expect(lines[3]).toMatch(/^REPORT .*Max Memory Used: \d+ MB\t\n$/);
    expect(payloadOf(await t.invoke('faulty'))).toEqual({ calls: calls + 2 });
  });

  test('an answer that is no JSON fails the call', async () => {
    const outcome = failureOf(await t.invoke('faulty', { fault: 'circular' }));
    expect(payloadOf(outcome)).toMatchObject({
      errorType: 'Runtime.JSONStringifyError',
      errorMessage: 'Unable to stringify response body',
    });
  });

  test('a promise that nothing can settle any more fails the call', async () => {
    const outcome = failureOf(await t.invoke('faulty', { fault: 'pending' }));
    expect(payloadOf(outcome)).toMatchObject({ errorType: 'Runtime.NodeJsExit' });
  });

  test('an answer of more than 6 MB fails the call', async () => {
    const fits = await t.invoke('faulty', { fault: 'big', size: 6_291_554 });
    expect(fits.kind).toBe('ok');
    const outcome = failureOf(await t.invoke('faulty', { fault: 'big', size: 6_291_555 }));
    expect(payloadOf(outcome)).toEqual({
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    });
    expect((await t.invoke('faulty')).kind).toBe('ok');
  });
});

describe('a process that ends within an invocation', () => {
  test.each([
    [0, 'Runtime exited without providing a reason'],
    [3, 'Runtime exited with error: exit status 3'],
  ])(
    'a process that ends within an invocation with status %d fails the call and says so',
    async (status, reason) => {
      await t.invoke('faulty');
      const outcome = failureOf(await t.invoke('faulty', { fault: 'exit', status }));
      const { requestId } = outcome;
      expect(outcome.errorType).toBe('Runtime.ExitError');
      expect(payloadOf(outcome)).toEqual({
        errorType: 'Runtime.ExitError',
        errorMessage: `RequestId: ${requestId} Error: ${reason}`,
      });
      expect(linesOf(requestId).slice(0, 3)).toEqual([
        `START RequestId: ${requestId} Version: $LATEST\n`,
        `RequestId: ${requestId} Error: ${reason}\nRuntime.ExitError\n`,
        `END RequestId: ${requestId}\n`,
      ]);
      expect(reportOf(requestId)).toMatch(/\tStatus: error\tError Type: Runtime\.ExitError\n$/);
    },
  );

  test('a process that ends within an invocation by a signal names the signal', async () => {
    await t.create('killed', { 'index.mjs': FAULTS });
    const outcome = failureOf(await t.invoke('killed', { fault: 'kill' }));
    expect(payloadOf(outcome)).toEqual({
      errorType: 'Runtime.ExitError',
      errorMessage: `RequestId: ${outcome.requestId} Error: Runtime exited with error: signal: killed`,
    });
    // The process was new: its init is told and billed, though it failed.
    expect(reportOf(outcome.requestId)).toMatch(/\tInit Duration: [\d.]+ ms\tStatus: error\t/);
  });

  test('a process that ends within an invocation is followed by another in the same environment, whose init is part of the next duration', async () => {
    await t.create('again', { 'index.mjs': `${FAULTS}\nawait new Promise((r) => setTimeout(r, 100));` });
    await t.invoke('again');
    failureOf(await t.invoke('again', { fault: 'exit', status: 1 }));
    const outcome = await t.invoke('again');
    expect(payloadOf(outcome)).toEqual({ calls: 1 });
    if (outcome.kind === 'throttled') throw new Error(outcome.message);
    expect(reportOf(outcome.requestId)).not.toContain('Init Duration');
    expect(durationOf(outcome.requestId)).toBeGreaterThan(100);
    const streams = [...t.streams.keys()].filter((key) => key.startsWith('/aws/lambda/again '));
    expect(streams).toHaveLength(1);
    const starts = t.streams.get(streams[0] ?? '')?.filter((event) => event.message.startsWith('INIT_START'));
    expect(starts).toHaveLength(1);
  });
});

describe('an error that nobody catches', () => {
  test.each([
    ['reject', 'Runtime.UnhandledPromiseRejection', 'Error: nobody cares', 128],
    ['uncaught', 'RangeError', 'from nowhere', 129],
  ])(
    'an uncaught error (%s) fails the call, and ends the process',
    async (fault, errorType, errorMessage, status) => {
      const outcome = failureOf(await t.invoke('faulty', { fault }));
      expect(payloadOf(outcome)).toMatchObject({ errorType, errorMessage });
      expect(payloadOf(await t.invoke('faulty'))).toEqual({ calls: 1 });
      expect(t.messages()).toContain(
        `RequestId: ${outcome.requestId} Error: Runtime exited with error: exit status ${status}\nRuntime.ExitError\n`,
      );
    },
  );
});

describe('a handler that hangs', () => {
  test.each([
    ['hang', 'hanging'],
    ['spin', 'spinning'],
  ])('a handler that hangs (%s) is ended at its timeout', async (fault, line) => {
    await t.invoke('impatient');
    const startedMs = performance.now();
    const outcome = failureOf(await t.invoke('impatient', { fault }));
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(995);
    const { requestId } = outcome;
    expect(outcome.errorType).toBe('Sandbox.Timedout');
    expect(payloadOf(outcome)).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: `RequestId: ${requestId} Error: Task timed out after 1.00 seconds`,
    });
    const lines = linesOf(requestId);
    expect(lines[1]).toContain(line);
    expect(lines[2]).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:.]+Z [0-9a-f-]{36} Task timed out after 1\.00 seconds\n\n$/,
    );
    expect(reportOf(requestId)).toMatch(
      /\tDuration: 1000\.00 ms\tBilled Duration: 1000 ms\t.*\tStatus: timeout\n$/,
    );
    expect(payloadOf(await t.invoke('impatient'))).toEqual({ calls: 1 });
  });
});

describe('a handler that eats its memory', () => {
  test.each(['eat', 'gulp'])(
    'a handler that uses up its memory (%s) is ended as out of memory',
    async (fault) => {
      await t.invoke('hungry');
      const outcome = failureOf(await t.invoke('hungry', { fault }));
      const { requestId } = outcome;
      expect(outcome.errorType).toBe('Runtime.OutOfMemory');
      expect(payloadOf(outcome)).toEqual({
        errorType: 'Runtime.OutOfMemory',
        errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: signal: killed`,
      });
      expect(linesOf(requestId)).toContain(
        `RequestId: ${requestId} Error: Runtime exited with error: signal: killed\nRuntime.OutOfMemory\n`,
      );
      expect(reportOf(requestId)).toMatch(
        /\tMemory Size: 128 MB\tMax Memory Used: 128 MB\tStatus: error\tError Type: Runtime\.OutOfMemory\n$/,
      );
      expect(payloadOf(await t.invoke('hungry'))).toEqual({ calls: 1 });
    },
  );

  test('a handler whose memory fits is not ended, although Node itself takes a third of 128 MB', async () => {
    const code =
      'export const handler = async () => { const held = Buffer.alloc(50 * 1024 * 1024, 1); return held.length; };';
    await t.create('fits', { 'index.mjs': code }, { memorySizeMB: 128 });
    expect((await t.invoke('fits')).kind).toBe('ok');
    const [report] = t.reports().slice(-1);
    const usedMB = Number(/Max Memory Used: (\d+) MB/.exec(report ?? '')?.[1]);
    expect(usedMB).toBeGreaterThan(80);
    expect(usedMB).toBeLessThanOrEqual(128);
  });
});

describe('an init that fails', () => {
  const INIT_FAULTS: readonly [string, Record<string, string>, string, string, string][] = [
    [
      'a module that is not there',
      { 'other.mjs': '' },
      'index.handler',
      'Runtime.ImportModuleError',
      "Error: Cannot find module 'index'",
    ],
    [
      'a handler that is not there',
      { 'index.mjs': 'export const other = 1;' },
      'index.handler',
      'Runtime.HandlerNotFound',
      'index.handler is undefined or not exported',
    ],
    [
      'a handler that is no function',
      { 'index.mjs': 'export const handler = 1;' },
      'index.handler',
      'Runtime.HandlerNotFound',
      'index.handler is not a function',
    ],
    [
      'a handler name without a dot',
      { 'index.mjs': '' },
      'index',
      'Runtime.MalformedHandlerName',
      'Bad handler',
    ],
    [
      'a module that throws',
      { 'index.mjs': 'throw new RangeError("not today");' },
      'index.handler',
      'RangeError',
      'not today',
    ],
    [
      'a syntax error',
      { 'index.cjs': 'exports.handler = (' },
      'index.handler',
      'Runtime.UserCodeSyntaxError',
      'SyntaxError: Unexpected end of input',
    ],
  ];

  test.each(INIT_FAULTS)(
    'an init that fails (%s) is tried twice and fails the call',
    async (_name, files, handler, type, message) => {
      const name = `init-${INIT_FAULTS.findIndex((fault) => fault[1] === files)}`;
      await t.create(name, files, { handler });
      const outcome = failureOf(await t.invoke(name));
      expect(outcome.errorType).toBe(type);
      const payload = payloadOf(outcome);
      expect(payload).toMatchObject({ errorType: type });
      expect((payload as { errorMessage: string }).errorMessage.split('\n')[0]).toBe(message);
      const messages =
        t.streams.get([...t.streams.keys()].find((key) => key.includes(`/${name} `)) ?? '') ?? [];
      const own = messages.map((event) => event.message).filter((line) => !line.includes('\tERROR\t'));
      expect(own[0]).toMatch(
        /^INIT_START Runtime Version: nodejs:\d+\.\d+\.\d+\tRuntime Version ARN: arn:aws:/,
      );
      expect(own[1]).toMatch(
        new RegExp(
          `^INIT_REPORT Init Duration: [\\d.]+ ms\tPhase: init\tStatus: error\tError Type: ${type}\n$`,
        ),
      );
      expect(own[2]).toMatch(
        new RegExp(
          `^INIT_REPORT Init Duration: [\\d.]+ ms\tPhase: invoke\tStatus: error\tError Type: ${type}\n$`,
        ),
      );
      expect(own.slice(3, 5)).toEqual([
        `START RequestId: ${outcome.requestId} Version: $LATEST\n`,
        `END RequestId: ${outcome.requestId}\n`,
      ]);
      expect(own[5]).toMatch(new RegExp(`\tStatus: error\tError Type: ${type}\n$`));
      expect(own).toHaveLength(6);
    },
  );

  test('an init that exits is a Runtime.ExitError', async () => {
    await t.create('init-exit', { 'index.mjs': 'process.exit(7);' });
    const outcome = failureOf(await t.invoke('init-exit'));
    expect(payloadOf(outcome)).toEqual({
      errorType: 'Runtime.ExitError',
      errorMessage: `RequestId: ${outcome.requestId} Error: Runtime exited with error: exit status 7`,
    });
    expect(reportOf(outcome.requestId)).toMatch(/\tStatus: error\tError Type: Runtime\.ExitError\n$/);
  });

  test('the next call tries again', async () => {
    await t.create('init-heals', {
      'index.mjs': `import { existsSync, writeFileSync } from 'node:fs';
const file = process.env.HOME + '/tried';
const tries = existsSync(file + '1') ? (existsSync(file + '2') ? 3 : 2) : 1;
writeFileSync(file + tries, '');
if (tries < 3) throw new Error('try ' + tries);
export const handler = async () => tries;`,
    });
    expect(payloadOf(failureOf(await t.invoke('init-heals')))).toMatchObject({ errorMessage: 'try 2' });
    expect(payloadOf(await t.invoke('init-heals'))).toBe(3);
  });

  test('an init that succeeds when repeated serves the call, without an Init Duration', async () => {
    await t.create('init-second', {
      'index.mjs': `import { existsSync, writeFileSync } from 'node:fs';
const file = process.env.HOME + '/tried';
if (!existsSync(file)) { writeFileSync(file, ''); throw new Error('once'); }
export const handler = async () => 'served';`,
    });
    const outcome = await t.invoke('init-second');
    expect(payloadOf(outcome)).toBe('served');
    expect(t.reports().at(-1)).not.toContain('Init Duration');
  });
});

describe('an init that hangs', () => {
  test('an init that hangs is ended after ten seconds, repeated, and ended at the timeout', {
    timeout: 30_000,
  }, async () => {
    const { outcome: hung, elapsedMs } = await hanging;
    const outcome = failureOf(hung);
    expect(elapsedMs).toBeGreaterThanOrEqual(10_990);
    const { requestId } = outcome;
    expect(payloadOf(outcome)).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: `RequestId: ${requestId} Error: Task timed out after 1.00 seconds`,
    });
    const own = slow.messages();
    expect(own.filter((line) => line.startsWith('INIT_REPORT'))).toEqual([
      'INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout\n',
      'INIT_REPORT Init Duration: 1000.00 ms\tPhase: invoke\tStatus: timeout\n',
    ]);
    expect(own.at(-3)).toMatch(new RegExp(`^\\S+ ${requestId} Task timed out after 1\\.00 seconds\n\n$`));
    expect(own.at(-1)).toMatch(/\tDuration: 1000\.00 ms\t.*\tStatus: timeout\n$/);
  });
});

describe('afterwards', () => {
  test('no call has been lost, and every one has its REPORT line', () => {
    const starts = t.messages().filter((message) => message.startsWith('START ')).length;
    expect(t.reports()).toHaveLength(starts);
  });

  test('closing ends every process', async () => {
    await t.lambda.close();
    await expect.poll(() => t.children.size).toBe(0);
  });
});

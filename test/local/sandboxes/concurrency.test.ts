import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGate } from './gate.ts';
import { configuration, payloadOf, startLambda, type TestLambda, zip } from './harness.ts';

let t: TestLambda;
beforeEach(async () => {
  t = await startLambda({ cores: 2 });
});
afterEach(() => t.close());

const SLEEPER =
  'export const handler = async (event) => { const at = Date.now(); await new Promise((r) => setTimeout(r, event.ms)); return { i: event.i, pid: process.pid, at, until: Date.now() }; };';

/** A function whose calls are in progress until a gate opens, and its gate. */
const AT_GATE =
  'export const handler = async ({ i, gate }) => { await (await fetch(gate)).text(); return { i }; };';

interface Slept {
  readonly i: number;
  readonly pid: number;
  readonly at: number;
  readonly until: number;
}

describe('many calls at once', () => {
  test('many calls at once are all answered, each with one REPORT line, by as many sandboxes as there are cores', async () => {
    await t.create('many', { 'index.mjs': SLEEPER });
    const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => t.invoke('many', { i, ms: 3 })));
    const slept = answers.map((outcome) => payloadOf(outcome) as Slept);
    expect(slept.map(({ i }) => i)).toEqual(Array.from({ length: 60 }, (_, i) => i));
    expect(new Set(slept.map(({ pid }) => pid)).size).toBe(2);
    expect(t.lambda.startsAtOnce).toBe(2);
    expect(t.reports()).toHaveLength(60);
    expect(t.reports().filter((line) => line.includes('Init Duration'))).toHaveLength(2);
    // No sandbox runs two calls at the same time.
    for (const pid of new Set(slept.map((each) => each.pid))) {
      const own = slept.filter((each) => each.pid === pid).sort((a, b) => a.at - b.at);
      for (const [index, each] of own.entries()) {
        expect(each.at).toBeGreaterThanOrEqual(own[index - 1]?.until ?? 0);
      }
    }
  });

  test('many calls at once run in the order in which they came, whichever function they are for', async () => {
    await t.create('first', { 'index.mjs': SLEEPER });
    await t.create('second', { 'index.mjs': SLEEPER });
    const order: string[] = [];
    await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        const name = i % 2 === 0 ? 'first' : 'second';
        await t.lambda.control.invoke(name, Buffer.from(JSON.stringify({ i, ms: 20 })), {
          onDispatch: () => order.push(`${name} ${i}`),
        });
      }),
    );
    expect(order).toEqual(Array.from({ length: 8 }, (_, i) => `${i % 2 === 0 ? 'first' : 'second'} ${i}`));
  });

  test('the time that many calls at once wait for a sandbox is not part of their duration', async () => {
    await t.create('waits', { 'index.mjs': SLEEPER });
    const beforeMs = performance.now();
    await Promise.all(Array.from({ length: 10 }, (_, i) => t.invoke('waits', { i, ms: 50 })));
    const elapsedMs = performance.now() - beforeMs;
    const durations = t.reports().map((line) => Number(/\tDuration: ([\d.]+) ms/.exec(line)?.[1]));
    expect(durations).toHaveLength(10);
    expect(Math.min(...durations)).toBeGreaterThanOrEqual(49);
    // The calls of one sandbox follow each other, so their durations fit into the time that passed.
    const sandboxes = t.messages().filter((line) => line.startsWith('INIT_START')).length;
    expect(sandboxes).toBeLessThan(10);
    expect(durations.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(sandboxes * elapsedMs);
  });

  test('many calls at once are all answered even if some of them fail', async () => {
    await t.create(
      'mixed',
      {
        'index.mjs': `export const handler = async ({ i }) => {
          if (i % 5 === 1) throw new Error('one');
          if (i % 5 === 2) process.exit(2);
          if (i % 5 === 3) await new Promise(() => setTimeout(() => {}, 60_000));
          return i;
        };`,
      },
      { timeoutSeconds: 1 },
    );
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, i) => t.invoke('mixed', { i })));
    expect(outcomes.filter(({ kind }) => kind === 'ok')).toHaveLength(8);
    expect(outcomes.filter(({ kind }) => kind === 'function-error')).toHaveLength(12);
    expect(t.reports()).toHaveLength(20);
    expect(t.reports().filter((line) => line.includes('Status: timeout'))).toHaveLength(4);
    expect(t.reports().filter((line) => line.includes('Error Type: Runtime.ExitError'))).toHaveLength(4);
  });

  test('calls that follow each other are served by one sandbox', async () => {
    await t.create('turn', { 'index.mjs': SLEEPER });
    const pids = new Set<number>();
    for (let i = 0; i < 20; i += 1) pids.add((payloadOf(await t.invoke('turn', { i, ms: 0 })) as Slept).pid);
    expect(pids.size).toBe(1);
  });
});

describe('a sandbox that cannot be created', () => {
  test('a sandbox that cannot be created fails its own call and no other', async () => {
    await t.close();
    t = await startLambda({ cores: 2, namespaceWays: [] });
    await t.create('works', { 'index.mjs': SLEEPER });
    await t.create('unmade', { 'index.mjs': SLEEPER });
    await t.invoke('works', { i: 0, ms: 0 });
    // A file now has the name of the folder in which scratch folders are created.
    await rm(join(t.dataDir, 'lambda', 'scratch'), { recursive: true });
    await writeFile(join(t.dataDir, 'lambda', 'scratch'), '');
    const [unmade, works] = await Promise.allSettled([
      t.invoke('unmade'),
      t.invoke('works', { i: 1, ms: 0 }),
    ]);
    expect(unmade).toMatchObject({
      status: 'rejected',
      reason: {
        code: 'ServiceException',
        message: 'The local cloud could not create a sandbox; its log has the reason',
      },
    });
    expect(works.status).toBe('fulfilled');
    expect(t.cloudLog).toEqual([
      expect.stringContaining('share /tmp'),
      expect.stringContaining('The sandbox of unmade-2 could not be created: Error: '),
    ]);
  });
});

describe('reserved concurrency', () => {
  test('calls beyond the reserved concurrency are throttled immediately', async () => {
    await t.create('reserved', { 'index.mjs': SLEEPER }, { reservedConcurrency: 1 });
    const [first, second] = await Promise.all([
      t.invoke('reserved', { i: 0, ms: 30 }),
      t.invoke('reserved', { i: 1, ms: 30 }),
    ]);
    expect(first.kind).toBe('ok');
    expect(second).toEqual({ kind: 'throttled', message: 'Rate Exceeded.' });
    expect((await t.invoke('reserved', { i: 2, ms: 0 })).kind).toBe('ok');
    expect(t.reports()).toHaveLength(2);
  });

  test('a reserved concurrency of 0 throttles every call', async () => {
    await t.create('off', { 'index.mjs': SLEEPER }, { reservedConcurrency: 0 });
    expect((await t.invoke('off')).kind).toBe('throttled');
  });
});

describe('a function that changes', () => {
  test('a function that changes runs its new code from the next call on, in a new sandbox', async () => {
    await t.create('changes', { 'index.mjs': 'export const handler = async () => 1;' });
    expect(payloadOf(await t.invoke('changes'))).toBe(1);
    const [pid] = t.children;
    await t.lambda.control.updateFunction(configuration('changes'), {
      zip: await zip({ 'index.mjs': 'export const handler = async () => 2;' }),
    });
    expect(payloadOf(await t.invoke('changes'))).toBe(2);
    expect(t.reports().at(-1)).toContain('Init Duration');
    await expect.poll(() => t.children.has(pid ?? 0)).toBe(false);
  });

  test('a function that changes keeps its code when only its configuration changes', async () => {
    await t.create('configured', {
      'index.mjs': 'export const handler = async () => process.env.WORD ?? null;',
    });
    expect(payloadOf(await t.invoke('configured'))).toBeNull();
    await t.lambda.control.updateFunction(
      configuration('configured', { environment: { WORD: 'new' } }),
      undefined,
    );
    expect(payloadOf(await t.invoke('configured'))).toBe('new');
  });

  test('a function that changes finishes a call in progress with the code with which the call began', async () => {
    await using gate = await createGate();
    await t.create('under-way', { 'index.mjs': AT_GATE });
    const running = t.invoke('under-way', { i: 7, gate: gate.url });
    await expect.poll(gate.waiting).toBe(1);
    await t.lambda.control.updateFunction(configuration('under-way'), {
      zip: await zip({ 'index.mjs': 'export const handler = async () => "new";' }),
    });
    expect(payloadOf(await t.invoke('under-way'))).toBe('new');
    gate.open();
    expect(payloadOf(await running)).toMatchObject({ i: 7 });
  });

  test('a function that is deleted ends its sandboxes and refuses calls', async () => {
    await t.create('gone', { 'index.mjs': SLEEPER });
    await t.invoke('gone', { i: 0, ms: 0 });
    expect(t.children.size).toBe(1);
    await t.lambda.control.deleteFunction('gone');
    await expect(t.invoke('gone')).rejects.toMatchObject({ code: 'ResourceNotFoundException', status: 404 });
    await expect.poll(() => t.children.size).toBe(0);
  });

  test('a function that is deleted refuses the calls that wait, and finishes those in progress', async () => {
    await using gate = await createGate();
    await t.create('half', { 'index.mjs': AT_GATE });
    const calls = Promise.allSettled(
      Array.from({ length: 4 }, (_, i) => t.invoke('half', { i, gate: gate.url })),
    );
    await expect.poll(gate.waiting).toBe(2);
    await t.lambda.control.deleteFunction('half');
    gate.open();
    const settled = await calls;
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
    await expect.poll(() => t.children.size).toBe(0);
  });
});

describe('the end of the cloud', () => {
  test('the end of the cloud settles every call and ends every process', async () => {
    await using gate = await createGate();
    await t.create('ends', { 'index.mjs': AT_GATE });
    const calls = Promise.allSettled(
      Array.from({ length: 5 }, (_, i) => t.invoke('ends', { i, gate: gate.url })),
    );
    await expect.poll(gate.waiting).toBe(2);
    await t.lambda.close();
    const settled = await calls;
    expect(settled.map((result) => (result.status === 'fulfilled' ? result.value.kind : 'refused'))).toEqual([
      'function-error',
      'function-error',
      'refused',
      'refused',
      'refused',
    ]);
    expect(t.children.size).toBe(0);
    await expect(t.invoke('ends')).rejects.toMatchObject({ code: 'ServiceException' });
  });

  test('the end of the cloud while a sandbox starts leaves no process', async () => {
    await t.create('starting', { 'index.mjs': SLEEPER });
    const call = t.invoke('starting', { i: 0, ms: 0 });
    await t.lambda.close();
    expect(t.children.size).toBe(0);
    expect((await call).kind).toBe('function-error');
    await sleep(200);
    expect(t.children.size).toBe(0);
  });
});

describe('a configuration that Lambda refuses', () => {
  test.each([
    [
      { runtime: 'ruby3.4' },
      'InvalidParameterValueException',
      /^Value ruby3\.4 at 'runtime' is not a runtime of the local cloud, which has: nodejs18\.x, /,
    ],
    [
      { memorySizeMB: 64 },
      'ValidationException',
      /Value '64' at 'memorySize' .*greater than or equal to 128/,
    ],
    [{ memorySizeMB: 10_241 }, 'ValidationException', /less than or equal to 10240/],
    [{ timeoutSeconds: 901 }, 'ValidationException', /Value '901' at 'timeout' .*less than or equal to 900/],
    [{ handler: 'a b' }, 'ValidationException', /Value 'a b' at 'handler'/],
    [
      { environment: { AWS_REGION: 'x' } },
      'InvalidParameterValueException',
      /Reserved keys used in this request: AWS_REGION$/,
    ],
    [{ environment: { BIG: 'x'.repeat(4096) } }, 'InvalidParameterValueException', /exceeded the 4KB limit/],
    [{ environment: { '1A': '' } }, 'ValidationException', /Map keys must satisfy/],
  ])('the configuration %j is refused as by Lambda', async (overrides, code, message) => {
    await expect(t.create('refused', { 'index.mjs': '' }, overrides)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect(t.lambda.control.functionExists('refused')).toBe(false);
  });

  test('code that is no zip is refused as by Lambda', async () => {
    await expect(
      t.lambda.control.createFunction(configuration('nozip'), { zip: Buffer.from('hello') }),
    ).rejects.toMatchObject({
      code: 'InvalidParameterValueException',
      message: expect.stringMatching(/^Could not unzip uploaded file: /),
    });
  });

  test('a function with the name of an existing one is refused as by Lambda', async () => {
    await t.create('taken', { 'index.mjs': '' });
    await expect(t.create('taken', { 'index.mjs': '' })).rejects.toMatchObject({
      code: 'ResourceConflictException',
      status: 409,
      message: 'Function already exist: taken',
    });
  });
});

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ask, openTerminal, wantsColor } from '../src/terminal.ts';

/** A stream that takes nothing, with the error that the system gives. */
const failing = (code: string): Writable =>
  new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code, syscall: 'write' })),
  });

function working(): Writable & { text: string } {
  const stream = Object.assign(
    new Writable({
      write: (chunk, _encoding, done) => {
        stream.text += String(chunk);
        done();
      },
    }),
    { text: '' },
  );
  return stream;
}

const open = (stdout: Writable, stderr: Writable) =>
  openTerminal({ stdout, stderr, env: {} } as unknown as NodeJS.Process);

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a stream that takes nothing any more', () => {
  test.each(['EPIPE', 'EIO', 'ENOSPC'])(
    'stderr that takes nothing any more (%s) ends the messages, but neither the work nor its result',
    async (code) => {
      const stdout = working();
      const terminal = open(stdout, failing(code));
      terminal.writeError('progress');
      await settled();
      terminal.writeError('more');
      terminal.writeOut('the result');
      expect(await terminal.close()).toBeUndefined();
      expect(stdout.text).toBe('the result');
      expect(terminal.outGone.aborted).toBe(false);
    },
  );

  test.each(['EPIPE', 'EIO'])('stdout that nobody reads any more (%s) is not a failure', async (code) => {
    const terminal = open(failing(code), working());
    terminal.writeOut('the result');
    await settled();
    expect(terminal.outGone.aborted).toBe(true);
    expect(await terminal.close()).toBeUndefined();
  });

  test('stdout on a full disk is reported, because the result is lost', async () => {
    const terminal = open(failing('ENOSPC'), working());
    terminal.writeOut('the result');
    expect(await terminal.close()).toMatchObject({ code: 'ENOSPC' });
  });
});

describe('messages to a pipe or a file', () => {
  const stderrOf = (fd: number) => Object.assign(working(), { fd });

  function temporaryFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'shedbench-terminal-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    return folder;
  }

  test('a message is written at once, not through the stream', () => {
    const path = join(temporaryFolder(), 'messages');
    const fd = openSync(path, 'w');
    const stderr = stderrOf(fd);
    open(working(), stderr).writeError('50 % – done');
    closeSync(fd);
    expect(readFileSync(path, 'utf8')).toBe('50 % – done\n');
    expect(stderr.text).toBe('');
  });

  test('a message that the system does not take goes through the stream', () => {
    const path = join(temporaryFolder(), 'messages');
    writeFileSync(path, '');
    const fd = openSync(path, 'r');
    const stderr = stderrOf(fd);
    open(working(), stderr).writeError('done');
    closeSync(fd);
    expect(stderr.text).toBe('done\n');
  });

  test('a message waits behind those that the stream has not written yet', () => {
    const path = join(temporaryFolder(), 'messages');
    const fd = openSync(path, 'w');
    const stderr = stderrOf(fd);
    stderr.cork();
    stderr.write('first\n');
    open(working(), stderr).writeError('second');
    stderr.uncork();
    closeSync(fd);
    expect(stderr.text).toBe('first\nsecond\n');
    expect(readFileSync(path, 'utf8')).toBe('');
  });
});

describe('the width of a terminal', () => {
  test('the width of a terminal is unknown where the terminal says 0, at the start and after a resize', () => {
    const stdout = Object.assign(working(), { isTTY: true, columns: 0, rows: 0 });
    const stderr = Object.assign(working(), { isTTY: true, columns: 120, rows: 40 });
    expect(open(stdout, stderr).columns).toBe(100);
    expect([stdout.columns, stdout.rows, stderr.columns]).toEqual([undefined, undefined, 120]);
    stderr.columns = 0;
    expect(stderr.columns).toBeUndefined();
    stderr.columns = 90;
    expect(stderr.columns).toBe(90);
  });
});

describe('colour', () => {
  test.each([
    ['auto', {}, true, true],
    ['auto', {}, false, false],
    ['auto', { TERM: 'dumb' }, true, false],
    ['auto', { NO_COLOR: '1' }, true, false],
    ['auto', { FORCE_COLOR: '1' }, false, true],
    ['auto', { FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
    ['auto', { FORCE_COLOR: '0' }, true, false],
    ['never', { FORCE_COLOR: '1' }, true, false],
    ['always', { NO_COLOR: '1' }, false, true],
  ] as const)(
    '--color %s with the environment %j and isTTY %s decides for colour: %s',
    (when, env, isTerminal, expected) => {
      expect(wantsColor(when, env, isTerminal)).toBe(expected);
    },
  );
});

describe('how much is shown', () => {
  test('quiet shows warnings and nothing else', async () => {
    const stderr = working();
    const interrupt = { first: new AbortController().signal, second: new AbortController().signal };
    const process = { stdout: working(), stderr, stdin: {}, env: {}, cwd: () => '/' };
    const terminal = openTerminal(process as unknown as NodeJS.Process);
    const world = await terminal.openWorld(
      { json: false, color: 'auto', verbosity: 'quiet' },
      interrupt,
      '0.0.0',
    );
    world.deps.emit({ type: 'note', message: 'where' });
    world.deps.emit({ type: 'warning', code: 'x', message: 'careful' });
    world.close();
    expect(stderr.text).toBe('warning: careful\n');
  });
});

describe('what others wrote', () => {
  test('what others wrote is told on a terminal with its control characters as escapes, and raw in a JSON line only', async () => {
    const stderr = working();
    const interrupt = { first: new AbortController().signal, second: new AbortController().signal };
    for (const json of [false, true]) {
      const process = { stdout: working(), stderr, stdin: {}, env: {}, cwd: () => '/' };
      const terminal = openTerminal(process as unknown as NodeJS.Process);
      const world = await terminal.openWorld(
        { json, color: 'auto', verbosity: 'normal' },
        interrupt,
        '0.0.0',
      );
      world.deps.emit({ type: 'note', message: '\u001b[2J\u202e' });
      world.close();
    }
    expect(stderr.text).toBe('\\u001b[2J\\u202e\n{"type":"note","message":"\\u001b[2J\\u202e"}\n');
  });
});

describe('a question', () => {
  function asked() {
    const stdin = new PassThrough();
    const stderr = working();
    const signals: string[] = [];
    const process = {
      stdin,
      stderr,
      pid: 1,
      kill: (_pid: number, signal: string) => signals.push(signal) > 0,
    } as unknown as NodeJS.Process;
    const interrupt = new AbortController();
    return { stdin, stderr, interrupt, answer: ask('Go on?', process, interrupt.signal) };
  }

  test.each([
    ['y', true],
    ['YES', true],
    [' y ', true],
    ['', false],
    ['n', false],
    ['yeah', false],
  ])('a question answered %j is %s', async (line, agreed) => {
    const { stdin, stderr, answer } = asked();
    stdin.write(`${line}\n`);
    expect(await answer).toBe(agreed);
    expect(stderr.text).toContain('Go on? [y/N] ');
  });

  test('a question whose input ends (Ctrl-D) is answered no', async () => {
    const { stdin, answer } = asked();
    stdin.end();
    expect(await answer).toBe(false);
  });

  test('a question that an interrupt ends is answered no', async () => {
    const { interrupt, answer } = asked();
    await settled();
    interrupt.abort();
    expect(await answer).toBe(false);
  });
});

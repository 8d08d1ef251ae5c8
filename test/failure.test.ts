import { describe, expect, test } from 'vitest';
import { awsError, fileError, ShedbenchError, usageError } from '../src/errors.ts';
import { failureLines, failureOf } from '../src/failure.ts';

const systemError = (code: string, syscall: string, path?: string): Error =>
  Object.assign(new Error(`${code}: ${syscall}`), { code, syscall, ...(path === undefined ? {} : { path }) });

describe('a failure after Ctrl-C', () => {
  const aborted = Object.assign(new Error('Request aborted'), { name: 'AbortError' });
  const wrapped = awsError('aws-error', 'sts:GetCallerIdentity: Request aborted', undefined, aborted);

  test.each([
    ['the abort itself', aborted],
    ['an error of AWS that was made from the abort', wrapped],
    ['an error two steps away from it', new Error('verify failed', { cause: wrapped })],
  ])('a failure after Ctrl-C of %s is told as interrupted, with exit 130', (_, error) => {
    expect(failureOf(error, true)).toEqual({ code: 'interrupted', message: 'interrupted.', exitCode: 130 });
  });

  test('a failure after Ctrl-C that says itself how far the work came keeps its own words', () => {
    const detached = new ShedbenchError({
      code: 'detached',
      message: 'CloudFormation works on',
      exitCode: 130,
      cause: aborted,
    });
    expect(failureOf(detached, true)).toMatchObject({ code: 'detached', exitCode: 130 });
  });

  test('a failure after Ctrl-C of another kind is still that failure', () => {
    expect(failureOf(awsError('network', 'no connection'), true)).toMatchObject({
      code: 'network',
      exitCode: 3,
    });
  });
});

describe('a failure of the files of this machine', () => {
  test('a failure of the files of this machine is one clear line that names the path and the reason, with exit 2', () => {
    const failure = failureOf(systemError('EACCES', 'open', '/shed/.shedbench/runs/x.json'), false);
    expect(failure).toMatchObject({
      code: 'file-trouble',
      exitCode: 2,
      message: "/shed/.shedbench/runs/x.json can't be used: permission denied.",
    });
    expect(failureLines(failure)).toEqual([
      "shedbench: /shed/.shedbench/runs/x.json can't be used: permission denied.",
      '  Records are kept in .shedbench/ of the folder that the command runs in: run it in one that you may write to',
    ]);
  });

  test('a failure of the files of this machine is told without a path where the system names none: a full disk while writing', () => {
    expect(fileError(systemError('ENOSPC', 'write'))).toMatchObject({
      message: "A file can't be used: no space is left on the disk.",
      hint: undefined,
    });
  });

  test.each([
    ['ENOENT', 'open'],
    ['EACCES', 'connect'],
    ['EACCES', 'spawn tool'],
    ['ECONNRESET', 'read'],
  ])('a failure of the files of this machine is not seen in %s of %s', (code, syscall) => {
    expect(fileError(systemError(code, syscall, '/x'))).toBeUndefined();
  });
});

describe('a failure', () => {
  test('a failure that was foreseen keeps its code, ends in a full stop and has its hint under it', () => {
    const failure = failureOf(usageError('bad-thing', 'This is bad', 'one\ntwo'), false);
    expect(failure).toEqual({ code: 'bad-thing', message: 'This is bad.', hint: 'one\ntwo', exitCode: 2 });
    expect(failureLines(failure)).toEqual(['shedbench: This is bad.', '  one', '  two']);
  });

  test('message and hint break at words within the columns of the terminal, and a command stays whole', () => {
    const failure = { code: 'x', message: 'One two three four five six.', exitCode: 2 as const };
    expect(failureLines({ ...failure, hint: 'Seven eight nine ten.\nshedbench report --run a' }, 20)).toEqual(
      [
        'shedbench: One two',
        '  three four five',
        '  six.',
        '  Seven eight nine',
        '  ten.',
        '  shedbench report --run a',
      ],
    );
  });

  test('a failure by an abort after an interrupt is the interrupt, and without one a bug', () => {
    const abort = Object.assign(new Error('aborted'), { name: 'AbortError' });
    expect(failureOf(abort, true)).toEqual({ code: 'interrupted', message: 'interrupted.', exitCode: 130 });
    expect(failureOf(abort, false)).toMatchObject({ code: 'bug', exitCode: 1 });
  });

  test('a failure that nobody foresaw shows its stack and asks to be reported', () => {
    const failure = failureOf(new TypeError('x is not a function'), false);
    expect(failure).toMatchObject({ code: 'bug', message: 'x is not a function', exitCode: 1 });
    const [stack, hint] = failureLines(failure);
    expect(stack).toMatch(/^TypeError: x is not a function\n\s+at /);
    expect(hint).toBe('This is a bug in shedbench; please report it with the lines above.');
    expect(failureLines(failureOf('thrown text', false))[0]).toBe('thrown text');
  });
});

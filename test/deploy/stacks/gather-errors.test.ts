import { describe, expect, test } from 'vitest';
import { gatherErrors } from '../../../src/deploy/stacks/gather-errors.ts';
import { awsError, ShedbenchError } from '../../../src/errors.ts';
import { settleAll } from '../../../src/model/settle-all.ts';

const stopped = new ShedbenchError({ code: 'interrupted', message: 'stopped', exitCode: 130 });
const letGo = new ShedbenchError({ code: 'detached', message: 'let go', exitCode: 130 });
const failed = awsError('stack-failed', 'a failed', 'do this');
const alsoFailed = awsError('stack-failed', 'b failed', 'do that');

describe('of several errors', () => {
  test('letting go counts before everything', () => {
    expect(gatherErrors([failed, stopped, letGo])).toBe(letGo);
  });

  test('a failure counts before an interruption', () => {
    expect(gatherErrors([stopped, failed])).toBe(failed);
    expect(gatherErrors([stopped, stopped])).toMatchObject({ code: 'interrupted', exitCode: 130 });
  });

  test('a bug is reported before any other error', () => {
    const bug = new TypeError('x');
    expect(gatherErrors([failed, bug])).toBe(bug);
  });

  test('further failures are named after the first, whose hint stands', () => {
    expect(gatherErrors([failed, alsoFailed])).toMatchObject({
      code: 'stack-failed',
      message: 'a failed\nb failed',
      hint: 'do this',
      exitCode: 3,
    });
  });
});

test('all work is waited for before one failure ends it', async () => {
  let ended = false;
  const slow = new Promise<void>((resolve) =>
    setImmediate(() => {
      ended = true;
      resolve();
    }),
  );
  await expect(settleAll([Promise.reject(failed), slow])).rejects.toBe(failed);
  expect(ended).toBe(true);
  expect(await settleAll([Promise.resolve(1), Promise.resolve(2)])).toEqual([1, 2]);
});

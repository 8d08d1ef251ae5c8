import { afterEach, describe, expect, test } from 'vitest';
import {
  type FunctionSettings,
  NONCE_VARIABLE,
  putBackLeftBehind,
  withFunctionSettings,
} from '../../../src/deploy/settings/function-settings.ts';
import { failureOf } from '../../failure-of.ts';
import { serviceError } from '../fake/fake-cloudformation.ts';
import { FakeLambda } from './fake-lambda.ts';

const AS_IT_WAS = { memory: 128, variables: { TABLE: 'shed' } };
const opened: FakeLambda[] = [];

function fakeLambda(...names: readonly string[]): FakeLambda {
  const lambda = new FakeLambda(...names);
  opened.push(lambda);
  return lambda;
}

afterEach(() => {
  for (const lambda of opened.splice(0)) lambda.close();
});

/** A command that changes functions and is killed before it can put them back. */
async function killedAfter(
  lambda: FakeLambda,
  work: (settings: FunctionSettings) => Promise<void>,
): Promise<void> {
  let changed: () => void = () => {};
  const isChanged = new Promise<void>((resolve) => {
    changed = resolve;
  });
  void withFunctionSettings(lambda.deps(), async (settings) => {
    await work(settings);
    changed();
    await new Promise(() => {});
  });
  await isChanged;
}

describe('changing the settings of functions', () => {
  test('each change sets the nonce variable to a new value, keeps the other variables, and waits until the update is done', async () => {
    const lambda = fakeLambda('cat', 'dog');
    const nonces: (string | undefined)[] = [];
    const { result, isPutBack } = await withFunctionSettings(lambda.deps(), async (settings) => {
      for (let time = 1; time <= 2; time++) {
        const before = lambda.clock.now();
        await settings.change(['cat', 'dog'], { retiresEnvironments: true });
        expect(lambda.clock.now() - before).toBeGreaterThanOrEqual(1500);
        const { variables } = lambda.settingsOf('cat');
        expect(variables.TABLE).toBe('shed');
        nonces.push(variables[NONCE_VARIABLE], lambda.settingsOf('dog').variables[NONCE_VARIABLE]);
      }
      return 'measured';
    });
    expect(new Set(nonces).size).toBe(4);
    expect(nonces).not.toContain(undefined);
    expect({ result, isPutBack }).toEqual({ result: 'measured', isPutBack: true });
    expect(lambda.settingsOf('cat')).toEqual(AS_IT_WAS);
    expect(lambda.settingsOf('dog')).toEqual(AS_IT_WAS);
    expect(lambda.records()).toEqual([]);
    expect(lambda.warnings()).toEqual([]);
  });

  test('after several memory sizes the first one is put back', async () => {
    const lambda = fakeLambda('cat');
    await withFunctionSettings(lambda.deps(), async (settings) => {
      for (const memorySizeMB of [256, 512]) {
        await settings.change(['arn:aws:lambda:eu-west-3:123456789012:function:cat'], { memorySizeMB });
        expect(lambda.settingsOf('cat').memory).toBe(memorySizeMB);
      }
    });
    expect(lambda.settingsOf('cat')).toEqual(AS_IT_WAS);
  });

  test('a size that the function has already is no change, and writes no record', async () => {
    const lambda = fakeLambda('cat');
    await withFunctionSettings(lambda.deps(), async (settings) => {
      await settings.change(['cat'], { memorySizeMB: 128 });
      expect(lambda.records()).toEqual([]);
    });
    expect(lambda.updates).toEqual([]);
  });

  test('the record is on disk before the first update is sent', async () => {
    const lambda = fakeLambda('cat');
    const seen: number[] = [];
    lambda.onUpdate = () => seen.push(lambda.records().length);
    await withFunctionSettings(lambda.deps(), (settings) => settings.change(['cat'], { memorySizeMB: 512 }));
    expect(seen).toEqual([1, 1]);
  });

  test('the record holds no value of an environment variable', async () => {
    const lambda = fakeLambda('cat');
    lambda.meddle('cat', { Environment: { Variables: { TOKEN: 'very-secret' } } });
    await killedAfter(lambda, (settings) => settings.change(['cat'], { retiresEnvironments: true }));
    const { readFileSync } = await import('node:fs');
    const [name = ''] = lambda.records();
    expect(readFileSync(`${lambda.cwd}/.shedbench/changed-functions/${name}`, 'utf8')).not.toContain(
      'secret',
    );
  });

  test('a version or an alias is refused before anything is changed', async () => {
    const lambda = fakeLambda('cat');
    for (const reference of ['cat:prod', 'arn:aws:lambda:eu-west-3:123456789012:function:cat:7']) {
      const failure = await failureOf(
        withFunctionSettings(lambda.deps(), (settings) =>
          settings.change([reference], { memorySizeMB: 512 }),
        ),
      );
      expect(failure).toMatchObject({ code: 'qualified-function', exitCode: 2 });
    }
    expect(lambda.updates).toEqual([]);
  });

  test('a function that does not exist is named with region and account, and the others are put back', async () => {
    const lambda = fakeLambda('cat');
    const failure = await failureOf(
      withFunctionSettings(lambda.deps(), (settings) =>
        settings.change(['cat', 'cow'], { retiresEnvironments: true }),
      ),
    );
    expect(failure.message).toBe('There is no function cow in eu-west-3 of account 123456789012.');
    expect(lambda.settingsOf('cat')).toEqual(AS_IT_WAS);
    expect(lambda.records()).toEqual([]);
  });

  test('variables that can not be read are never written back', async () => {
    const lambda = fakeLambda('cat');
    lambda.meddle('cat', {
      Environment: { Error: { ErrorCode: 'AccessDeniedException', Message: 'no key' } },
    });
    const failure = await failureOf(
      withFunctionSettings(lambda.deps(), (settings) =>
        settings.change(['cat'], { retiresEnvironments: true }),
      ),
    );
    expect(failure.code).toBe('environment-unreadable');
    expect(lambda.updates).toEqual([]);
  });

  test('an update whose answer got lost is not taken for a change of somebody else', async () => {
    const lambda = fakeLambda('cat');
    lambda.failures.push({ error: serviceError('PreconditionFailedException', 'stale', 412), after: true });
    await withFunctionSettings(lambda.deps(), (settings) =>
      settings.change(['cat'], { retiresEnvironments: true }),
    );
    expect(lambda.updates).toHaveLength(2);
    expect(lambda.settingsOf('cat')).toEqual(AS_IT_WAS);
  });

  test('an update that another one got in the way of is sent again', async () => {
    const lambda = fakeLambda('cat');
    lambda.failures.push({ error: serviceError('ResourceConflictException', 'in progress', 409) });
    await withFunctionSettings(lambda.deps(), async (settings) => {
      await settings.change(['cat'], { memorySizeMB: 512 });
      expect(lambda.settingsOf('cat').memory).toBe(512);
    });
    expect(lambda.settingsOf('cat')).toEqual(AS_IT_WAS);
  });

  test('an update that Lambda gives up half way ends the command with its reason, and is put back', async () => {
    const lambda = fakeLambda('cat');
    lambda.failNextUpdate = 'The KMS key is disabled';
    const failure = await failureOf(
      withFunctionSettings(lambda.deps(), (settings) => settings.change(['cat'], { memorySizeMB: 512 })),
    );
    expect(failure).toMatchObject({
      code: 'function-failed',
      exitCode: 3,
      message: 'Lambda could not update the function cat: The KMS key is disabled',
    });
    expect(lambda.settingsOf('cat')).toEqual(AS_IT_WAS);
    expect(lambda.records()).toEqual([]);
  });

  test('a missing permission is named', async () => {
    const lambda = fakeLambda('cat');
    lambda.failures.push({
      error: serviceError(
        'AccessDeniedException',
        'User: jo is not authorized to perform: lambda:UpdateFunctionConfiguration',
        403,
      ),
    });
    const failure = await failureOf(
      withFunctionSettings(lambda.deps(), (settings) =>
        settings.change(['cat'], { retiresEnvironments: true }),
      ),
    );
    expect(failure.message).toContain('lambda:UpdateFunctionConfiguration');
    expect(lambda.records()).toEqual([]);
  });
});

describe('putting functions back', () => {
  test('a failure of the work is thrown after everything is put back', async () => {
    const lambda = fakeLambda('cat');
    const work = withFunctionSettings(lambda.deps(), async (settings) => {
      await settings.change(['cat'], { memorySizeMB: 512, retiresEnvironments: true });
      throw new Error('the load failed');
    });
    await expect(work).rejects.toThrow('the load failed');
    expect(lambda.settingsOf('cat')).toEqual(AS_IT_WAS);
  });

  test('after a Ctrl-C during an update the function is put back', async () => {
    const lambda = fakeLambda('cat');
    lambda.onUpdate = () => lambda.interruptOnce();
    await expect(
      withFunctionSettings(lambda.deps(), (settings) => settings.change(['cat'], { memorySizeMB: 512 })),
    ).rejects.toThrow();
    expect(lambda.settingsOf('cat')).toEqual(AS_IT_WAS);
    expect(lambda.records()).toEqual([]);
  });

  test('after a second Ctrl-C the record stays, a warning says so, and the next command puts the function back', async () => {
    const lambda = fakeLambda('cat');
    const { isPutBack } = await withFunctionSettings(lambda.deps(), async (settings) => {
      await settings.change(['cat'], { memorySizeMB: 512 });
      lambda.interruptTwice();
    });
    expect(isPutBack).toBe(false);
    expect(lambda.warnings()).toEqual(['function-not-put-back']);
    expect(lambda.records()).toHaveLength(1);
    const never = new AbortController().signal;
    await putBackLeftBehind(lambda.deps({ interrupt: { first: never, second: never } }));
    expect(lambda.settingsOf('cat')).toEqual(AS_IT_WAS);
    expect(lambda.records()).toEqual([]);
  });

  test('what a killed command changed is put back by the next command, which says so', async () => {
    const lambda = fakeLambda('cat', 'dog');
    await killedAfter(lambda, async (settings) => {
      await settings.change(['cat'], { memorySizeMB: 512 });
      await settings.change(['dog'], { retiresEnvironments: true });
    });
    await putBackLeftBehind(lambda.deps());
    expect(lambda.settingsOf('cat')).toEqual(AS_IT_WAS);
    expect(lambda.settingsOf('dog')).toEqual(AS_IT_WAS);
    expect(lambda.records()).toEqual([]);
    expect(lambda.events).toContainEqual({
      type: 'note',
      message: expect.stringMatching(
        /^Restored what an interrupted command had changed: (cat, dog|dog, cat)$/,
      ),
    });
  });

  test('functions of a command that still runs are left alone', async () => {
    const lambda = fakeLambda('cat');
    await killedAfter(lambda, (settings) => settings.change(['cat'], { memorySizeMB: 512 }));
    await putBackLeftBehind(lambda.deps({ isAlive: async () => true }));
    expect(lambda.settingsOf('cat').memory).toBe(512);
    expect(lambda.records()).toHaveLength(1);
  });

  test('records of another account stay untouched', async () => {
    const lambda = fakeLambda('cat');
    await killedAfter(lambda, (settings) => settings.change(['cat'], { memorySizeMB: 512 }));
    await putBackLeftBehind(lambda.deps({ identity: { accountId: '999999999999', arn: 'arn' } }));
    expect(lambda.records()).toHaveLength(1);
    expect(lambda.settingsOf('cat').memory).toBe(512);
  });

  test('a function that was deleted meanwhile needs nothing, and its record goes', async () => {
    const lambda = fakeLambda('cat');
    await killedAfter(lambda, (settings) => settings.change(['cat'], { memorySizeMB: 512 }));
    lambda.remove('cat');
    await putBackLeftBehind(lambda.deps());
    expect(lambda.records()).toEqual([]);
    expect(lambda.warnings()).toEqual([]);
  });

  test('a function that can not be put back is named with what it was, and its record stays', async () => {
    const lambda = fakeLambda('cat');
    const { result, isPutBack } = await withFunctionSettings(lambda.deps(), async (settings) => {
      await settings.change(['cat'], { memorySizeMB: 512 });
      lambda.failures.push({ error: serviceError('AccessDeniedException', 'not authorized', 403) });
      return 'measured';
    });
    expect({ result, isPutBack }).toEqual({ result: 'measured', isPutBack: false });
    expect(lambda.events).toContainEqual(
      expect.objectContaining({
        code: 'function-not-put-back',
        message: expect.stringContaining('cat could not be restored (its memory was 128 MB)'),
      }),
    );
    expect(lambda.records()).toHaveLength(1);
  });
});

describe('a function that somebody else changes meanwhile', () => {
  test('a function that somebody else changes meanwhile is no longer measured, and keeps what the other set', async () => {
    const lambda = fakeLambda('cat');
    const failure = await failureOf(
      withFunctionSettings(lambda.deps(), async (settings) => {
        await settings.change(['cat'], { memorySizeMB: 512, retiresEnvironments: true });
        lambda.meddle('cat', { MemorySize: 777, CodeSha256: 'code-2' });
        await settings.change(['cat'], { retiresEnvironments: true });
      }),
    );
    expect(failure).toMatchObject({ code: 'function-changed-meanwhile', exitCode: 3 });
    expect(lambda.settingsOf('cat')).toEqual({ memory: 777, variables: { TABLE: 'shed' } });
    expect(lambda.warnings()).toEqual(['function-changed-meanwhile']);
    expect(lambda.records()).toEqual([]);
  });

  test('a function that somebody else changes meanwhile keeps its new variables when the nonce is taken away', async () => {
    const lambda = fakeLambda('cat');
    await withFunctionSettings(lambda.deps(), async (settings) => {
      await settings.change(['cat'], { retiresEnvironments: true });
      const { variables } = lambda.settingsOf('cat');
      lambda.meddle('cat', { Environment: { Variables: { ...variables, LOG_LEVEL: 'debug' } } });
    });
    expect(lambda.settingsOf('cat').variables).toEqual({ TABLE: 'shed', LOG_LEVEL: 'debug' });
  });

  test('a change between the look and the update is not overwritten', async () => {
    const lambda = fakeLambda('cat');
    await withFunctionSettings(lambda.deps(), async (settings) => {
      await settings.change(['cat'], { retiresEnvironments: true });
      let isFirst = true;
      lambda.onUpdate = () => {
        if (!isFirst) return;
        isFirst = false;
        const { variables } = lambda.settingsOf('cat');
        lambda.meddle('cat', { Environment: { Variables: { ...variables, LOG_LEVEL: 'debug' } } });
      };
    });
    expect(lambda.settingsOf('cat').variables).toEqual({ TABLE: 'shed', LOG_LEVEL: 'debug' });
    expect(lambda.records()).toEqual([]);
  });

  test('a revision that changes without any setting is nobody else: Lambda itself does so', async () => {
    const lambda = fakeLambda('cat');
    await withFunctionSettings(lambda.deps(), async (settings) => {
      await settings.change(['cat'], { retiresEnvironments: true });
      lambda.meddle('cat', {});
      await settings.change(['cat'], { retiresEnvironments: true });
    });
    expect(lambda.settingsOf('cat')).toEqual(AS_IT_WAS);
  });
});

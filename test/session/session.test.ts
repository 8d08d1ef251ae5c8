import { describe, expect, test } from 'vitest';
import type { Deployment } from '../../src/model/deployment.ts';
import { targetFlags } from '../../src/model/selector.ts';
import { isLocal, pickRuntimes } from '../../src/session/session.ts';

describe('the flags that a hint repeats', () => {
  test('the flags that a hint repeats are none for the default project on the default target', () => {
    expect(targetFlags({ local: false })).toBe('');
    expect(targetFlags({ local: false, project: 'sheepshed' })).toBe('');
  });

  test('the flags that a hint repeats are those that were given', () => {
    expect(targetFlags({ local: false, project: 'mine', region: 'eu-west-3', profile: 'p' })).toBe(
      ' --project mine --region eu-west-3 --profile p',
    );
    expect(targetFlags({ local: true, project: 'mine', region: 'us-east-1' })).toBe(
      ' --local --project mine',
    );
  });
});

describe('the local cloud is meant', () => {
  test('the local cloud is meant by the flag or by SHEDBENCH_TARGET', () => {
    expect(isLocal({ local: true }, { env: {} })).toBe(true);
    expect(isLocal({ local: false }, { env: { SHEDBENCH_TARGET: 'local' } })).toBe(true);
    expect(isLocal({ local: false }, { env: { SHEDBENCH_TARGET: 'aws' } })).toBe(false);
    expect(isLocal({ local: false }, { env: {} })).toBe(false);
  });

  test('a target that does not exist is refused', () => {
    expect(() => isLocal({ local: false }, { env: { SHEDBENCH_TARGET: 'azure' } })).toThrow(
      "SHEDBENCH_TARGET takes local or aws, not 'azure'.",
    );
  });
});

describe('the runtimes of a deployment', () => {
  const deployment = {
    project: 'sheepshed',
    runtimes: [{ runtime: 'node' }, { runtime: 'rust' }],
  } as unknown as Deployment;

  test('the runtimes of a deployment are all of them unless some are named, in the order named', () => {
    expect(pickRuntimes(deployment, undefined).map(({ runtime }) => runtime)).toEqual(['node', 'rust']);
    expect(pickRuntimes(deployment, ['rust', 'node']).map(({ runtime }) => runtime)).toEqual([
      'rust',
      'node',
    ]);
  });

  test('one that is not deployed is refused with those that are', () => {
    expect(() => pickRuntimes(deployment, ['python'])).toThrow(
      'The runtime python is not deployed in sheepshed: only node, rust are.',
    );
  });
});

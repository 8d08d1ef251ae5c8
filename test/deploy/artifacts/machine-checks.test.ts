import { describe, expect, test } from 'vitest';
import {
  cpuGroups,
  nodeCheck,
  pythonCheck,
  toolCheck,
} from '../../../src/deploy/artifacts/machine-checks.ts';
import type { ToolOutcome } from '../../../src/deploy/artifacts/run-tool.ts';

const said = (line: string): ToolOutcome => ({ kind: 'exited', exitCode: 0, lastLines: [line] });
const absent: ToolOutcome = { kind: 'not-found', lastLines: [] };

describe('what a machine has', () => {
  test('a Node that is too old keeps shedbench from working', () => {
    expect(nodeCheck('20.18.0')).toMatchObject({ state: 'ok' });
    expect(nodeCheck('18.20.4')).toMatchObject({ state: 'broken' });
  });

  test.each([
    [said('Python 3.11.7'), said(''), 'ok', '3.11.7'],
    [said('Python 3.8.1'), said(''), 'limited', '3.8.1'],
    [said('Python 3.11.7'), absent, 'limited', '3.11.7, without venv'],
    [absent, absent, 'limited', 'no python3'],
  ])('with Python %j and venv %j the check is %s', (python, venv, state, found) => {
    expect(pythonCheck(python, venv)).toMatchObject({ state, found });
  });

  test('control groups that limit CPU are found in both versions, version 1 first', () => {
    const v2 = '30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw';
    const v1 = '31 23 0:27 / /sys/fs/cgroup/cpu rw,nosuid - cgroup cgroup rw,cpu,cpuacct';
    const other = '32 23 0:28 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids';
    expect(cpuGroups([v2, v1, other, ''].join('\n'))).toEqual([
      { version: 1, point: '/sys/fs/cgroup/cpu' },
      { version: 2, point: '/sys/fs/cgroup' },
    ]);
    expect(cpuGroups(other)).toEqual([]);
  });
});

test.each([
  ['not-found', 'not found'],
  ['timed-out', 'no answer within 10 s'],
] as const)('a build tool that is %s is shown as “%s”, with what does not work without it', (kind, found) => {
  const without = { lacks: 'building Go functions', remedy: 'Install it' };
  expect(toolCheck('Go', { kind, lastLines: [] }, without)).toEqual({
    name: 'Go',
    state: 'limited',
    found,
    ...without,
  });
});

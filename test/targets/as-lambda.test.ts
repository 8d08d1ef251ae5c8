import { describe, expect, test } from 'vitest';
import type { CpuLimitRefusal } from '../../src/local/start-protocol.ts';
import { adviceFor, asLambdaSettings, cannotLimitCpu } from '../../src/targets/as-lambda.ts';

const COMMAND = 'shedbench bench --local --as-lambda';

function refusal(code: CpuLimitRefusal['code'], changes: Partial<CpuLimitRefusal> = {}): CpuLimitRefusal {
  return { code, reason: 'of a test', isContainer: false, hasSystemd: false, isRoot: false, ...changes };
}

const SUDO = `sudo env "PATH=$PATH" ${COMMAND}`;
const USER_SCOPE = `systemd-run --user --scope -p Delegate=yes ${COMMAND}   (systemd 252 or later)`;
const SCOPE = `sudo systemd-run --scope -p Delegate=yes env "PATH=$PATH" ${COMMAND}`;
const V2 = { version: 2, folder: '/sys/fs/cgroup/app' } as const;

describe('the advice to a refusal is the exact line for the system at hand', () => {
  test.each<[what: string, refusal: CpuLimitRefusal, line: string]>([
    ['version 1 without rights', refusal('no-rights', { version: 1 }), SUDO],
    ['version 2 without rights, no systemd', refusal('no-rights', V2), SUDO],
    ['version 2 without rights, systemd', refusal('no-rights', { ...V2, hasSystemd: true }), USER_SCOPE],
    ['version 2 not delegated, systemd', refusal('not-delegated', { ...V2, hasSystemd: true }), USER_SCOPE],
    [
      'version 2 not delegated, systemd: once for all, by an administrator',
      refusal('not-delegated', { ...V2, hasSystemd: true }),
      "sudo mkdir -p /etc/systemd/system/user@.service.d && printf '[Service]\\nDelegate=cpu\\n' | sudo tee /etc/systemd/system/user@.service.d/delegate.conf && sudo systemctl daemon-reload",
    ],
    [
      'version 2 not delegated, no systemd',
      refusal('not-delegated', V2),
      'echo +cpu | sudo tee /sys/fs/cgroup/app/cgroup.subtree_control',
    ],
    [
      'version 2, other programs in the group',
      refusal('shared-group', { ...V2, hasSystemd: true }),
      USER_SCOPE,
    ],
    [
      'version 2, other programs in the group, as root',
      refusal('shared-group', { ...V2, hasSystemd: true, isRoot: true }),
      SCOPE.replace('sudo ', ''),
    ],
    ['a quota that systemd ignores', refusal('quota-ignored', { ...V2, hasSystemd: true }), SCOPE],
    ['a quota that a group above makes smaller', refusal('quota-altered', { version: 1 }), SUDO],
    [
      'groups mounted read-only',
      refusal('read-only', { version: 1, folder: '/sys/fs/cgroup/cpu' }),
      'sudo mount -o remount,rw /sys/fs/cgroup/cpu',
    ],
    ['no hierarchy', refusal('no-control-groups'), 'sudo mount -t cgroup2 none /sys/fs/cgroup'],
    ['no cpu controller', refusal('no-cpu-controller', V2), 'systemd.unified_cgroup_hierarchy=1'],
    [
      'a container, version 1',
      refusal('read-only', { version: 1, isContainer: true }),
      `docker run --privileged … ${COMMAND}`,
    ],
    [
      'a container, version 2',
      refusal('no-rights', { ...V2, isContainer: true }),
      `docker run --privileged --cgroupns=private … ${COMMAND}`,
    ],
    [
      'a container, version 2, whose other processes stand in the group',
      refusal('shared-group', { version: 2, folder: '/sys/fs/cgroup', isContainer: true, isRoot: true }),
      'mkdir -p /sys/fs/cgroup/init && xargs -rn1 < /sys/fs/cgroup/cgroup.procs > /sys/fs/cgroup/init/cgroup.procs',
    ],
  ])('the advice about a refusal is the exact line for the system: %s', (_, refused, line) => {
    expect(adviceFor(refused, COMMAND)).toContain(line);
  });

  test('the advice is the forecast if no command line helps', () => {
    for (const code of ['no-linux', 'no-bandwidth-control'] as const) {
      expect(adviceFor(refusal(code), COMMAND).join('\n')).toContain('shedbench forecast');
    }
  });

  test('the error exits with 2 and names what stands in the way', () => {
    expect(cannotLimitCpu(refusal('no-rights', { version: 1 }), COMMAND)).toMatchObject({
      code: 'cpu-limit-no-rights',
      exitCode: 2,
      message: "Functions can't run at Lambda's speed on this machine: of a test",
      hint: expect.stringContaining('sudo'),
    });
  });
});

describe('the latency that the database is started with', () => {
  test('the latency that the database is started with is the published distribution where nothing was chosen', () => {
    const settings = asLambdaSettings({});
    expect(settings.dynamodbLatencyText).toBe('as published');
    expect(settings.dynamodbLatency.PutItem).toContainEqual([0.5, 4.5]);
    expect(settings.otherDynamodbLatency).toContainEqual([0.5, 2.3]);
  });

  test('the latency that the database is started with is a multiple of it, or always the same, where that was chosen', () => {
    const doubled = asLambdaSettings({ dynamodbLatency: { kind: 'scaled', factor: 2 } });
    expect(doubled.dynamodbLatency.PutItem).toContainEqual([0.5, 9]);
    expect(doubled.dynamodbLatencyText).toBe('as published × 2');
    const fixed = asLambdaSettings({ dynamodbLatency: { kind: 'fixed', ms: 5 } });
    expect(fixed.dynamodbLatency.Scan).toEqual([[1, 5]]);
    expect(fixed.dynamodbLatencyText).toBe('5 ms');
  });
});

import { EXIT, ShedbenchError } from '../errors.ts';
import type { AsLambdaSettings, CpuLimitRefusal, LatencyPoints } from '../local/start-protocol.ts';
import { type AsLambdaChoice, type DynamodbLatencyChoice, latencyText } from '../model/as-lambda.ts';
import { DYNAMODB_LATENCY, dynamodbLatencyOf, type LatencyQuantiles } from '../model/dynamodb-latency.ts';

/** The settings with which the local cloud is started. */
export function asLambdaSettings({ dynamodbLatency }: AsLambdaChoice): AsLambdaSettings {
  const pointsOf = (quantiles: LatencyQuantiles) => latencyPoints(quantiles, dynamodbLatency);
  return {
    dynamodbLatency: Object.fromEntries(
      Object.entries(DYNAMODB_LATENCY).map(([operation, quantiles]) => [operation, pointsOf(quantiles)]),
    ),
    otherDynamodbLatency: pointsOf(dynamodbLatencyOf('')),
    dynamodbLatencyText: latencyText(dynamodbLatency),
  };
}

function latencyPoints(
  { p0, p50, p90, p99, p100 }: LatencyQuantiles,
  choice: DynamodbLatencyChoice | undefined,
): LatencyPoints {
  if (choice?.kind === 'fixed') return [[1, choice.ms]];
  const factor = choice?.factor ?? 1;
  return [
    [0, p0 * factor],
    [0.5, p50 * factor],
    [0.9, p90 * factor],
    [0.99, p99 * factor],
    [1, p100 * factor],
  ];
}

/**
 * The error for a system that does not let this user limit the CPU of a function. It contains the reason and the
 * commands that help.
 * @param command the command as typed: `shedbench bench --local --as-lambda`
 */
export function cannotLimitCpu(refusal: CpuLimitRefusal, command: string): ShedbenchError {
  return new ShedbenchError({
    code: `cpu-limit-${refusal.code}`,
    message: `Functions can't run at Lambda's speed on this machine: ${refusal.reason}`,
    hint: adviceFor(refusal, command).join('\n'),
    exitCode: EXIT.usage,
  });
}

/** The commands to type, the simplest first. */
export function adviceFor(refusal: CpuLimitRefusal, command: string): readonly string[] {
  if (refusal.code === 'no-linux') {
    return [
      'A Linux machine or a virtual machine with Linux can do it',
      'Without one: leave --as-lambda out and read the forecast (shedbench forecast)',
    ];
  }
  if (refusal.isContainer) return containerAdvice(refusal, command);
  return [
    ...machineAdvice(refusal, command),
    'Or leave --as-lambda out and read the forecast: shedbench forecast',
  ];
}

/** A container needs its own writable control group without other processes in it. */
function containerAdvice({ code, version, folder }: CpuLimitRefusal, command: string): string[] {
  if (code === 'shared-group') {
    const group = folder ?? '/sys/fs/cgroup';
    return [
      'In the container, first:',
      `mkdir -p ${group}/init && xargs -rn1 < ${group}/cgroup.procs > ${group}/init/cgroup.procs`,
      `${command}`,
    ];
  }
  const privileged = version === 1 ? 'docker run --privileged' : 'docker run --privileged --cgroupns=private';
  return [
    'This is a container. Start it with rights over its control groups:',
    `${privileged} … ${command}`,
    'Or limit the whole container from outside, and leave --as-lambda out (128 MB: 1447 of 20000 µs):',
    'docker run --cpu-period=20000 --cpu-quota=1447 …',
  ];
}

function machineAdvice(
  { code, version, folder, hasSystemd, isRoot }: CpuLimitRefusal,
  command: string,
): string[] {
  const sudo = `sudo env "PATH=$PATH" ${command}`;
  const scope = `sudo systemd-run --scope -p Delegate=yes env "PATH=$PATH" ${command}`;
  switch (code) {
    case 'no-rights':
      if (version === 2 && hasSystemd && !isRoot) return [userScope(command), scope];
      return isRoot ? ['Another program manages this group; outside of it:', sudo] : [sudo];
    case 'not-delegated':
      return hasSystemd
        ? [
            userScope(command),
            'If that does not help, an administrator delegates the cpu controller to users once (then log in again):',
            "sudo mkdir -p /etc/systemd/system/user@.service.d && printf '[Service]\\nDelegate=cpu\\n' | sudo tee /etc/systemd/system/user@.service.d/delegate.conf && sudo systemctl daemon-reload",
            scope,
          ]
        : [`echo +cpu | sudo tee ${folder ?? '/sys/fs/cgroup'}/cgroup.subtree_control`];
    case 'shared-group':
      return hasSystemd ? [isRoot ? scope.replace(/^sudo /, '') : userScope(command)] : [sudo];
    case 'no-control-groups':
      return ['An administrator mounts the control groups:', 'sudo mount -t cgroup2 none /sys/fs/cgroup'];
    case 'no-cpu-controller':
      return [
        'The kernel has no cpu controller in version 2, or version 1 uses it. An administrator boots with:',
        'systemd.unified_cgroup_hierarchy=1',
      ];
    case 'read-only':
      return [
        'An administrator mounts them writable:',
        `sudo mount -o remount,rw ${folder ?? '/sys/fs/cgroup'}`,
      ];
    case 'no-bandwidth-control':
      return ['A kernel with CONFIG_CFS_BANDWIDTH=y can do it'];
    case 'quota-altered':
      return ['A group above has a CPU limit of its own: run it outside of that group', sudo];
    case 'quota-ignored':
      return hasSystemd && !isRoot
        ? ['Systemd before 252 accepts quotas of users and ignores them:', scope]
        : ['A kernel that enforces quotas can do it; some container runtimes (gVisor) only accept them'];
    case 'no-linux':
      return [];
  }
}

function userScope(command: string): string {
  return `systemd-run --user --scope -p Delegate=yes ${command}   (systemd 252 or later)`;
}

import { spawn } from 'node:child_process';
import type { ChildRegistry } from '../seams.ts';
import type { RefusalReason } from './control-group-search.ts';
import { type ControlGroup, codeOf, PERIOD_US, QuotaAltered, quotaUsOf } from './control-groups.ts';
import { type CpuMeter, openCpuMeter } from './cpu-meter.ts';

/** The smallest memory size. It has the smallest quota. */
const TRIAL_MEMORY_MB = 128;
/** After this many stops the quota counts as enforced. */
const STOPS_TO_BE_SURE = 3;
/** How much a busy process may exceed its quota, because it runs until the kernel's next check. */
const OVERRUN_MS = 20;
const LOOK_EVERY_MS = 10;
/**
 * How long the trial lasts at most. A machine that is so busy that the process does not even get its quota can't be
 * tested.
 */
const LIMIT_MS = 5_000;

/** The part of a group that the trial needs. */
export type TriedGroup = Pick<ControlGroup, 'folder' | 'limit' | 'add' | 'readThrottling'>;

/** The measurements of the trial. Tests replace them. */
export interface TrialObservation {
  readonly elapsedMs: number;
  /** CPU time that the busy process has used. */
  readonly cpuMs: number;
  /** Periods in which the kernel stopped it. */
  readonly stops: number;
}

/** Judges a quota by an observation. */
export function judgeTrial({ elapsedMs, cpuMs, stops }: TrialObservation): 'holds' | 'ignored' | 'unsure' {
  const allowedMs = (elapsedMs * quotaUsOf(TRIAL_MEMORY_MB)) / PERIOD_US + OVERRUN_MS;
  if (cpuMs > allowedMs) return 'ignored';
  return stops >= STOPS_TO_BE_SURE ? 'holds' : 'unsure';
}

/**
 * Runs a busy process in a group with the quota of 128 MB and checks whether the kernel stops it. Older systems accept
 * a quota without enforcing it.
 * @returns why the quota is not enforced; undefined if it is
 */
export async function tryQuota(
  group: TriedGroup,
  { children, nowMs }: { readonly children: ChildRegistry; readonly nowMs: () => number },
): Promise<RefusalReason | undefined> {
  try {
    group.limit(TRIAL_MEMORY_MB);
  } catch (error) {
    return refusalOfLimit(error, group.folder);
  }
  const child = spawn('/bin/sh', ['-c', 'read -r go; while :; do :; done'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const { pid } = child;
  const gone = new Promise((resolve) => child.once('close', resolve));
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  if (pid === undefined) return { code: 'quota-ignored', reason: '/bin/sh can not be started' };
  children.register(pid);
  const meter = openCpuMeter(pid);
  try {
    group.add(pid);
    child.stdin.write('go\n');
    return meter === undefined ? undefined : await observe(group, meter, nowMs);
  } catch (error) {
    return refusalOfLimit(error, group.folder);
  } finally {
    meter?.close();
    child.kill('SIGKILL');
    await gone;
    children.forget(pid);
  }
}

async function observe(
  group: TriedGroup,
  meter: CpuMeter,
  nowMs: () => number,
): Promise<RefusalReason | undefined> {
  const startedMs = nowMs();
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    const observation = {
      elapsedMs: nowMs() - startedMs,
      cpuMs: meter.read()?.cpuMs ?? 0,
      stops: group.readThrottling().throttledPeriods,
    };
    const verdict = judgeTrial(observation);
    if (verdict === 'holds') return undefined;
    const { elapsedMs, cpuMs, stops } = observation;
    if (verdict === 'ignored' || elapsedMs > LIMIT_MS) {
      return {
        code: 'quota-ignored',
        reason: `the kernel accepts a CPU quota and does not enforce it: in ${Math.round(elapsedMs)} ms a busy process under the quota of ${TRIAL_MEMORY_MB} MB used ${Math.round(cpuMs)} ms and was stopped ${stops === 1 ? 'once' : `${stops} times`}`,
        folder: group.folder,
      };
    }
  }
}

function refusalOfLimit(error: unknown, folder: string): RefusalReason {
  if (error instanceof QuotaAltered) return { code: 'quota-altered', reason: error.message, folder };
  const code = codeOf(error);
  if (code === 'EINVAL') {
    return {
      code: 'quota-altered',
      reason: `the kernel refuses a quota in ${folder}: a group above it has a smaller one`,
      folder,
    };
  }
  return {
    code: 'no-bandwidth-control',
    reason: `a group in ${folder} takes no CPU quota (${code})`,
    folder,
  };
}

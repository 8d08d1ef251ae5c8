import { usageError } from '../../errors.ts';
import { counted } from '../../model/number-text.ts';
import type { LoadPlan } from '../../model/run.ts';

/** A Lambda function has 1,024 file descriptors. The runtime uses some of them. */
export const MAX_CONNECTIONS_PER_LOADER = 900;
/**
 * The calls per second of one loader when the number of loaders is not given. One vCPU sends more than this over TLS.
 */
const CALLS_PER_SECOND_PER_LOADER = 2500;
const CONNECTIONS_PER_LOADER = 250;
/** The default limit of an account's concurrent executions, which the functions under load need too. */
export const MAX_LOADERS = 1000;
/**
 * The time of an invocation besides its share of the plan: starting up, waiting for the common start, and the answer.
 */
const INVOCATION_RESERVE_MS = 60_000;
/** Lambda's maximum timeout of a function. */
export const FUNCTION_TIMEOUT_MS = 900_000;
/** The longest share of a plan in one invocation. */
const MAX_WAVE_MS = 13 * 60_000;
const MIN_WAVE_MS = 60_000;

/**
 * The number of loaders of a plan: the number asked for, otherwise as many as its rate and its connections need.
 * @throws usageError `too-many-loaders`, `too-few-loaders`, `not-from-loaders`
 */
export function fleetSize(plan: LoadPlan, asked: number | undefined): number {
  refuseWhatLoadersCanNot(plan);
  const peakPerSecond = Math.max(
    0,
    ...(plan.stages ?? []).flatMap(({ fromPerSecond, toPerSecond }) => [fromPerSecond, toPerSecond]),
  );
  const byCalls = plan.calls ?? Number.POSITIVE_INFINITY;
  const most = Math.min(plan.parallel, byCalls, MAX_LOADERS);
  if (asked === undefined) {
    const needed = Math.max(
      1,
      Math.ceil(peakPerSecond / CALLS_PER_SECOND_PER_LOADER),
      Math.ceil(plan.parallel / CONNECTIONS_PER_LOADER),
    );
    return Math.min(needed, most);
  }
  if (asked > most) {
    throw usageError(
      'too-many-loaders',
      `${asked} loaders can't share ${plan.parallel} in parallel${plan.calls === undefined ? '' : ` and ${counted(plan.calls, 'call')}`}: each needs one of both.`,
      `--from lambda=${most} or fewer`,
    );
  }
  const least = Math.ceil(plan.parallel / MAX_CONNECTIONS_PER_LOADER);
  if (asked < least) {
    throw usageError(
      'too-few-loaders',
      `A loader can open ${MAX_CONNECTIONS_PER_LOADER} connections, so ${asked} can't have ${plan.parallel} in parallel.`,
      `--from lambda=${least} or more`,
    );
  }
  return asked;
}

/** How long a wave may send, ms: the 15 minutes of an invocation, less the time to wait for the last answers. */
export function waveMsOf(plan: Pick<LoadPlan, 'timeoutMs'>): number {
  return Math.min(MAX_WAVE_MS, FUNCTION_TIMEOUT_MS - INVOCATION_RESERVE_MS - plan.timeoutMs);
}

function refuseWhatLoadersCanNot(plan: LoadPlan): void {
  const refuse = (what: string, hint: string) => usageError('not-from-loaders', what, hint);
  if (plan.stopWhen !== undefined) {
    throw refuse(
      '--stop-when needs the results of all calls in one place, and each loader knows only its own.',
      'Leave --stop-when out; Ctrl-C stops the loaders',
    );
  }
  if (plan.threads > 1)
    throw refuse('A loader is one thread: --threads is for this machine.', '--from lambda=N');
  if (waveMsOf(plan) < MIN_WAVE_MS) {
    throw refuse(
      '--timeout leaves no time to send: a loader has 15 minutes in all.',
      '--timeout 600 or less',
    );
  }
}

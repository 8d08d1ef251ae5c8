import type { Route } from '../../model/route.ts';
import type { RunRecord } from '../../model/run.ts';
import { workText } from '../../model/subject.ts';
import { MB_PER_VCPU } from '../../model/vcpu.ts';
import type { LoadJob } from '../load-runs.ts';
import type { MachinePace } from '../measure/machine-pace.ts';
import { type ExpectedLoad, wavesOf } from './estimate-time.ts';
import { TURN_START_MS, type TypicalCall, typicalAwsCall, typicalLocalCall } from './typical-calls.ts';

/** The facts of a job that determine how long it takes. */
export type LoadToExpect = Pick<LoadJob, 'plan' | 'runtime' | 'url'> & {
  /** The local cloud enforces Lambda's CPU share. */
  readonly isAsLambda?: boolean;
  readonly about?: Pick<RunRecord, 'memorySizeMB' | 'architecture'> & {
    readonly target: Pick<RunRecord['target'], 'kind' | 'region'>;
  };
  readonly shed?: { readonly route: Route };
};

/** A job of a load, with its expected time and cost. */
export interface ExpectedJob extends ExpectedLoad {
  readonly job: LoadToExpect;
  /** The time that Lambda is expected to bill for a call, ms. */
  readonly billedMs: number;
  /** Whether environments of an earlier run still exist, so that the first calls meet no cold start. */
  readonly isWarm: boolean;
  /**
   * The source of the expectation. `earlier-run`: a run of the same route, runtime, target and memory in this folder.
   * `unknown`: there is no source.
   */
  readonly basis: 'earlier-run' | 'typical' | 'unknown';
}

/** The key by which the progress of a load is recorded. */
export function loadKey(load: { readonly runtime: string; readonly route: string }): string {
  return `${load.runtime} ${load.route}`;
}

/** The machine on which the local cloud runs. */
export interface LocalMachine {
  readonly cores: number;
  readonly pace: MachinePace;
  /** When the local cloud started, epoch ms. Undefined if none of its environments is expected to live still. */
  readonly cloudSinceEpochMs?: number | undefined;
}

/**
 * The expected time of each job. Uses the latest complete run of the same kind, otherwise typical figures. On the local
 * cloud both are corrected by the present pace of the machine.
 *
 * @param earlier runs of this folder, the oldest first
 * @param rounds how many rounds the calls of each load are divided into, at least 1
 */
export function expectLoads(
  jobs: readonly LoadToExpect[],
  earlier: readonly RunRecord[],
  machine: LocalMachine,
  rounds: number,
): ExpectedJob[] {
  return jobs.map((job) => {
    const { plan } = job;
    const atOnce = Math.min(plan.parallel, environmentsAtOnce(job, machine.cores));
    const run = earlier.findLast((each) => isAlike(each, job));
    const call = run === undefined ? typicalCall(job, atOnce, machine) : callOf(run, job, machine);
    const fixedMs = (plan.durationMs ?? 0) + (plan.warmup?.durationMs ?? 0);
    const calls = plan.durationMs === undefined ? plan.calls : undefined;
    const warmupCalls = plan.warmup?.calls ?? 0;
    return {
      job,
      key: loadKey({ runtime: job.runtime, route: plan.route }),
      ...(calls === undefined ? {} : { calls: calls + warmupCalls }),
      fixedMs,
      callMs: call?.latencyMs ?? 0,
      billedMs: call?.billedMs ?? 0,
      waves: calls === undefined ? 0 : wavesOf([warmupCalls, ...turnsOf(calls, rounds)], atOnce),
      isWarm: (run?.startedAtEpochMs ?? 0) >= (machine.cloudSinceEpochMs ?? Number.POSITIVE_INFINITY),
      basis: run !== undefined ? 'earlier-run' : call !== undefined ? 'typical' : 'unknown',
    };
  });
}

/** The number of calls of each round, which differ by at most 1. */
function turnsOf(calls: number, rounds: number): number[] {
  return Array.from({ length: rounds }, (_, index) => Math.floor((calls + index) / rounds));
}

/** The part of a core that a function of a job has on the local cloud, above 0, at most 1. */
function shareOf({ about, isAsLambda }: LoadToExpect): number {
  if (isAsLambda !== true || about?.memorySizeMB === undefined) return 1;
  return Math.min(1, about.memorySizeMB / MB_PER_VCPU);
}

/** How many calls the local cloud runs at once. Other targets run every call at once. */
function environmentsAtOnce(job: LoadToExpect, cores: number): number {
  if (job.about?.target.kind !== 'local') return Number.POSITIVE_INFINITY;
  return Math.max(1, Math.floor(cores / shareOf(job)));
}

/**
 * The part of the time of a call in which its function, the local cloud and the load need a core. In the rest they
 * wait.
 */
const BUSY_PART = 0.7;

/**
 * How many times as long as on a quiet machine calls take while other programs use cores too. Calls that need fewer cores
 * than the others leave free take no longer.
 *
 * @param coreShare the part of all cores that is left for the calls
 */
function crowding(job: LoadToExpect, atOnce: number, cores: number, coreShare: number): number {
  return Math.max(1, (BUSY_PART * atOnce * shareOf(job)) / (cores * coreShare));
}

/** Whether the calls of a job will take as long as those of a run: it was the same work on the same target. */
function isAlike(run: RunRecord, { plan, runtime, url, about, isAsLambda }: LoadToExpect): boolean {
  const isSameWork =
    run.state === 'complete' &&
    run.accounting.calls > 0 &&
    run.plan.mode === 'closed' &&
    run.route === plan.route &&
    run.runtime === runtime &&
    workText(run.plan) === workText(plan);
  if (!isSameWork) return false;
  if (about === undefined) return run.target.kind === 'url' && run.url === url;
  return (
    run.target.kind === about.target.kind &&
    run.memorySizeMB === about.memorySizeMB &&
    (run.enforcedCpu !== undefined) === (isAsLambda === true)
  );
}

/** The largest part of the cores that other programs can have had during a run that counts. */
const MOST_OTHER_SHARE = 0.9;

/** A call as in an earlier run, corrected by what other programs used then and use now. */
function callOf(run: RunRecord, job: LoadToExpect, { cores, pace }: LocalMachine): TypicalCall {
  const atOnce = Math.min(run.plan.parallel, environmentsAtOnce(job, cores));
  const turns = run.rounds.filter(({ index }) => index > 0).map(({ accounting }) => accounting.calls);
  const waves = Math.max(1, wavesOf(turns, atOnce));
  if (run.target.kind !== 'local') {
    const latencyMs = run.elapsedMs / waves;
    return { latencyMs, billedMs: latencyMs };
  }
  const turnsMs = TURN_START_MS * turns.length;
  // In a run with short turns, the calls took at least half of the time.
  const callsMs = Math.max(run.elapsedMs - turnsMs, run.elapsedMs / 2);
  const thenMs = callsMs / waves;
  const shareThen = 1 - Math.min(MOST_OTHER_SHARE, run.machine?.otherCpuShare ?? 0);
  const [then, now] = [shareThen, pace.coreShare].map((share) => crowding(job, atOnce, cores, share));
  const latencyMs = (thenMs * (now ?? 1)) / (then ?? 1);
  return { latencyMs, billedMs: latencyMs };
}

/** Undefined for a subject that is no shed, because nothing is known of it. */
function typicalCall(
  job: LoadToExpect,
  atOnce: number,
  { cores, pace }: LocalMachine,
): TypicalCall | undefined {
  const { runtime, about, shed } = job;
  if (shed === undefined || about?.memorySizeMB === undefined) return undefined;
  if (about.target.kind !== 'local') return typicalAwsCall(shed.route, runtime, about.memorySizeMB);
  const quiet = typicalLocalCall(shed.route, runtime, shareOf(job));
  const factor = pace.slowness * crowding(job, atOnce, cores, pace.coreShare);
  return { latencyMs: quiet.latencyMs * factor, billedMs: quiet.billedMs * factor };
}

import type { Route } from '../../model/route.ts';
import type { RunRecord } from '../../model/run.ts';
import { workText } from '../../model/subject.ts';
import type { LoadJob } from '../load-runs.ts';
import type { ExpectedLoad } from './estimate-time.ts';
import { type TypicalCall, typicalAwsCall, typicalLocalCall } from './typical-calls.ts';

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

/**
 * The expected time of each job. Uses the latest complete run of the same kind, otherwise typical figures.
 *
 * @param earlier runs of this folder, the oldest first
 * @param cores how many functions the local cloud runs at once
 */
export function expectLoads(
  jobs: readonly LoadToExpect[],
  earlier: readonly RunRecord[],
  cores: number,
): ExpectedJob[] {
  return jobs.map((job) => {
    const { plan } = job;
    const slots = (parallel: number) => Math.min(parallel, environmentsAtOnce(job, cores));
    const run = earlier.findLast((each) => isAlike(each, job));
    const call = run === undefined ? typicalCall(job) : callOf(run, slots(run.plan.parallel));
    const fixedMs = (plan.durationMs ?? 0) + (plan.warmup?.durationMs ?? 0);
    const calls = plan.durationMs === undefined ? plan.calls : undefined;
    return {
      job,
      key: loadKey({ runtime: job.runtime, route: plan.route }),
      ...(calls === undefined ? {} : { calls: calls + (plan.warmup?.calls ?? 0) }),
      fixedMs,
      callMs: call?.latencyMs ?? 0,
      billedMs: call?.billedMs ?? 0,
      atOnce: slots(plan.parallel),
      basis: run !== undefined ? 'earlier-run' : call !== undefined ? 'typical' : 'unknown',
    };
  });
}

/** The memory size that gets a whole core. With an enforced CPU share, smaller functions share a core. */
const MB_PER_CORE = 1769;

/** How many calls the local cloud runs at once. Other targets run every call at once. */
function environmentsAtOnce({ about, isAsLambda }: LoadToExpect, cores: number): number {
  if (about?.target.kind !== 'local') return Number.POSITIVE_INFINITY;
  if (isAsLambda !== true || about.memorySizeMB === undefined) return cores;
  return Math.max(1, Math.floor((cores * MB_PER_CORE) / about.memorySizeMB));
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

function callOf(run: RunRecord, atOnce: number): TypicalCall {
  const latencyMs = (run.elapsedMs * atOnce) / run.accounting.calls;
  return { latencyMs, billedMs: latencyMs };
}

/** Undefined for a subject that is no shed, because nothing is known of it. */
function typicalCall({ runtime, about, shed, isAsLambda }: LoadToExpect): TypicalCall | undefined {
  if (shed === undefined || about?.memorySizeMB === undefined) return undefined;
  if (about.target.kind !== 'local') return typicalAwsCall(shed.route, runtime, about.memorySizeMB);
  const share = isAsLambda === true ? Math.min(1, about.memorySizeMB / MB_PER_CORE) : 1;
  return typicalLocalCall(shed.route, runtime, share);
}

import type { Route } from '../../model/route.ts';
import type { RunRecord } from '../../model/run.ts';
import { workText } from '../../model/subject.ts';
import type { LoadJob } from '../load-runs.ts';
import type { ExpectedLoad } from './estimate-time.ts';
import { type TypicalCall, typicalAwsCall, typicalLocalCall } from './typical-calls.ts';

/** What of a job decides how long it takes. */
export type LoadToExpect = Pick<LoadJob, 'plan' | 'runtime' | 'url'> & {
  readonly about?: Pick<RunRecord, 'memorySizeMB' | 'architecture'> & {
    readonly target: Pick<RunRecord['target'], 'kind' | 'region'>;
  };
  readonly shed?: { readonly route: Route };
};

/** A job of a load, and what is expected of it. */
export interface ExpectedJob extends ExpectedLoad {
  readonly job: LoadToExpect;
  /** What Lambda is expected to bill for a call, ms. */
  readonly billedMs: number;
  /** `earlier-run`: of the same route, runtime, target and memory in this folder. `unknown`: nothing is. */
  readonly basis: 'earlier-run' | 'typical' | 'unknown';
}

/** The name under which the progress of a load is followed. */
export function loadKey(load: { readonly runtime: string; readonly route: string }): string {
  return `${load.runtime} ${load.route}`;
}

/**
 * What each job is expected to take: by the latest complete run of the same kind, else by typical figures.
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
    const isLocal = job.about?.target.kind === 'local';
    const slots = (parallel: number) => Math.min(parallel, isLocal ? cores : Number.POSITIVE_INFINITY);
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

/** Whether a run says how long a job's calls take: the same work on the same target. */
function isAlike(run: RunRecord, { plan, runtime, url, about }: LoadToExpect): boolean {
  const isSameWork =
    run.state === 'complete' &&
    run.accounting.calls > 0 &&
    run.plan.mode === 'closed' &&
    run.route === plan.route &&
    run.runtime === runtime &&
    workText(run.plan) === workText(plan);
  if (!isSameWork) return false;
  if (about === undefined) return run.target.kind === 'url' && run.url === url;
  return run.target.kind === about.target.kind && run.memorySizeMB === about.memorySizeMB;
}

function callOf(run: RunRecord, atOnce: number): TypicalCall {
  const latencyMs = (run.elapsedMs * atOnce) / run.accounting.calls;
  return { latencyMs, billedMs: latencyMs };
}

/** Undefined for what is no shed: nothing is known of it. */
function typicalCall({ runtime, about, shed }: LoadToExpect): TypicalCall | undefined {
  if (shed === undefined || about?.memorySizeMB === undefined) return undefined;
  return about.target.kind === 'local'
    ? typicalLocalCall(shed.route, runtime)
    : typicalAwsCall(shed.route, runtime, about.memorySizeMB);
}

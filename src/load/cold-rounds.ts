import type { LoadPlan, RunRecord } from '../model/run.ts';
import type { LoadResult } from './load-result.ts';

/** Unexpected answers that a record shows, at most. */
const MOST_SAMPLES = 10;

/**
 * The plan of the calls that are to be cold: those of `plan`, in waves of `atOnce` calls that are all in flight together.
 * The sheep go on behind the last tattoo that the run may have used.
 *
 * @param run the record of what was loaded before
 */
export function coldPlan(
  plan: LoadPlan,
  run: Pick<RunRecord, 'rounds'>,
  calls: number,
  atOnce: number,
): LoadPlan {
  const { route, requests, timeoutMs, keepAlive, headers, sigv4, invoke } = plan;
  return {
    route,
    requests,
    mode: 'closed',
    parallel: Math.min(atOnce, calls),
    calls,
    retries: 0,
    startAt: (BigInt(plan.startAt) + BigInt(numbersUsed(plan, run))).toString(),
    timeoutMs,
    threads: 1,
    ...(keepAlive === undefined ? {} : { keepAlive }),
    ...(headers === undefined ? {} : { headers }),
    ...(sigv4 === undefined ? {} : { sigv4 }),
    ...(invoke === undefined ? {} : { invoke }),
  };
}

/** How many of the plan's call numbers may be used, from above: each thread may skip one number in every round. */
function numbersUsed(plan: LoadPlan, { rounds }: Pick<RunRecord, 'rounds'>): number {
  const made = rounds.reduce((sum, { accounting }) => sum + accounting.calls + accounting.notSent, 0);
  const planned = (plan.calls ?? 0) + (plan.warmup?.calls ?? 0);
  return Math.max(made, planned) + plan.threads * rounds.length;
}

/**
 * The record with rounds of forced cold starts behind its own. They stand in no figure of the run itself: their indices
 * count down from -1 (or from the last one that is there). The window grows, so that their REPORT rows are found.
 */
export function withColdRounds(run: RunRecord, result: LoadResult, asked: number): RunRecord {
  const last = Math.min(0, ...run.rounds.map(({ index }) => index));
  const rounds = result.rounds.map((round) => ({ ...round, index: last - round.index }));
  if (rounds.length === 0) return { ...run, coldStarts: { asked } };
  const hasBegun = run.rounds.length > 0;
  return {
    ...run,
    coldStarts: { asked },
    state: run.state === 'complete' && result.state === 'interrupted' ? 'interrupted' : run.state,
    rounds: [...run.rounds, ...rounds],
    window: {
      startEpochMs: hasBegun ? run.window.startEpochMs : result.window.startEpochMs,
      endEpochMs: Math.max(run.window.endEpochMs, result.window.endEpochMs),
      closedLateMs: result.window.closedLateMs,
    },
    endedAtEpochMs: Math.max(run.endedAtEpochMs, result.endedAtEpochMs),
    unexpectedSamples: [...run.unexpectedSamples, ...result.unexpectedSamples].slice(0, MOST_SAMPLES),
  };
}

import type { LoadPlan, RunRecord } from '../model/run.ts';
import type { LoadResult } from './load-result.ts';

/** The largest number of unexpected answers in a record. */
const MOST_SAMPLES = 10;

/**
 * The plan of the calls that force cold starts: those of `plan`, in waves of `atOnce` simultaneous calls. Tattoos
 * continue after the last one that the run may have used.
 *
 * @param run the record of the load
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

/** The largest number of call numbers that the plan may have used. Each thread may skip one number in every round. */
function numbersUsed(plan: LoadPlan, { rounds }: Pick<RunRecord, 'rounds'>): number {
  const made = rounds.reduce((sum, { accounting }) => sum + accounting.calls + accounting.notSent, 0);
  const planned = (plan.calls ?? 0) + (plan.warmup?.calls ?? 0);
  return Math.max(made, planned) + plan.threads * rounds.length;
}

/**
 * Adds rounds of forced cold starts to the record. They count for no figure of the run itself. Their indices count down
 * from -1, or from the last one in the record. The window of the run is extended, so that their REPORT rows are found.
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

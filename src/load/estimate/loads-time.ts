import type { RunRecord } from '../../model/run.ts';
import type { TargetKind } from '../../model/target.ts';
import { type MachinePace, slowdown } from '../measure/machine-pace.ts';
import { type ColdPlan, coldTimeMs } from './cold-time.ts';
import { expectedTotalMs } from './estimate-time.ts';
import type { ExpectedJob } from './expect-loads.ts';
import { TURN_MS, typicalColdWaveMs } from './typical-calls.ts';

/** The parts of a sequence of loads that do not belong to a single load. */
export interface LoadsPlayed {
  /** How many rounds the calls of each load are divided into, at least 1. */
  readonly rounds: number;
  /** Forced cold starts after the rounds; undefined: none. */
  readonly cold?: ColdPlan | undefined;
}

/**
 * How long loads take that follow each other in turns, ms. Beside its calls each load has the cold starts of its first
 * calls, its turns, and the cold starts that are forced after them.
 *
 * @param pace of this machine; that of the reference machine if the load goes elsewhere
 */
export function loadsMs(
  expected: readonly ExpectedJob[],
  { rounds, cold }: LoadsPlayed,
  earlier: readonly RunRecord[],
  pace: MachinePace,
): number {
  const kind = kindOf(expected);
  const functions = expected.map(({ job }) => ({ route: job.plan.route, runtime: job.runtime }));
  const startsMs = expected
    .filter(({ isWarm }) => !isWarm)
    .reduce(
      (sum, { job }) => sum + (kind === undefined ? 0 : typicalColdWaveMs(kind, job.plan.route, job.runtime)),
      0,
    );
  const forcedMs =
    cold === undefined || kind === undefined ? 0 : coldTimeMs(functions, kind, cold, earlier, pace);
  return (
    expectedTotalMs(expected) + (startsMs + expected.length * rounds * TURN_MS) * slowdown(pace) + forcedMs
  );
}

/** The target of the loads. Undefined for a URL without a deployment, because nothing is known about its cold starts. */
function kindOf(expected: readonly ExpectedJob[]): TargetKind | undefined {
  const kind = expected[0]?.job.about?.target.kind;
  return kind === 'url' ? undefined : kind;
}

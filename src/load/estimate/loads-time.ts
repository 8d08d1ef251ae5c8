import type { RunRecord } from '../../model/run.ts';
import type { TargetKind } from '../../model/target.ts';
import { type ColdPlan, coldTimeMs } from './cold-time.ts';
import { expectedTotalMs } from './estimate-time.ts';
import type { ExpectedJob } from './expect-loads.ts';
import { typicalColdWaveMs } from './typical-calls.ts';

/** How loads are played, beside what each of them is. */
export interface LoadsPlayed {
  /** How many rounds the calls of each load are divided into, at least 1. */
  readonly rounds: number;
  /** Forced cold starts after the rounds; undefined: none. */
  readonly cold?: ColdPlan | undefined;
}

/** What a turn takes beside its calls, ms: the look at the machine, and the record that is written after it. */
const TURN_MS = 25;

/** What the first load of a local bench waits, ms, so that the rows of the probe's calls stand apart from its own. */
const APART_MS = 1000;

/**
 * How long loads take that follow each other in turns, ms. Beside its calls each has the cold starts that its first calls
 * meet, its turns, and the cold starts that are forced after them.
 */
export function loadsMs(
  expected: readonly ExpectedJob[],
  { rounds, cold }: LoadsPlayed,
  earlier: readonly RunRecord[],
): number {
  const kind = kindOf(expected);
  const functions = expected.map(({ job }) => ({ route: job.plan.route, runtime: job.runtime }));
  const startsMs = functions.reduce(
    (sum, { runtime }) => sum + (kind === undefined ? 0 : typicalColdWaveMs(kind, runtime)),
    0,
  );
  const forcedMs = cold === undefined || kind === undefined ? 0 : coldTimeMs(functions, kind, cold, earlier);
  const apartMs = kind === 'local' ? APART_MS : 0;
  return expectedTotalMs(expected) + apartMs + startsMs + expected.length * rounds * TURN_MS + forcedMs;
}

/** The target of the loads. Undefined for a URL without a deployment, because nothing is known about its cold starts. */
function kindOf(expected: readonly ExpectedJob[]): TargetKind | undefined {
  const kind = expected[0]?.job.about?.target.kind;
  return kind === 'url' ? undefined : kind;
}

import type { RunRecord } from '../../model/run.ts';
import type { TargetKind } from '../../model/target.ts';
import { type ColdPlan, coldTimeMs } from './cold-time.ts';
import { expectedTotalMs } from './estimate-time.ts';
import type { ExpectedJob } from './expect-loads.ts';

/** How loads are played, beside what each of them is. */
export interface LoadsPlayed {
  /** How many rounds the calls of each load are divided into, at least 1. */
  readonly rounds: number;
  /** Forced cold starts after the rounds; undefined: none. */
  readonly cold?: ColdPlan | undefined;
}

/** What a load takes beside its calls, ms: its first connections, and its record before and after. */
const LOAD_MS = 150;
/** What a turn takes beside its calls, ms: the look at the machine, and the record that is written after it. */
const TURN_MS = 15;

/** How long loads take that follow each other in turns, ms, their forced cold starts included. */
export function loadsMs(
  expected: readonly ExpectedJob[],
  { rounds, cold }: LoadsPlayed,
  earlier: readonly RunRecord[],
): number {
  return (
    expectedTotalMs(expected) +
    expected.length * (LOAD_MS + rounds * TURN_MS) +
    coldMsOf(expected, cold, earlier)
  );
}

function coldMsOf(
  expected: readonly ExpectedJob[],
  cold: ColdPlan | undefined,
  earlier: readonly RunRecord[],
): number {
  const [kind] = expected.flatMap(({ job }): TargetKind[] => {
    const found = job.about?.target.kind;
    return found === undefined || found === 'url' ? [] : [found];
  });
  if (cold === undefined || kind === undefined) return 0;
  const functions = expected.map(({ job }) => ({ route: job.plan.route, runtime: job.runtime }));
  return coldTimeMs(functions, kind, cold, earlier);
}

import type { RunRecord } from '../../model/run.ts';
import type { TargetKind } from '../../model/target.ts';
import { type MachinePace, slowdown } from '../measure/machine-pace.ts';
import { typicalColdWaveMs } from './typical-calls.ts';

/** Forced cold starts of each function, and how many start at once. */
export interface ColdPlan {
  readonly asked: number;
  readonly atOnce: number;
}

/** The duration of an update of the functions of a wave, ms. */
const RETIRE_MS: Readonly<Record<TargetKind, number>> = { local: 40, endpoint: 500, aws: 4000 };

/** The wait for the rows of the forced cold starts of one route, ms. The rows are counted. */
const COUNT_MS: Readonly<Record<TargetKind, number>> = { local: 600, endpoint: 2000, aws: 30_000 };

/**
 * How long forced cold starts take, ms. Uses the latest run of each function with forced cold starts, otherwise
 * typical figures.
 */
export function coldTimeMs(
  functions: readonly { readonly route: string; readonly runtime: string }[],
  kind: TargetKind,
  { asked, atOnce }: ColdPlan,
  earlier: readonly RunRecord[],
  pace: MachinePace,
): number {
  const waves = Math.ceil(asked / atOnce);
  // The functions of one route in one setting are retired together.
  const retired = functions.length / Math.max(1, new Set(functions.map(({ runtime }) => runtime)).size);
  const callsMs = functions.reduce((sum, { route, runtime }) => {
    const run = earlier.findLast(
      (each) =>
        each.coldStarts !== undefined &&
        each.route === route &&
        each.runtime === runtime &&
        each.target.kind === kind,
    );
    const rounds = (run?.rounds ?? []).filter(({ index }) => index < 0);
    const tookMs = rounds.reduce((ms, { elapsedMs }) => ms + elapsedMs, 0);
    const waveMs =
      rounds.length === 0 ? typicalColdWaveMs(kind, route, runtime) * slowdown(pace) : tookMs / rounds.length;
    return sum + waves * waveMs;
  }, 0);
  return callsMs + retired * (waves * RETIRE_MS[kind] * slowdown(pace) + COUNT_MS[kind]);
}

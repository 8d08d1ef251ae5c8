import type { Samples, Temperature } from './report.ts';

/** The index of the warm-up round. Rounds of forced cold starts have lower indices, measured rounds higher ones. */
const WARMUP_ROUND = 0;

/**
 * The indices of a run's warm or cold rows, in the order of time. Warm rows are those of measured rounds. Cold
 * rows are those of forced cold starts if there are any, otherwise all cold rows.
 */
export function rowsOf(
  { initMs, round }: Pick<Samples, 'initMs' | 'round'>,
  temperature: Temperature,
): number[] {
  const isForced = hasForcedColdStarts({ initMs, round });
  const rows: number[] = [];
  for (let index = 0; index < initMs.length; index++) {
    const isWarm = initMs[index] === null;
    if (isWarm !== (temperature === 'warm')) continue;
    // Without rounds (`round` is empty) every row counts.
    const place = round[index] ?? 1;
    if (isWarm ? place > WARMUP_ROUND : !isForced || place < WARMUP_ROUND) rows.push(index);
  }
  return rows;
}

/** The indices of the warm rows of each measured round. Empty if the run has no rounds. */
export function warmRowsByRound(samples: Pick<Samples, 'initMs' | 'round'>): number[][] {
  const rounds = new Map<number, number[]>();
  for (const row of rowsOf(samples, 'warm')) {
    const round = samples.round[row];
    if (round !== undefined) rounds.set(round, [...(rounds.get(round) ?? []), row]);
  }
  return [...rounds.values()];
}

/** Whether a run has forced cold starts, which are cold rows in rounds with a negative index. */
export function hasForcedColdStarts({ initMs, round }: Pick<Samples, 'initMs' | 'round'>): boolean {
  return round.some((index, row) => index < WARMUP_ROUND && initMs[row] !== null);
}

/** The number of warm rows of the warm-up. No figure includes them. */
export function warmupRows({ initMs, round }: Pick<Samples, 'initMs' | 'round'>): number {
  return initMs.filter((init, index) => init === null && round[index] === WARMUP_ROUND).length;
}

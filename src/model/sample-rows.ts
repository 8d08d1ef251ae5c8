import type { Samples, Temperature } from './report.ts';

/** The index of the warm-up round. Rounds of forced cold starts have indices below it, measured ones above. */
const WARMUP_ROUND = 0;

/**
 * The indices of a run's rows of one temperature, in the order of time. Warm rows are those of measured rounds. Cold
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

/** Whether a run has cold starts that were forced: cold rows of rounds below 0. */
export function hasForcedColdStarts({ initMs, round }: Pick<Samples, 'initMs' | 'round'>): boolean {
  return round.some((index, row) => index < WARMUP_ROUND && initMs[row] !== null);
}

/** The number of warm rows of the warm-up, which are in no figure. */
export function warmupRows({ initMs, round }: Pick<Samples, 'initMs' | 'round'>): number {
  return initMs.filter((init, index) => init === null && round[index] === WARMUP_ROUND).length;
}

import type { Sweep } from '../../model/sweep.ts';

/** The smallest gain that counts as one, as a share. */
const LEAST_GAIN = 0.05;

/**
 * Whether the largest memory size made no function faster than the size before it: each gained less than 5 % of the
 * warm median. Functions without a median at both sizes are ignored. Even larger sizes then cost more and are not
 * faster.
 */
export function isFlat(sweep: Sweep | undefined): boolean {
  const gains = (sweep?.curves ?? []).flatMap(({ points }) => {
    const [before, last] = points.slice(-2);
    return before?.warmMs === undefined || last?.warmMs === undefined
      ? []
      : [1 - last.warmMs.p50 / before.warmMs.p50];
  });
  return gains.length > 0 && gains.every((gain) => gain < LEAST_GAIN);
}

import type { Sweep } from '../../model/report.ts';

/** A smaller gain than this is none. */
const LEAST_GAIN = 0.05;

/**
 * Whether the largest memory size made no function faster than the size before it: by less than 5 % of the warm median, for
 * every function of which both are known. Larger sizes cost more and can't be faster then.
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

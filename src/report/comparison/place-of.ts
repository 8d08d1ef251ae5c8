import type { Report } from '../../model/report.ts';

/**
 * The place where the functions of a report ran. The difference between figures of two places says nothing about the
 * code.
 */
export function placeOf({ target, runs }: Pick<Report, 'target' | 'runs'>): string {
  const limited = runs.filter(({ enforcedCpu }) => enforcedCpu !== undefined).length;
  if (limited === 0) return target.kind;
  return limited === runs.length ? `${target.kind} as Lambda` : `${target.kind}, partly as Lambda`;
}

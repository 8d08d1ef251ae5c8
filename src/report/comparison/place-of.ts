import type { Report } from '../../model/report.ts';

/** Where the functions of a report ran. Figures of two places say nothing about each other's code. */
export function placeOf({ target, runs }: Pick<Report, 'target' | 'runs'>): string {
  const limited = runs.filter(({ enforcedCpu }) => enforcedCpu !== undefined).length;
  if (limited === 0) return target.kind;
  return limited === runs.length ? `${target.kind} as Lambda` : `${target.kind}, partly as Lambda`;
}

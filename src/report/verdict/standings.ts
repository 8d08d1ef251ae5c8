import type { ReportedRun, Rival, Standing } from '../../model/report.ts';
import { TEMPERATURES } from '../../model/report.ts';
import { ROUTES } from '../../model/route.ts';
import { type Conditions, runRatio, usableMedian } from './pair-runs.ts';

/**
 * For each route and temperature the run with the lowest median, and whether the others can be told from it. A route with
 * fewer than two usable runs has no standing.
 */
export function standingsOf(runs: readonly ReportedRun[], conditions: Conditions): Standing[] {
  return ROUTES.flatMap((route) =>
    TEMPERATURES.flatMap((temperature): Standing[] => {
      const ranked = runs
        .filter((run) => run.route === route)
        .flatMap((run) => {
          const median = usableMedian(run, temperature);
          return median === undefined ? [] : [{ run, median }];
        })
        .sort((a, b) => a.median - b.median);
      const [best, ...others] = ranked.map(({ run }) => run);
      if (best === undefined) return [];
      const rivals = others.flatMap((other): Rival[] => {
        const ratio = runRatio(best, other, temperature, conditions);
        return ratio === undefined ? [] : [{ runId: other.runId, ...ratio }];
      });
      if (rivals.length === 0) return [];
      const isDecided = rivals.every(({ verdict }) => verdict === 'faster');
      return [{ route, temperature, bestRunId: best.runId, isDecided, rivals }];
    }),
  );
}

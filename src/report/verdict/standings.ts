import { cellOf } from '../../model/cell.ts';
import type { ReportedRun, Rival, Standing } from '../../model/report.ts';
import { TEMPERATURES } from '../../model/report.ts';
import { inBenchOrder } from '../../model/route.ts';
import { type Conditions, runRatio, usableMedian } from './pair-runs.ts';

/**
 * For each route, setting and temperature: the run with the lowest median, and whether it differs significantly from
 * the others. There is no standing with fewer than two usable runs.
 */
export function standingsOf(runs: readonly ReportedRun[], conditions: Conditions): Standing[] {
  const cells = [...new Set(runs.map(cellOf))];
  const routes = inBenchOrder(runs.map(({ route }) => route));
  const fields = routes.flatMap((route) => cells.map((cell) => ({ route, cell })));
  return fields.flatMap(({ route, cell }) =>
    TEMPERATURES.flatMap((temperature): Standing[] => {
      const ranked = runs
        .filter((run) => run.route === route && cellOf(run) === cell)
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

import { counted, groupThousands } from '../../model/number-text.ts';
import { isMaximum, percentileName } from '../../model/percentiles.ts';
import type { ReportedRun } from '../../model/report.ts';
import { FEWEST_FOR_MEDIAN } from '../../model/run-work.ts';

/** The notes for readers of the figures, in every format, one sentence each. */
export function notesOf(runs: readonly ReportedRun[], percentiles: readonly number[]): string[] {
  const measured = runs.flatMap(({ server }) => (server.state === 'measured' ? [server] : []));
  // Smaller groups have no percentiles.
  const counts = measured
    .flatMap(({ warm, cold }) => [warm?.count ?? 0, cold?.count ?? 0])
    .filter((count) => count >= FEWEST_FOR_MEDIAN);
  const maxima = percentiles.filter((percent) => counts.some((count) => isMaximum(percent, count)));
  const isUncounted = runs.some(({ client }) => client === undefined);
  const warmup = measured.reduce((sum, { warmupRows }) => sum + warmupRows, 0);
  return [
    ...(isUncounted
      ? [
          'These are all invocations in the window, whoever made them: no load counted the calls, so missing rows cannot be detected.',
        ]
      : []),
    ...maxima.map(
      (percent) =>
        `${percentileName(percent)} of fewer than ${groupThousands(Math.ceil(100 / (100 - percent) - 1e-9))} rows is their maximum.`,
    ),
    ...(warmup === 0
      ? []
      : [
          `${counted(warmup, 'warm invocation of the warm-up is', 'warm invocations of the warm-up are')} in no figure; its cold starts are.`,
        ]),
  ];
}

import { usageError } from '../../errors.ts';
import type { ReportedRun } from '../../model/report.ts';
import { didItsWork } from '../../model/run-work.ts';

/** Checks the baseline that was asked for. @throws usageError `unknown-baseline` if no run is of that runtime */
export function checkBaseline(runtimes: readonly string[], asked: string | undefined): void {
  if (asked === undefined || runtimes.includes(asked)) return;
  throw usageError(
    'unknown-baseline',
    `The runs contain no runtime '${asked}' to be the baseline`,
    `--baseline takes one of ${[...new Set(runtimes)].join(', ')}`,
  );
}

/**
 * The runtime with which the others are compared: the one that was asked for, otherwise the slowest. The slowest has
 * the highest geometric mean, over the routes, of its warm p50 divided by the lowest of the route. Undefined if fewer
 * than two runtimes have rows.
 * @throws usageError `unknown-baseline`
 */
export function chooseBaseline(runs: readonly ReportedRun[], asked: string | undefined): string | undefined {
  const runtimes = [...new Set(runs.map(({ runtime }) => runtime))];
  checkBaseline(runtimes, asked);
  if (runtimes.length < 2) return undefined;
  if (asked !== undefined) return asked;
  const logs = new Map<string, number[]>();
  for (const route of new Set(runs.map((run) => run.route))) {
    const measured = runs.flatMap((run) => {
      const value = run.server.state === 'measured' ? run.server.warm?.durationMs.p50 : undefined;
      const counts = run.route === route && didItsWork(run) && value !== undefined && value > 0;
      return counts ? [{ runtime: run.runtime, value }] : [];
    });
    const best = Math.min(...measured.map(({ value }) => value));
    for (const { runtime, value } of measured) {
      logs.set(runtime, [...(logs.get(runtime) ?? []), Math.log(value / best)]);
    }
  }
  const slowness = [...logs].map(([runtime, values]) => ({
    runtime,
    mean: values.reduce((total, value) => total + value, 0) / values.length,
  }));
  slowness.sort((a, b) => b.mean - a.mean || a.runtime.localeCompare(b.runtime, 'en'));
  return slowness.length < 2 ? undefined : slowness[0]?.runtime;
}

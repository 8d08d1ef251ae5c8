import type { Comparison, MetricChange } from '../../../src/model/comparison.ts';
import type { Temperature } from '../../../src/model/report.ts';
import { compareBuilds } from '../../../src/report/comparison/compare-builds.ts';
import { compareReports } from '../../../src/report/comparison/compare-reports.ts';
import { holdsBuilds } from './modes.ts';
import type { ChainState } from './state.ts';

interface Counted {
  figures: number;
  changed: number;
  /** Figures without an interval. */
  untold: number;
}

/** A table in Markdown: how many figures the comparisons of a chain call changed, by figure and in all. */
export function tableOf(state: ChainState): string {
  const { settings, benches } = state;
  const comparisons = comparisonsOf(state);
  const counts = new Map<string, Counted>();
  const count = (name: string, { verdict, interval }: MetricChange): void => {
    const counted = counts.get(name) ?? { figures: 0, changed: 0, untold: 0 };
    counted.figures++;
    if (verdict !== 'unclear') counted.changed++;
    if (interval === undefined) counted.untold++;
    counts.set(name, counted);
  };
  for (const { functions } of comparisons) {
    for (const { temperature, route, changes } of functions) {
      for (const change of changes) {
        count(figureName(temperature, change), change);
        if (settings.mode === 'slowed') count(`${figureName(temperature, change)} of the ${route}`, change);
        count('all', change);
      }
    }
  }
  const seconds = benches.map(({ tookMs }) => tookMs / 1000).toSorted((a, b) => a - b);
  const median = seconds[Math.floor(seconds.length / 2)] ?? 0;
  return [
    `${settings.mode}: ${comparisons.length} comparisons of ${benches.length} benches, ${settings.calls} calls per route and runtime in ${settings.rounds} rounds; a bench takes ${median.toFixed(1)} s (median)`,
    '',
    '| figure | figures | with an interval | called changed | of all | of those with an interval |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...[...counts]
      .filter(([, { figures, untold }]) => untold < figures)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(
        ([name, { figures, changed, untold }]) =>
          `| ${name} | ${figures} | ${figures - untold} | ${changed} | ${percent(changed / figures)} | ${percent(changed / (figures - untold))} |`,
      ),
    '',
  ].join('\n');
}

function comparisonsOf(state: ChainState): Comparison[] {
  const { benches, settings } = state;
  const named = (index: number) => ({ name: String(index), report: state.report(index) });
  if (holdsBuilds(settings.mode))
    return benches.map((_, index) => compareBuilds(named(index), { rules: [] }));
  return benches
    .slice(1)
    .map((_, index) => compareReports(named(index), named(index + 1), { rules: [], force: false }));
}

function figureName(temperature: Temperature, { metric }: MetricChange): string {
  return `${temperature} ${metric}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

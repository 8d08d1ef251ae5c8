// What slices bring, computed from the stored benches of two builds:
// npm run bench:slices -- STATE.json [--route cat] [--slices 1,2,3,6]  (STATE.json as bench:aa keeps it)
// The durations of both builds in the order of time, each less the mean of its build, are how fast the machine was from
// call to call. They are dealt to two builds again as if each round had been cut into so many slices, in both orders, and
// one build is slowed by 10 %, or not at all. A second table tells how far neighbouring groups of calls lie apart.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Report, ReportedRun } from '../../src/model/report.ts';
import { rowsOf } from '../../src/model/sample-rows.ts';
import type { Observation, Statistic } from '../../src/report/statistics/estimate.ts';
import { pairedRatio } from '../../src/report/statistics/paired-ratio.ts';
import { mean, sampleStddev } from '../../src/report/statistics/statistics.ts';

const SLOWER = 1.1;
const STATISTICS: Readonly<Record<string, Statistic>> = {
  avg: { kind: 'mean' },
  p50: { kind: 'percentile', percent: 50 },
  p90: { kind: 'percentile', percent: 90 },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    route: { type: 'string', default: 'cat' },
    slices: { type: 'string', default: '1,2,3,6' },
  },
});

/** One warm invocation, with its log duration less the mean of its build. */
interface Call {
  readonly build: string;
  readonly round: number;
  readonly atMs: number;
  /** Which process served it. */
  readonly environment: number;
  readonly logMs: number;
}

function callsOf(run: ReportedRun): Call[] {
  const samples = run.server.state === 'measured' ? run.server.samples : undefined;
  if (samples === undefined) return [];
  const rows = rowsOf(samples, 'warm').filter((row) => (samples.round[row] ?? 0) > 0);
  const logs = rows.map((row) => Math.log(samples.durationMs[row] ?? Number.NaN));
  const center = mean(logs) ?? 0;
  return rows.map((row, place) => ({
    build: run.label,
    round: samples.round[row] ?? 0,
    atMs: run.window.startEpochMs + (samples.atMs[row] ?? 0),
    environment: samples.environment[row] ?? 0,
    logMs: (logs[place] ?? 0) - center,
  }));
}

/** The calls of a bench dealt to two builds: `slices` slices a round, the second build `slower` (a factor). */
function deal(calls: readonly Call[], rounds: number, slices: number, first: 0 | 1, slower: number) {
  const sides: [Observation[], Observation[]] = [[], []];
  for (const [place, { environment, logMs }] of calls.entries()) {
    const turn = Math.floor((place * rounds * slices * 2) / calls.length);
    const side = (turn + Math.floor(turn / 2) + first) % 2;
    const value = Math.exp(logMs) * (side === 1 ? slower : 1);
    sides[side === 1 ? 1 : 0].push({ round: 1 + Math.floor(turn / (2 * slices)), environment, value });
  }
  return sides;
}

const sizes = [3, 6, 10, 30];

/** Standard deviation of the difference of two neighbouring groups of `size` calls, of one build and of both. */
function neighbours(series: readonly (readonly Call[])[], size: number) {
  const [same, other]: [number[], number[]] = [[], []];
  const level = (calls: readonly Call[]) => mean(calls.map(({ logMs }) => logMs)) ?? 0;
  for (const calls of series) {
    const turns = calls.reduce<Call[][]>((all, call) => {
      const last = all.at(-1)?.at(-1);
      if (last?.build === call.build && last.round === call.round) all.at(-1)?.push(call);
      else all.push([call]);
      return all;
    }, []);
    for (const [place, turn] of turns.entries()) {
      const next = turns[place + 1];
      if (turn.length < 2 * size) continue;
      same.push(level(turn.slice(-size)) - level(turn.slice(-2 * size, -size)));
      if (next === undefined || next.length < size || next[0]?.build === turn[0]?.build) continue;
      const sign = next[0]?.build === calls[0]?.build ? -1 : 1;
      other.push(sign * (level(next.slice(0, size)) - level(turn.slice(-size))));
    }
  }
  return { same: sampleStddev(same), other: sampleStddev(other) };
}

const percent = (share: number) => `${(share * 100).toFixed(0)} %`;
for (const file of positionals) {
  const { settings, benches } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly settings: { readonly calls: number; readonly rounds: number };
    readonly benches: readonly unknown[];
  };
  const series = benches.map((_, index) => {
    const report = JSON.parse(readFileSync(`${file}.reports/${index}.json`, 'utf8')) as Report;
    const runs = report.runs.filter(({ route }) => route === values.route);
    return runs.flatMap(callsOf).toSorted((a, b) => a.atMs - b.atMs);
  });
  console.log(
    `${benches.length} benches of ${settings.calls} calls in ${settings.rounds} rounds, each dealt twice\n`,
  );
  console.log(
    `| slices a round | ${Object.keys(STATISTICS)
      .map((name) => `${name}: noticed | equal, called changed | half-width`)
      .join(' | ')} |`,
  );
  console.log(
    `| --: |${Object.keys(STATISTICS)
      .map(() => ' --: | --: | --: |')
      .join('')}`,
  );
  for (const slices of values.slices.split(',').map(Number)) {
    const cells = Object.values(STATISTICS).map((statistic) => {
      const intervals = (slower: number) =>
        series.flatMap((calls) =>
          ([0, 1] as const).map((first) => {
            const [a, b] = deal(calls, settings.rounds, slices, first, slower);
            return pairedRatio(a, b, statistic, 'one').interval;
          }),
        );
      const share = (slower: number, isCounted: (low: number, high: number) => boolean) =>
        mean(intervals(slower).map((one) => (one !== undefined && isCounted(one.low, one.high) ? 1 : 0))) ??
        0;
      const widths = intervals(1).flatMap((one) => (one ? [Math.log(one.high / one.low) / 2] : []));
      return [
        percent(share(SLOWER, (low) => low > 1)),
        percent(share(1, (low, high) => low > 1 || high < 1)),
        `±${((mean(widths) ?? Number.NaN) * 100).toFixed(1)} %`,
      ].join(' | ');
    });
    console.log(`| ${slices} | ${cells.join(' | ')} |`);
  }
  console.log(
    '\n| neighbouring groups of so many calls differ by | of one build | of both builds |\n| --: | --: | --: |',
  );
  for (const size of sizes) {
    const { same, other } = neighbours(series, size);
    if (same !== undefined && other !== undefined)
      console.log(`| ${size} | ${percent(same)} | ${percent(other)} |`);
  }
  console.log('');
}

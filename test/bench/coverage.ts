// How often the intervals of shedbench hold the truth, in simulated benches.
// npm run bench:coverage -- [--repeats 4000] [--seed 0] [--tables TEXT] [--write]
// Prints tables in Markdown (those whose titles hold TEXT), and with --write puts all into docs/statistics.md. Exits 1 where a coverage lies outside 93
// to 97 %. The figures depend on the seed and on no clock: they are the same on every machine.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Statistic } from '../../src/report/statistics/estimate.ts';
import { coldRatio, pairedRatio } from '../../src/report/statistics/paired-ratio.ts';
import { type Random, seededRandom } from '../../src/report/statistics/random-draws.ts';
import { BENCH_DEVIATION, unpairedChange } from '../../src/report/statistics/unpaired-change.ts';
import { Coverage } from './coverage/measure-coverage.ts';
import { PAIRED_SCENARIOS, SLICED_SCENARIOS, UNPROMISED_SCENARIOS } from './coverage/scenarios.ts';
import {
  hiddenDeviation,
  QUIET,
  simulateBench,
  simulateColdStarts,
  type World,
} from './coverage/simulate-bench.ts';

const { values: flags } = parseArgs({
  options: {
    repeats: { type: 'string', default: '4000' },
    seed: { type: 'string', default: '0' },
    tables: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
});
if (flags.write && flags.tables !== '') throw new Error('--write takes all tables: leave out --tables');
const REPEATS = Number(flags.repeats);
const PAGE = 'docs/statistics.md';
const [START, END] = ['<!-- bench:coverage -->', '<!-- /bench:coverage -->'];
const ROUNDS = [5, 6, 7, 8, 10, 12];
const LOWEST = 0.93;
const HIGHEST = 0.97;
/** The second side is so much slower. */
const SLOWER = 1.1;
const P50: Statistic = { kind: 'percentile', percent: 50 };
const STATISTICS: Readonly<Record<string, Statistic>> = {
  p50: P50,
  p90: { kind: 'percentile', percent: 90 },
  p99: { kind: 'percentile', percent: 99 },
  mean: { kind: 'mean' },
};

/** The title of the table whose coverages may lie outside. */
const UNPROMISED = 'Where it does not hold: two functions of one bench, p50';

function slicedTitle(statistic: string): string {
  return `Rounds in one piece and in slices, two functions of one bench: ${statistic}`;
}

let cells = 0;
const outside: string[] = [];
/** Each cell has a seed of its own; those of two runs overlap where their first seeds differ by less than the number of cells. */
let seed = Number(flags.seed);
const printed: string[] = [];

function print(text: string): void {
  printed.push(text);
  process.stdout.write(`${text}\n`);
}

function cellText(name: string, coverage: Coverage): string {
  if (coverage.withInterval === 0) return '–';
  const { covered, halfWidth } = coverage;
  const text = `${(covered * 100).toFixed(1)} (±${(halfWidth * 100).toFixed(1)})`;
  if (name.startsWith(UNPROMISED)) return text;
  cells++;
  if (covered >= LOWEST && covered <= HIGHEST) return text;
  outside.push(`${name}: ${text}`);
  return `**${text}**`;
}

/** Simulates every row and column, and prints one table for each name of `titles`. */
function tables(
  head: string,
  rows: readonly string[],
  columns: readonly number[],
  titles: readonly string[],
  truth: number,
  simulate: (row: number, column: number, random: Random, add: (title: string) => Coverage) => void,
): void {
  if (!titles.some((title) => title.includes(flags.tables))) {
    seed += rows.length * columns.length;
    return;
  }
  const lines = new Map(titles.map((title) => [title, [] as string[]]));
  for (const [row, name] of rows.entries()) {
    const cells = columns.map((column) => {
      const coverages = new Map(titles.map((title) => [title, new Coverage(truth)]));
      const random = seededRandom(++seed);
      const coverageOf = (title: string) => coverages.get(title) ?? new Coverage(truth);
      for (let repeat = 0; repeat < REPEATS; repeat++) simulate(row, column, random, coverageOf);
      return coverages;
    });
    for (const title of titles) {
      const texts = cells.map((coverages, index) =>
        cellText(`${title}, ${name}, ${columns[index]}`, coverages.get(title) ?? new Coverage(truth)),
      );
      lines.get(title)?.push(`| ${name} | ${texts.join(' | ')} |`);
    }
  }
  for (const [title, texts] of lines) {
    print(`### ${title}\n\n| ${head} | ${columns.join(' | ')} |`);
    print(`| :-- |${columns.map(() => ' --: |').join('')}\n${texts.join('\n')}\n`);
  }
}

tables(
  'rounds',
  PAIRED_SCENARIOS.map(({ name }) => name),
  ROUNDS,
  Object.keys(STATISTICS).map((name) => `Two functions of one bench: ${name}`),
  SLOWER,
  (row, rounds, random, coverageOf) => {
    const [first, second] = simulateBench(PAIRED_SCENARIOS[row]?.world ?? QUIET, rounds, SLOWER, random);
    for (const [name, statistic] of Object.entries(STATISTICS)) {
      coverageOf(`Two functions of one bench: ${name}`).add(pairedRatio(first, second, statistic, 'many'));
    }
  },
);

// A walk or drift of the machine over a bench is part of how benches differ, and both benches are of the same function.
const STEADY = PAIRED_SCENARIOS.filter(
  ({ world }) => world.drift === 0 && world.walk === 0 && world.sensitivity === 0,
);
tables(
  'rounds',
  STEADY.map(({ name }) => name),
  ROUNDS,
  [`Two benches of one build (between benches: ${BENCH_DEVIATION.many * 100} %): p50`],
  1,
  (row, rounds, random, coverageOf) => {
    const scenario: World = STEADY[row]?.world ?? QUIET;
    const hidden = hiddenDeviation(scenario, rounds);
    const world = { ...scenario, benchDeviation: Math.sqrt(BENCH_DEVIATION.many ** 2 - hidden ** 2) };
    const [before] = simulateBench(world, rounds, 1, random);
    const [after] = simulateBench(world, rounds, 1, random);
    coverageOf(`Two benches of one build (between benches: ${BENCH_DEVIATION.many * 100} %): p50`).add(
      unpairedChange([before], [after], P50, 'many'),
    );
  },
);

const COLD: readonly (readonly [string, World])[] = [
  ['hosts ×1.2', { ...QUIET, hostRange: 1.2 }],
  ['hosts ×1.4', { ...QUIET, hostRange: 1.4 }],
  ['hosts ×1.4, heavy tails (10 % outliers)', { ...QUIET, hostRange: 1.4, outliers: 0.1 }],
  ['hosts ×1.4, rows ±5 % only', { ...QUIET, hostRange: 1.4, rowDeviation: 0.05 }],
];
for (const times of [1, 3]) {
  const title = `Cold starts: environments of the first function, the second has ${times === 1 ? 'as many' : 'three times as many'}`;
  tables(
    'environments',
    COLD.map(([name]) => name),
    [3, 4, 5, 6, 8, 12, 20, 40, 100],
    [title],
    1,
    (row, count, random, coverageOf) => {
      const [first, second] = simulateColdStarts(COLD[row]?.[1] ?? QUIET, [count, count * times], random);
      coverageOf(title).add(coldRatio(first, second, P50, 'many'));
    },
  );
}

tables(
  'rounds',
  UNPROMISED_SCENARIOS.map(({ name }) => name),
  ROUNDS,
  [UNPROMISED],
  SLOWER,
  (row, rounds, random, coverageOf) => {
    const world = UNPROMISED_SCENARIOS[row]?.world ?? QUIET;
    const [first, second] = simulateBench(world, rounds, SLOWER, random);
    coverageOf(UNPROMISED).add(pairedRatio(first, second, P50, 'many'));
  },
);

tables(
  'rounds',
  SLICED_SCENARIOS.map(({ name }) => name),
  ROUNDS,
  ['p50', 'mean'].map(slicedTitle),
  SLOWER,
  (row, rounds, random, coverageOf) => {
    const [first, second] = simulateBench(SLICED_SCENARIOS[row]?.world ?? QUIET, rounds, SLOWER, random);
    for (const name of ['p50', 'mean']) {
      coverageOf(slicedTitle(name)).add(pairedRatio(first, second, STATISTICS[name] ?? P50, 'many'));
    }
  },
);

const day = new Date().toISOString().slice(0, 10);
print(
  `Computed ${day} by \`npm run bench:coverage\`: ${cells} coverages of ${REPEATS} simulated benches each, of which ${outside.length} lie outside 93 to 97 %.`,
);
for (const line of outside) print(`- ${line}`);
if (flags.write) {
  const page = readFileSync(PAGE, 'utf8');
  const [before, after] = [page.indexOf(START) + START.length, page.indexOf(END)];
  writeFileSync(PAGE, `${page.slice(0, before)}\n\n${printed.join('\n')}\n\n${page.slice(after)}`);
  execFileSync('npx', ['biome', 'format', '--write', PAGE]);
}
process.exitCode = outside.length === 0 ? 0 : 1;

import { describe, expect, test } from 'vitest';
import type { Comparison } from '../../src/model/comparison.ts';
import { renderJson } from '../../src/model/json-text.ts';
import type { Report } from '../../src/model/report.ts';
import { renderComparison, renderComparisonMarkdown } from '../../src/render/comparison.ts';
import { compareBuilds } from '../../src/report/comparison/compare-builds.ts';
import { compareReports } from '../../src/report/comparison/compare-reports.ts';
import { parseFailRule } from '../../src/report/comparison/fail-rules.ts';
import { type RoundsOptions, reportOfRounds } from '../report/comparison/reports-of-rounds.ts';
import type { RunChanges } from '../report/fixtures.ts';
import { expectGolden } from './golden.ts';

const LOCAL: RunChanges = { target: { kind: 'local', region: 'us-east-1', endpoint: 'http://127.0.0.1:1' } };
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what starts a colour.
const visible = (text: string) => text.replaceAll(/\u001b\[\d+m/g, '');

/** A report of two runtimes. */
async function reportOf(node: Partial<RoundsOptions>, rust: Partial<RoundsOptions>): Promise<Report> {
  const first = await reportOfRounds({ seed: 31, rounds: 10, runtime: 'node', ...node });
  const second = await reportOfRounds({ seed: 32, rounds: 10, runtime: 'rust', ...rust });
  return { ...first, runs: [...first.runs, ...second.runs] };
}

/** Node is as before, Rust is slower, and its rounds are too few for the later side to tell. */
async function ofBenches(): Promise<Comparison> {
  const after = { artifactSha256: 'c'.repeat(64), plan: { parallel: 50 } };
  return compareReports(
    { name: 'before.json', report: await reportOf({}, {}) },
    {
      name: 'after.json',
      report: await reportOf(
        { seed: 33, typicalMs: 30, changes: after },
        { seed: 34, rounds: 2, changes: after },
      ),
    },
    {
      rules: ['p99>+10%', 'node:p95>+90%', 'rust:p50>+10%', 'p50>25ms', 'errors>0'].map(parseFailRule),
      force: false,
    },
  );
}

async function ofBuilds(): Promise<Comparison> {
  const report = await reportOf(
    { runtime: 'node-against', changes: LOCAL, environments: 2 },
    { runtime: 'node', changes: LOCAL, environments: 2, typicalMs: 22 },
  );
  return compareBuilds({ name: 'ab.json', report }, { rules: ['p50>+5%', 'p50>+10%'].map(parseFailRule) });
}

async function ofUnlikeMachines(): Promise<Comparison> {
  const bench = async (yardstickMs: number) =>
    await reportOfRounds({ seed: 35, rounds: 10, changes: LOCAL, machine: { yardstickMs } });
  return compareReports(
    { name: 'before.json', report: await bench(10) },
    { name: 'after.json', report: await bench(12) },
    { rules: [parseFailRule('p50>+10%')], force: false },
  );
}

describe('a comparison', () => {
  test.each([
    ['comparison', ofBenches],
    ['comparison-builds', ofBuilds],
    ['comparison-no-verdict', ofUnlikeMachines],
  ])('a comparison reads as its golden file: %s', async (name, make) => {
    const comparison = await make();
    expectGolden(`${name}.txt`, renderComparison(comparison, { columns: 80, color: false }));
    expectGolden(`${name}.md`, renderComparisonMarkdown(comparison));
  });

  test('a comparison in JSON reads as its golden file', async () => {
    expectGolden('comparison.json', renderJson(await ofBenches()));
  });

  test.each([ofBenches, ofBuilds])(
    'a comparison in colour says the same words, within its width',
    async (make) => {
      const made = await make();
      const plain = renderComparison(made, { columns: 80, color: false });
      expect(visible(renderComparison(made, { columns: 80, color: true }))).toBe(plain);
      const table = plain.split('\n').filter((line) => line.startsWith('  '));
      expect(Math.max(...table.map((line) => [...line].length))).toBeLessThanOrEqual(80);
    },
  );
});

import { describe, expect, test } from 'vitest';
import type { Report } from '../../../src/model/report.ts';
import { renderComparison } from '../../../src/render/comparison.ts';
import { buildPairs, compareBuilds } from '../../../src/report/comparison/compare-builds.ts';
import { parseFailRule } from '../../../src/report/comparison/fail-rules.ts';
import { reportOfRounds } from './reports-of-rounds.ts';

/** One bench of two builds, the second slower by a factor. */
async function benchOfBuilds(slower: number, labels = ['node-against', 'node']): Promise<Report> {
  const reports = await Promise.all(
    labels.map((runtime, index) =>
      reportOfRounds({
        seed: 20 + index,
        rounds: 10,
        typicalMs: index === 0 ? 20 : 20 * slower,
        runtime,
        changes: { target: { kind: 'local', region: 'us-east-1', endpoint: 'http://127.0.0.1:1' } },
      }),
    ),
  );
  const [first] = reports;
  if (first === undefined) throw new Error('no label');
  return { ...first, runs: reports.flatMap(({ runs }) => runs) };
}

describe('the builds of a bench', () => {
  test('the builds of a bench are told by their labels, each held against the first or against what --against named', async () => {
    expect(buildPairs(['node', 'node-against'])).toEqual([{ before: 'node-against', after: 'node' }]);
    expect(buildPairs(['go-a', 'go-b', 'go-c', 'rust'])).toEqual([
      { before: 'go-a', after: 'go-b' },
      { before: 'go-a', after: 'go-c' },
    ]);
  });

  test('the builds of a bench are compared round by round: 10 % is seen, and the interval is far narrower than that of two benches', async () => {
    const comparison = compareBuilds(
      { name: 'ab.json', report: await benchOfBuilds(1.1) },
      { rules: [parseFailRule('p50>+5%'), parseFailRule('p50>+20%')] },
    );
    expect(comparison).toMatchObject({
      of: 'builds',
      before: { name: 'node-against' },
      after: { name: 'node' },
    });
    const p50 = comparison.functions[0]?.changes.find(({ metric }) => metric === 'p50');
    expect(p50).toMatchObject({ verdict: 'worse' });
    expect(p50?.change).toBeCloseTo(0.1, 1);
    expect(p50?.noticeable).toBeLessThan(0.06);
    expect(comparison.functions[0]?.rounds).toBe(10);
    expect(comparison.rules.map(({ state }) => state)).toEqual(['failed', 'passed']);
  });

  test('the builds of a bench that are alike are not told apart', async () => {
    const comparison = compareBuilds({ name: 'ab.json', report: await benchOfBuilds(1) }, { rules: [] });
    expect(comparison.functions[0]?.changes.find(({ metric }) => metric === 'p50')?.verdict).toBe('unclear');
  });

  test('the builds of a bench of a report that holds none are refused with a hint, exit 2', async () => {
    const report = await benchOfBuilds(1, ['node', 'rust']);
    expect(() => compareBuilds({ name: 'r.json', report }, { rules: [] })).toThrow(
      expect.objectContaining({ code: 'no-builds', exitCode: 2 }),
    );
  });

  test('a build whose calls were not answered as expected is not called better, and every rule about its change fails', async () => {
    const report = await benchOfBuilds(0.1);
    const failing = { calls: 500, unexpected: 12, attemptsByStatus: { '200': 488, '500': 12 } };
    const runs = report.runs.map((run) =>
      run.runtime === 'node' && run.client !== undefined
        ? { ...run, client: { ...run.client, ...failing } }
        : run,
    );
    const comparison = compareBuilds(
      { name: 'ab.json', report: { ...report, runs } },
      { rules: ['p50>+10%', 'p50>1s', 'errors>0'].map(parseFailRule) },
    );
    const why = 'after: 12 of 500 calls got an unexpected answer';
    expect(comparison.functions.map(({ notCompared }) => notCompared)).toEqual([why, why]);
    const changes = comparison.functions.flatMap((compared) => compared.changes);
    expect(new Set(changes.map(({ verdict }) => verdict))).toEqual(new Set(['unclear']));
    expect(changes.filter(({ interval }) => interval !== undefined)).toEqual([]);
    expect(comparison.rules.map(({ state }) => state)).toEqual(['failed', 'passed', 'passed']);
    expect(comparison.rules[0]?.hits[0]?.text).toBe(`not compared (${why})`);
    expect(renderComparison(comparison, { columns: 80, color: false })).toContain(
      'not compared: node cat (after: 12 of 500 calls got an unexpected answer)',
    );
  });

  test('builds whose rows could not be read are no error of the command: the rules fail, because nothing was compared', async () => {
    const report = await benchOfBuilds(1);
    const runs = report.runs.map((run) => ({
      ...run,
      server: { state: 'unavailable', code: 'access-denied', reason: 'not allowed' } as const,
    }));
    const comparison = compareBuilds(
      { name: 'ab.json', report: { ...report, runs } },
      { rules: [parseFailRule('p50>+10%')] },
    );
    expect(comparison.functions).toEqual([]);
    expect(comparison.rules.map(({ state }) => state)).toEqual(['failed']);
  });
});

import { expect, test } from 'vitest';
import type { Report, ReportedRun } from '../../src/model/report.ts';
import { renderHistory } from '../../src/render/history.ts';
import { renderHistoryPage } from '../../src/render/history-page.ts';
import { historyOf } from '../../src/report/history.ts';
import { expectGolden } from '../render/golden.ts';
import { LOCAL, MACHINE, sampleReport } from '../render/sample-reports.ts';
import { planOf, shedRequests } from './fixtures.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 26);

/** What a folder keeps of one bench of cat and dog in Node and Rust, `day` days after the first. */
async function benchOf(day: number, factor = 1): Promise<Report[]> {
  const report = await sampleReport({
    changes: { target: LOCAL },
    machine: MACHINE,
    routes: ['cat', 'dog'],
    runtimes: ['node', 'rust'],
    typicalMs: { 'rust cat': 3 * factor, 'node cat': 11, 'rust dog': 1.5, 'node dog': 6 },
  });
  return report.runs.map((run) => ({
    ...report,
    runs: [
      {
        ...run,
        runId: `${run.runId}-${day}`,
        window: {
          startEpochMs: run.window.startEpochMs + day * DAY_MS,
          endEpochMs: run.window.endEpochMs + day * DAY_MS,
        },
      },
    ],
  }));
}

async function weekOf(): Promise<Report[]> {
  return (await Promise.all([benchOf(0), benchOf(1), benchOf(4, 2.2), benchOf(5, 2.1)])).flat().reverse();
}

test('a history has a group for each route, and in it the runs of each runtime, the oldest first', async () => {
  const { groups, withoutRows } = historyOf(await weekOf(), 3, NOW);
  expect(withoutRows).toBe(3);
  expect(groups.map(({ route, facts }) => [route, facts])).toEqual([
    [
      'cat',
      'm=3 n=8 · 10 in flight · arm64 · 128 MB · local cloud · Example CPU @ 3.00GHz, 8 cores · project sheepshed',
    ],
    [
      'dog',
      '10 in flight · arm64 · 128 MB · local cloud · Example CPU @ 3.00GHz, 8 cores · project sheepshed',
    ],
  ]);
  const [cat] = groups;
  expect(cat?.series.map(({ runtime }) => runtime)).toEqual(['node', 'rust']);
  const rust = cat?.series[1]?.points ?? [];
  expect(rust.map(({ runId }) => runId.slice(-2))).toEqual(['-0', '-1', '-4', '-5']);
  for (const { p50Ms, roundsMs } of rust) {
    expect(roundsMs?.low).toBeLessThanOrEqual(p50Ms);
    expect(roundsMs?.high).toBeGreaterThanOrEqual(p50Ms);
  }
});

test('runs of another size, work or machine are a group of their own', async () => {
  const [first] = await benchOf(0);
  const [run] = first?.runs ?? [];
  if (first === undefined || run === undefined) throw new Error('no report');
  const others: Report[] = [
    { ...first, runs: [{ ...run, memorySizeMB: 512 }] },
    { ...first, runs: [{ ...run, plan: { ...planOf(run), requests: shedRequests('cat', 2) } }] },
    { ...first, machine: { ...MACHINE, cpuModel: 'Other CPU' } },
  ];
  expect(historyOf([first, ...others], 0, NOW).groups).toHaveLength(4);
});

test('a run without a warm invocation has no point', async () => {
  const [first] = await benchOf(0);
  const [run] = first?.runs ?? [];
  if (first === undefined || run?.server.state !== 'measured') throw new Error('no report');
  const { warm, ...server } = run.server;
  expect(historyOf([{ ...first, runs: [{ ...run, server }] }], 0, NOW).groups).toEqual([]);
});

test('the spread of the rounds is that of the measured ones, without the warm-up and forced cold starts', async () => {
  const [first] = await benchOf(0);
  const [run] = first?.runs ?? [];
  if (first === undefined || run?.server.state !== 'measured' || run.server.samples === undefined) {
    throw new Error('no rows');
  }
  const { samples } = run.server;
  const slow = { ...samples, round: [...samples.round], durationMs: [...samples.durationMs] };
  for (const round of [0, -1]) {
    slow.round.push(round);
    slow.durationMs.push(99_999);
  }
  const withSlow = {
    ...slow,
    atMs: [...samples.atMs, 0, 0],
    environment: [...samples.environment, 0, 0],
    initMs: [...samples.initMs, null, null],
    billedMs: [...samples.billedMs, 1, 1],
    memoryMB: [...samples.memoryMB, 1, 1],
    status: [...samples.status, 0, 0],
  };
  const spreadOf = (server: ReportedRun['server']) =>
    historyOf([{ ...first, runs: [{ ...run, server }] }], 0, NOW).groups[0]?.series[0]?.points[0]?.roundsMs;
  expect(spreadOf(run.server)?.high).toBeLessThan(99_999);
  expect(spreadOf({ ...run.server, samples: withSlow })).toEqual(spreadOf(run.server));
});

test('the figure in a terminal has a character for each day, a blank where nothing was measured', async () => {
  const text = renderHistory(historyOf(await weekOf(), 1, NOW), { color: false });
  expectGolden('history.txt', text);
  expect(text).toMatch(/^ {2}rust {2}▁▁ {2}██ /m);
});

test('a figure over years has several days in a character and stays as wide as a terminal', async () => {
  const reports = (await Promise.all([benchOf(0), benchOf(800)])).flat();
  const lines = renderHistory(historyOf(reports, 0, NOW), { color: false }).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
});

test('the page has a figure for each route, fetches nothing, and shows texts of others as texts', async () => {
  const reports = (await weekOf()).map((report) => ({ ...report, project: '<script>alert(1)</script>' }));
  const page = renderHistoryPage(historyOf(reports, 0, NOW));
  expect(page.match(/<svg /g)).toHaveLength(2);
  expect(page.match(/<circle /g)).toHaveLength(16);
  expect(page).not.toContain('<script');
  expect(page).not.toMatch(/(src|href)=/);
  expect(page).not.toContain('NaN');
});

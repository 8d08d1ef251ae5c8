import { expect, test } from 'vitest';
import { chartPayload } from '../../src/render/html/chart-payload.ts';
import { renderHtml } from '../../src/render/html.ts';
import { routeViews } from '../../src/render/report-view.ts';
import { sweepOf } from '../../src/report/sweep/sweep.ts';
import { inRounds, measured } from '../report/measured-run.ts';
import { sampleReport } from './sample-reports.ts';

const sizes = [128, 1769].map((memorySizeMB) => ({
  ...measured('rust', 'cat', { warm: inRounds(1000 / memorySizeMB) }),
  runId: `rust-${memorySizeMB}`,
  memorySizeMB,
}));

test('the HTML report of several memory sizes links to the curves and shows them before the routes', async () => {
  const plain = await sampleReport({ routes: ['cat'], runtimes: ['rust'] });
  const sweep = sweepOf(sizes, plain.cost);
  const page = renderHtml({ ...plain, ...(sweep === undefined ? {} : { sweep }) });
  expect(page).toContain('<a href="#sweep">');
  expect(page.indexOf('<section id="sweep">')).toBeGreaterThan(page.indexOf('<section id="glance">'));
  expect(page.indexOf('<section id="sweep">')).toBeLessThan(page.indexOf('<section id="cat">'));
  for (const chart of ['sweep-time-cat', 'sweep-cost-cat', 'sweep-cold-cat', 'sweep-cold-cost-cat']) {
    expect(page).toContain(`data-chart="${chart}"`);
  }
  expect(renderHtml(plain)).not.toContain('href="#sweep"');
});

test('the warm charts of several memory sizes mark the Pareto front, and the cold ones mark nothing', async () => {
  const plain = await sampleReport({ routes: ['cat'], runtimes: ['rust'] });
  const sweep = sweepOf(sizes, plain.cost);
  const { memoryPanels = [] } = chartPayload({ ...plain, ...(sweep === undefined ? {} : { sweep }) }, []);
  const frontOf = (chart: string) =>
    memoryPanels.find((panel) => panel.chart === chart)?.curves.map(({ frontMB }) => frontMB);
  expect(frontOf('sweep-time-cat')).toEqual([sweep?.curves[0]?.paretoMB]);
  expect(frontOf('sweep-cost-cat')).toEqual([sweep?.curves[0]?.paretoMB]);
  expect(frontOf('sweep-cold-cat')).toEqual([undefined]);
  expect(frontOf('sweep-cold-cost-cat')).toEqual([undefined]);
});

test('a runtime has one colour in the whole page of several memory sizes', async () => {
  const plain = await sampleReport({ routes: ['cat'], runtimes: ['rust', 'node'] });
  const runs = [128, 1769].flatMap((memorySizeMB) =>
    plain.runs.map((run) => ({ ...run, runId: `${run.runtime}-${memorySizeMB}`, memorySizeMB })),
  );
  const sweep = sweepOf(runs, plain.cost);
  const report = { ...plain, runs, ...(sweep === undefined ? {} : { sweep }) };
  const payload = chartPayload(report, routeViews(report));
  expect(payload.names).toHaveLength(2);
  const inCurves = payload.memoryPanels?.[0]?.curves.map(({ name }) => name);
  expect(payload.routes[0]?.series.map(({ name }) => name)).toEqual(inCurves);
  const bars = renderHtml(report).matchAll(/title="(\w+) [^"]*">.*?background:var\(--series-(\d)\)/g);
  const colours = new Set([...bars].map(([, runtime, colour]) => `${runtime} ${colour}`));
  expect(colours.size).toBe(2);
});

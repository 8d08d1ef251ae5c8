import { expect, test } from 'vitest';
import { renderHtml } from '../../src/render/html.ts';
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
  for (const chart of ['sweep-time-cat', 'sweep-cold-cat', 'sweep-cost-cat']) {
    expect(page).toContain(`data-chart="${chart}"`);
  }
  expect(renderHtml(plain)).not.toContain('href="#sweep"');
});

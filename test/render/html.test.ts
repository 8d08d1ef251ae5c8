import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatShare, formatUsd } from '../../src/model/number-text.ts';
import { COST_PARTS } from '../../src/render/figures.ts';
import { chartPayload, distributionOf, overTimeOf } from '../../src/render/html/chart-payload.ts';
import {
  dollarMark,
  dollars,
  milliseconds,
  percent,
  timeMark,
} from '../../src/render/html/charts/amounts.ts';
import { escapeHtml, html, scriptJson, table } from '../../src/render/html/markup.ts';
import { renderHtml } from '../../src/render/html.ts';
import { routeViews } from '../../src/render/report-view.ts';
import { Browser, type PageOptions } from './browser.ts';
import { expectGolden } from './golden.ts';
import {
  decidedReport,
  failedReport,
  forecastReport,
  LOCAL,
  MACHINE,
  sampleReport,
  troubledReport,
  undecidedReport,
} from './sample-reports.ts';

/** What a person reads: the page without its styles, its scripts and the file within it, one tag a line. */
function readable(page: string): string {
  return page
    .replaceAll(/<(style|script)[^>]*>[\s\S]*?<\/\1>/g, '')
    .replaceAll(/"data:text\/csv[^"]*"/g, '"data:text/csv"')
    .replaceAll(/></g, '>\n<')
    .replaceAll(/\n{2,}/g, '\n');
}

describe('markup', () => {
  test('markup escapes every value that is not markup', () => {
    expect(html`<p title="${'"x"'}">${'<b>'} & ${1} ${undefined}${['a', html`<i>b</i>`]}</p>`.text).toBe(
      '<p title="&quot;x&quot;">&lt;b&gt; & 1 a<i>b</i></p>',
    );
    expect(escapeHtml(`&<>"'`)).toBe('&amp;&lt;&gt;&quot;&#39;');
  });

  test('markup keeps JSON inside its script element, whatever it holds', () => {
    const { text } = scriptJson({ a: '</script><!--', b: '\u2028' });
    expect(text).not.toContain('<');
    expect(JSON.parse(text)).toEqual({ a: '</script><!--', b: '\u2028' });
  });

  test('a table marks the heading of each row and column as one', () => {
    const { text } = table(
      'Sums',
      [
        { head: 'n', kind: 'text', cell: (n: number) => String(n) },
        { head: 'n²', kind: 'number', cell: (n) => String(n * n) },
      ],
      [2],
    );
    expect(text).toContain('<th scope="col" class="number">n²</th>');
    expect(text).toContain('<tr><th scope="row">2</th><td class="number">4</td></tr>');
    expect(text).toContain('aria-label="Sums"');
  });
});

describe('what the charts are given', () => {
  test('the chart of the cost has the parts of the catalogue, under its headings and in its order', async () => {
    const report = await sampleReport();
    const payload = chartPayload(report, routeViews(report));
    expect(payload.costParts).toEqual(COST_PARTS.map(({ heading }) => heading));
    const [row] = report.cost.state === 'priced' ? report.cost.rows : [];
    const charted = payload.routes.flatMap(({ series }) => series.map(({ costUsd }) => costUsd));
    if (row === undefined) throw new Error('no run was priced');
    expect(charted).toContainEqual(COST_PARTS.map(({ value }) => Number((value(row) ?? 0).toPrecision(4))));
  });

  test('the charts write amounts as the tables do, and marks of axes without needless digits', () => {
    expect(milliseconds(4500)).toBe('4,500 ms');
    expect(milliseconds(1.2345)).toBe('1.23 ms');
    expect(dollars(120)).toBe(formatUsd(120));
    expect(percent(0.1234)).toBe(formatShare(0.1234));
    expect([milliseconds(null), dollars(undefined), percent(null)]).toEqual(['', '', '']);
    expect([timeMark(1), timeMark(4500), dollarMark(0.05)]).toEqual(['1 ms', '4.5 s', '$0.05']);
  });

  test('the chart data has every value of a small sample, equal ones as one step', () => {
    expect(distributionOf([3, 1, 3, 2])).toEqual({ x: [1, 2, 3], y: [0.25, 0.5, 1] });
    expect(distributionOf([5])).toEqual({ x: [5], y: [1] });
    expect(distributionOf([])).toBeUndefined();
  });

  test('the chart data has about a hundred points of a large sample, both ends and the tail among them', () => {
    const found = distributionOf(Array.from({ length: 100_000 }, (_, index) => index + 1));
    expect(found?.x.length).toBeLessThan(120);
    expect(found?.x[0]).toBe(1);
    expect(found?.x.at(-1)).toBe(100_000);
    expect(found?.y.at(-1)).toBe(1);
    expect(found?.x[found.y.indexOf(0.99)]).toBe(99_000);
    expect(found?.x[found.y.indexOf(0.9999)]).toBe(99_990);
    expect(found?.y).toEqual([...(found?.y ?? [])].sort((a, b) => a - b));
  });

  test('the chart data has median and maximum in sixty slices of a run, with gaps where nothing ended', () => {
    const found = overTimeOf({ atMs: [0, 10, 20, 60_000], durationMs: [5, 1, 3, 7] });
    expect(found?.lengthS).toBe(60);
    expect(found?.p50).toHaveLength(60);
    expect([found?.p50[0], found?.max[0], found?.p50[1], found?.p50[59]]).toEqual([3, 5, null, 7]);
    expect(overTimeOf({ atMs: [5], durationMs: [1] })).toBeUndefined();
  });

  test('the chart data comes from the percentiles if the rows were not read', async () => {
    const report = await sampleReport({ routes: ['cat'], runtimes: ['rust'] });
    const runs = report.runs.map((run) => {
      if (run.server.state !== 'measured') return run;
      const { samples: _, ...server } = run.server;
      return { ...run, server };
    });
    const [series] =
      chartPayload({ ...report, runs }, routeViews({ ...report, runs })).routes[0]?.series ?? [];
    expect(series?.warm?.y).toEqual([0, 0.5, 0.9, 0.99, 1]);
    expect(series?.overTime).toBeUndefined();
  });
});

describe('the HTML report', () => {
  test('the HTML report reads as its golden file', async () => {
    expectGolden('report.html.txt', readable(renderHtml(await sampleReport({ routes: ['cat', 'wolf'] }))));
  });

  test.each([
    ['decided', decidedReport],
    ['undecided', undecidedReport],
    ['incomplete', troubledReport],
    ['failed', failedReport],
    ['forecast', forecastReport],
  ] as const)(
    'the HTML report of %s bench begins with the verdict as in its golden file',
    async (name, make) => {
      const page = readable(renderHtml(await make()));
      const end = page.indexOf('<section id="glance">');
      expectGolden(`report-verdict-${name}.html.txt`, page.slice(page.indexOf('<body>'), end));
    },
  );

  test.each([
    ['a bench', () => sampleReport({ routes: ['cat', 'wolf'] })],
    ['a bench with a forecast', forecastReport],
    [
      'rows that no load of ours caused',
      async () => {
        const report = await sampleReport({ routes: ['cat'] });
        return { ...report, runs: report.runs.map(({ client: _, ...run }) => run) };
      },
    ],
  ])(
    'the contents of the HTML report of %s link to every section below them, and to nothing else',
    async (_, make) => {
      const page = renderHtml(await make());
      const sections = [...page.matchAll(/<section id="([^"]+)">/g)].map(([, id]) => id);
      const links = [...page.matchAll(/<a href="#([^"]+)">/g)].map(([, id]) => id);
      expect(links).toEqual(sections.filter((id) => id !== 'verdict'));
    },
  );

  test('the HTML report of a standard bench stays under 300 kB', async () => {
    const page = renderHtml(await sampleReport({ rows: 1000 }));
    expect(Buffer.byteLength(page)).toBeLessThan(300_000);
  });

  test('the HTML report of ten times the calls is hardly larger', async () => {
    const size = async (rows: number) =>
      Buffer.byteLength(renderHtml(await sampleReport({ rows, routes: ['cat'], runtimes: ['rust'] })));
    expect((await size(10_000)) / (await size(1000))).toBeLessThan(1.05);
  });

  test('the HTML report fetches nothing and allows nothing to be fetched', async () => {
    const page = renderHtml(await sampleReport({ routes: ['cat'] }));
    expect(page).toContain(`content="default-src &#39;none&#39;`);
    const [, head = ''] = /<head>([\s\S]*?)<style>/.exec(page) ?? [];
    expect(head).not.toMatch(/<link|src=/);
    expect(readable(page)).not.toMatch(/(src|href)="http/);
    expect(page).not.toMatch(/@import|url\(/);
  });

  test('the HTML report keeps the licence of the library that it carries', async () => {
    const page = renderHtml(await sampleReport({ routes: ['cat'] }));
    expect(page).toContain('The MIT License (MIT)');
    expect(page).toContain('Leon Sorokin');
  });

  test('the HTML report lets no text of others become markup', async () => {
    const report = await sampleReport({ routes: ['cat'], runtimes: ['rust'] });
    const evil = '</script><img src=x onerror=alert(1)>';
    const page = renderHtml({
      ...report,
      project: evil,
      runs: report.runs.map((run) => ({ ...run, runtime: evil, label: evil })),
      problems: [{ code: 'x', severity: 'error', exitCode: 1, message: evil, runIds: [] }],
    });
    expect(page).not.toContain('<img');
    expect(page.match(/<\/script>/g)).toHaveLength(2);
  });

  test('the HTML report of a local run says so in its title, above everything, and in the caption of every chart', async () => {
    const page = renderHtml(
      await sampleReport({ changes: { target: LOCAL }, machine: MACHINE, routes: ['cat'] }),
    );
    expect(page).toContain('<title>LOCAL CLOUD, NOT AWS: shedbench report');
    expect(page.indexOf('<strong>LOCAL CLOUD, NOT AWS</strong>')).toBeLessThan(page.indexOf('<section'));
    const captions = page.match(/<figcaption>[\s\S]*?<\/figcaption>/g) ?? [];
    expect(captions).toHaveLength(8);
    for (const caption of captions) expect(caption).toContain('LOCAL CLOUD, NOT AWS');
  });

  test('the HTML report tells a reader who sees no chart what each of them shows', async () => {
    const page = renderHtml(await sampleReport({ routes: ['cat'] }));
    const labels = [...page.matchAll(/role="img" aria-label="([^"]*)"/g)].map(([, label]) => label);
    expect(labels).toHaveLength(6);
    expect(labels[1]).toMatch(/^Warm\. node p50 21\d\.\d, p99 2\d\d\.\d ms; python p50/);
  });
});

const CHROMIUM = '/usr/bin/chromium';

describe.skipIf(!existsSync(CHROMIUM))(`the HTML report in a browser (needs ${CHROMIUM})`, () => {
  let folder = '';
  let browser: Browser;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shedbench-html-'));
    browser = new Browser(CHROMIUM, join(folder, 'profile'));
  });
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** What a page became in the browser: the number of its charts and canvases, and its text. */
  async function open(page: string, options: PageOptions = {}) {
    const file = join(folder, 'report.html');
    await writeFile(file, page);
    const { value, complaints } = await browser.open(pathToFileURL(file).href, options);
    const [charts, canvases, text] = (await value(
      `[document.documentElement.dataset.charts, document.querySelectorAll('canvas').length, document.body.textContent]`,
    )) as readonly [string | undefined, number, string];
    return { charts, canvases, text, complaints };
  }

  test('the browser draws every chart of a standard bench without an error', async () => {
    const { charts, canvases, complaints } = await open(renderHtml(await sampleReport({ rows: 1000 })));
    expect(complaints).toEqual([]);
    // Cold against warm; three for each of four routes; memory; cost.
    expect(charts).toBe('15');
    expect(canvases).toBe(15);
  }, 90_000);

  test('the browser draws every chart, and the forecast as curves over memory sizes with their bands, also in the dark theme and on a narrow screen', async () => {
    const page = renderHtml(await forecastReport());
    for (const options of [{}, { dark: true }, { width: 500 }]) {
      const { charts, complaints } = await open(page, options);
      expect(complaints).toEqual([]);
      // Cold against warm; three for each of two routes; memory; cost; two panels of the forecast for each route.
      expect(charts).toBe('13');
    }
  }, 90_000);

  test('the HTML report says what is missing if a chart has nothing to draw', async () => {
    const { charts, complaints, text } = await open(renderHtml(await troubledReport()));
    expect(complaints).toEqual([]);
    // Neither route has three cold starts of a function: three charts fewer, for none shows a single dot.
    expect(charts).toBe('6');
    expect(text).toContain('too few cold starts for a curve');
    expect(text).toContain('Too few cold starts for a median.');
    const empty = await open(
      renderHtml(
        await sampleReport({ routes: ['cat'], lines: { 'node cat': [], 'python cat': [], 'rust cat': [] } }),
      ),
    );
    expect(empty.complaints).toEqual([]);
    expect(empty.charts).toBe('0');
    expect(empty.text).toContain('Too few warm invocations for a curve.');
    expect(text).not.toContain('Too few warm invocations for a curve.');
  }, 90_000);
});

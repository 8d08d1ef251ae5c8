import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { renderJson } from '../../src/model/json-text.ts';
import { renderCsv } from '../../src/render/csv.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { renderTable } from '../../src/render/report-table.ts';
import { expectGolden } from './golden.ts';
import { LOCAL, MACHINE, sampleReport, troubledReport } from './sample-reports.ts';

const PLAIN = { width: 100, color: false, wide: false };
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what starts a colour.
const visible = (text: string) => text.replaceAll(/\u001b\[\d+m/g, '');
const longest = (text: string) =>
  Math.max(
    ...visible(text)
      .split('\n')
      .map((line) => [...line].length),
  );

describe('the table', () => {
  test('of a standard bench reads as its golden file', async () => {
    expectGolden('report-table.txt', renderTable(await sampleReport(), PLAIN));
  });

  test('with every column reads as its golden file', async () => {
    expectGolden(
      'report-table-wide.txt',
      renderTable(await sampleReport({ routes: ['wolf'] }), { ...PLAIN, wide: true }),
    );
  });

  test('of a troubled local run reads as its golden file', async () => {
    expectGolden('report-table-troubled.txt', renderTable(await troubledReport(), PLAIN));
  });

  test('stays within 100 columns, figures and ratios', async () => {
    const text = renderTable(await sampleReport(), PLAIN);
    const figures = text
      .split('\n')
      .filter((line) => !line.startsWith('Duration') && !line.startsWith('First tier'));
    expect(longest(figures.join('\n'))).toBeLessThanOrEqual(100);
  });

  test('drops columns where there is less room, and says so', async () => {
    const text = renderTable(await sampleReport(), { ...PLAIN, width: 72 });
    expect(text).toMatch(/Left out for want of room \(--wide shows all\): \d+ columns/);
    const table = text.slice(0, text.indexOf('Duration in ms')).split('\n').slice(3);
    expect(longest(table.join('\n'))).toBeLessThanOrEqual(72);
    expect(text).toContain('p99');
  });

  test('in colour says the same words', async () => {
    const report = await sampleReport();
    const colored = renderTable(report, { ...PLAIN, color: true });
    expect(colored).toContain('\u001b[32m');
    expect(visible(colored)).toBe(renderTable(report, PLAIN));
  });

  test('marks the best of each route, and none where nothing is compared', async () => {
    const text = renderTable(await sampleReport(), PLAIN);
    expect(text.match(/^★ rust/gm)).toHaveLength(4);
    expect(renderTable(await sampleReport({ runtimes: ['rust'] }), PLAIN)).not.toMatch(/^★/m);
  });

  test('tells several runs of one function apart by their time', async () => {
    const report = await sampleReport({ routes: ['cat'], runtimes: ['rust'] });
    const later = report.runs.map((run) => ({
      ...run,
      runId: 'later',
      window: {
        startEpochMs: run.window.startEpochMs + 3_600_000,
        endEpochMs: run.window.endEpochMs + 3_600_000,
      },
    }));
    const text = renderTable({ ...report, runs: [...report.runs, ...later] }, PLAIN);
    expect(text).toContain('rust 11-23 12:00');
    expect(text).toContain('rust 11-23 13:00');
  });
});

describe('a report that is not of AWS', () => {
  test('says so first, in every format for people', async () => {
    const report = await sampleReport({ changes: { target: LOCAL }, machine: MACHINE, routes: ['cat'] });
    expect(renderTable(report, PLAIN)).toMatch(/^━━ LOCAL CLOUD, NOT AWS ━━\n/);
    expect(renderMarkdown(report)).toMatch(/^## shedbench report\n\n> \*\*LOCAL CLOUD, NOT AWS\*\*/);
    for (const text of [renderTable(report, PLAIN), renderMarkdown(report)]) {
      expect(text).toContain('Example CPU @ 3.00GHz, 8 cores, 16.0 GiB, Linux 6.1, Node 20.18.1');
      expect(text).toContain('nodejs24.x on Node 20.18.1, python3.14 on Python 3.12.4');
      expect(text).toContain('CPU was not in proportion to memory');
      expect(text).toContain('On AWS 128 MB get 7 % of one.');
      expect(text).toContain('no forecast of a bill');
    }
  });

  test('says it of an endpoint that is neither', async () => {
    const target = { kind: 'endpoint' as const, region: 'us-east-1', endpoint: 'http://localhost:4566' };
    const text = renderTable(await sampleReport({ changes: { target }, routes: ['cat'] }), PLAIN);
    expect(text).toMatch(/^━━ NOT AWS ━━\nMeasured at http:\/\/localhost:4566/);
  });

  test('whose CPU was in proportion says that instead', async () => {
    const machine = { ...MACHINE, cpuShare: true };
    const text = renderTable(
      await sampleReport({ changes: { target: LOCAL }, machine, routes: ['cat'] }),
      PLAIN,
    );
    expect(text).toContain('CPU was in proportion to memory, as on AWS');
    expect(text).not.toContain('not in proportion');
  });
});

describe('CSV', () => {
  test('reads as its golden file', async () => {
    expectGolden('report.csv', renderCsv(await sampleReport()));
  });

  test('is one header and plain numbers, as many in every row, lines ended as RFC 4180 has it', async () => {
    const lines = renderCsv(await sampleReport()).split('\r\n');
    expect(lines.pop()).toBe('');
    const [header = '', ...rows] = lines.map((line) => line.split(','));
    expect(rows).toHaveLength(24);
    expect(new Set(header).size).toBe(header.length);
    const first = header.indexOf('count');
    for (const row of rows) {
      expect(row).toHaveLength(header.length);
      for (const cell of row.slice(first)) expect(cell).toMatch(/^(-?\d+(\.\d+)?)?$/);
    }
  });

  test('quotes what would break a row', async () => {
    const report = await sampleReport({ routes: ['cat'], runtimes: ['rust'] });
    const odd = { ...report, runs: report.runs.map((run) => ({ ...run, runId: 'a,"b"\nc' })) };
    expect(renderCsv(odd)).toContain(',"a,""b""\nc",');
  });
});

describe('Markdown', () => {
  test('reads as its golden file', async () => {
    expectGolden('report.md', renderMarkdown(await sampleReport({ routes: ['cat', 'wolf'] })));
  });

  test('of a troubled local run reads as its golden file', async () => {
    expectGolden('report-troubled.md', renderMarkdown(await troubledReport()));
  });

  test('lets no text of others end a cell or begin a tag', async () => {
    const report = await sampleReport({ routes: ['cat'], runtimes: ['rust'] });
    const odd = { ...report, runs: report.runs.map((run) => ({ ...run, label: 'a|b<script>' })) };
    expect(renderMarkdown(odd)).toContain('| a\\|b&lt;script> |');
  });
});

describe('JSON', () => {
  const schema = JSON.parse(
    readFileSync(new URL('../../docs/report-schema.json', import.meta.url), 'utf8'),
  ) as object;
  const validate = new Ajv2020({ allErrors: true, strict: true, allowMatchingProperties: true }).compile(
    schema,
  );

  test('reads as its golden file', async () => {
    expectGolden(
      'report.json',
      renderJson(await sampleReport({ routes: ['dog'], runtimes: ['node', 'rust'], rows: 30 })),
    );
  });

  test.each([
    ['a standard bench', async () => await sampleReport()],
    ['a troubled local run', troubledReport],
    ['an unpriced region', async () => await sampleReport({ priceRegion: 'mars-north-1', routes: ['cat'] })],
    [
      'aggregates alone',
      async () => {
        const report = await sampleReport({ routes: ['cat'] });
        return JSON.parse(renderJson(report).replaceAll(/,\n\s+"samples": \{[^}]*\}/g, ''));
      },
    ],
  ])('of %s keeps to the published schema', async (_, make) => {
    validate(JSON.parse(renderJson(await make())));
    expect(validate.errors).toBeNull();
  });

  test.each([
    ['an unknown member', (text: string) => text.replace('"queries": {', '"extra": 1, "queries": {')],
    ['another version', (text: string) => text.replace('shedbench/report@2', 'shedbench/report@3')],
    ['a missing count', (text: string) => text.replace(/"count": \d+,/, '')],
    ['a text for a number', (text: string) => text.replace(/"mean": [\d.]+/, '"mean": "fast"')],
  ])('with %s would not', async (_, spoil) => {
    const text = renderJson(await sampleReport({ routes: ['cat'] }));
    expect(spoil(text)).not.toBe(text);
    expect(validate(JSON.parse(spoil(text)))).toBe(false);
  });

  test('keeps lists of numbers on one line', async () => {
    const text = renderJson(await sampleReport({ rows: 1000, routes: ['cat'], runtimes: ['rust'] }));
    expect(text.split('\n').length).toBeLessThan(250);
  });
});

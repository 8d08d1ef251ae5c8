import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { renderCsv } from '../../src/render/csv.ts';
import { renderHtml } from '../../src/render/html.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { renderTable } from '../../src/render/report-table.ts';
import { compareReports } from '../../src/report/comparison/compare-reports.ts';
import { readReport } from '../../src/store/report-document.ts';

const FILE = new URL('../../examples/as-published/published-2024-11.json', import.meta.url);
const DATA = new URL('../../../shared/data/published-shed-2024-11.csv', import.meta.url);
const report = readReport(readFileSync(FILE, 'utf8'), 'published-2024-11.json');

describe('the published table', () => {
  test('the published table is a report of eight functions, each cold and warm', () => {
    expect(report.runs).toHaveLength(8);
    for (const { server, architecture, memorySizeMB } of report.runs) {
      expect({ architecture, memorySizeMB }).toEqual({ architecture: 'arm64', memorySizeMB: 128 });
      expect(server.state === 'measured' && server.warm && server.cold).toBeTruthy();
    }
  });

  test('the published table shows what was published, and nothing that was not', () => {
    for (const text of [
      renderTable(report, { width: 120, color: false, wide: true }),
      renderMarkdown(report),
      renderCsv(report),
      renderHtml(report).replaceAll(/<(style|script)[^>]*>[\s\S]*?<\/\1>/g, ''),
    ]) {
      expect(text).not.toMatch(/NaN|undefined|Infinity/);
      expect(text).toMatch(/5,?93[56]/);
    }
    const [python] = report.runs.filter(({ label }) => label === 'python-published-get-cat-ackermann');
    expect(python?.server.state === 'measured' && python.server.warm?.durationMs).toEqual({
      count: 898,
      mean: 5935.7388,
      min: 5883.13,
      max: 6093.28,
    });
  });

  test('the published table can be compared: averages, and no percentile', () => {
    const named = { name: 'published', report };
    const { functions } = compareReports(named, named, { rules: [], force: false });
    expect(functions).toHaveLength(16);
    for (const { changes } of functions) {
      expect(changes.map(({ metric }) => metric)).toEqual(['avg', 'max', 'billed', 'memory', 'errors']);
    }
  });

  test.skipIf(!existsSync(DATA))(
    'the published table has the figures of the public data (beside the checkout)',
    () => {
      const [head = '', ...lines] = readFileSync(DATA, 'utf8').trim().split(/\r?\n/);
      const names = head.split(',');
      expect(lines).toHaveLength(16);
      for (const line of lines) {
        const cells = Object.fromEntries(line.split(',').map((cell, index) => [names[index], cell]));
        const run = report.runs.find(
          ({ label }) => label === `${cells.language}-published-${cells.function}`,
        );
        if (run?.server.state !== 'measured') throw new Error(`${line}: no such run`);
        const group = cells.cold_start === 'yes' ? run.server.cold : run.server.warm;
        expect([group?.count, group?.durationMs.mean, group?.durationMs.min, group?.durationMs.max]).toEqual(
          [cells.count, cells['avg_duration_ms(init+duration when cold)'], cells.min_ms, cells.max_ms].map(
            Number,
          ),
        );
        expect([group?.billedMs.mean, group?.memoryMB.mean]).toEqual(
          [cells.avg_billed_ms, cells.avg_max_memory_used_mb].map(Number),
        );
      }
    },
  );
});

import { describe, expect, test } from 'vitest';
import { visibleText, withVisibleText } from '../../src/model/visible-text.ts';
import { renderCsv } from '../../src/render/csv.ts';
import { renderHtml } from '../../src/render/html.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { markdownText } from '../../src/render/markdown-text.ts';
import { renderTable } from '../../src/render/report-table.ts';
import { clientOf } from '../report/fixtures.ts';
import { sampleReport } from './sample-reports.ts';

const RAW = '\u001b]0;owned\u0007\u009b2J\u202e';

/** The sample report, with a text of somebody else's in the labels and in a problem. */
async function hostileReport(text: string) {
  const report = await sampleReport();
  return withVisibleText({
    ...report,
    runs: report.runs.map((run) => ({ ...run, label: text })),
    problems: [
      { code: 'x', severity: 'warning', message: text, hint: text, exitCode: 0, runIds: [] } as const,
    ],
  });
}

describe('a report with control characters in its texts', () => {
  test.each(['table', 'csv', 'markdown', 'html'] as const)(
    'a report with control characters in its texts shows them as escapes in %s',
    async (format) => {
      const report = await hostileReport(RAW);
      const text = {
        table: () => renderTable(report, { width: 100, color: true, wide: false }),
        csv: () => renderCsv(report),
        markdown: () => renderMarkdown(report),
        html: () => renderHtml(report),
      }[format];
      const rendered = text();
      // Our own colours aside, nothing is left for the escape of controls to do.
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what starts a colour.
      const plain = rendered.replace(/\u001b\[\d+m/g, '').replaceAll('\r\n', '\n');
      expect(plain).toBe(visibleText(plain));
      expect(plain).toContain('u001b]0;owned');
    },
  );
});

describe('a spreadsheet', () => {
  test.each(['=cmd()', '+1+1', '-1', '@sum(a1)'])(
    'a spreadsheet reads %s as a text, not as a formula',
    async (text) => {
      const [, first] = renderCsv(await hostileReport(text)).split('\r\n');
      expect(first?.startsWith(`'${text},`)).toBe(true);
    },
  );

  test('a spreadsheet gets negative numbers as numbers', async () => {
    const report = await sampleReport();
    const run = report.runs[0];
    if (run === undefined) throw new Error('no run');
    const negative = { ...run, client: { ...clientOf(run), ratePerSecond: -1.5 } };
    expect(renderCsv({ ...report, runs: [negative] })).toContain(',-1.5,');
  });
});

describe('Markdown', () => {
  test.each([
    ['a|b', 'a\\|b'],
    ['<img src=x>', '&lt;img src=x>'],
    ['[here](http://x)', '\\[here](http://x)'],
    ['**bold** `code` ~~gone~~', '\\*\\*bold\\*\\* \\`code\\` \\~\\~gone\\~\\~'],
    ['> quoted', '\\> quoted'],
    ['# head', '\\# head'],
    ['1. one', '1\\. one'],
    ['- item', '\\- item'],
    ['two\nlines', 'two lines'],
    ['back\\slash', 'back\\\\slash'],
    ['5 - 3 = 2, p99 1.5', '5 - 3 = 2, p99 1.5'],
  ])('Markdown shows %s as it is', (text, escaped) => {
    expect(markdownText(text)).toBe(escaped);
  });
});

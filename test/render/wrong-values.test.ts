import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/model/report.ts';
import { renderComparison } from '../../src/render/comparison.ts';
import { renderCsv } from '../../src/render/csv.ts';
import { renderInsights } from '../../src/render/insights.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { renderTable } from '../../src/render/report-table.ts';
import { compareReports } from '../../src/report/comparison/compare-reports.ts';
import { checkDocument } from '../../src/store/document.ts';
import { REPORT_DOCUMENT } from '../../src/store/report-document.ts';

/** The paths of all numbers in a document. Of a list, the first item stands for all. */
function pathsOfNumbers(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value === 'number') return [path];
  if (typeof value !== 'object' || value === null) return [];
  const entries = Object.entries(value);
  const some = Array.isArray(value) ? entries.slice(0, 1) : entries;
  return some.flatMap(([name, member]) => pathsOfNumbers(member, [...path, name]));
}

/** A copy of a document with another value at a path. */
function withValue(value: unknown, [name, ...rest]: readonly string[], wrong: number): unknown {
  if (name === undefined) return wrong;
  const copy: Record<string, unknown> = Array.isArray(value)
    ? (Object.assign([], value) as unknown as Record<string, unknown>)
    : { ...(value as Record<string, unknown>) };
  copy[name] = withValue(copy[name], rest, wrong);
  return copy;
}

const FORMATS: readonly ((report: Report) => string)[] = [
  (report) => renderTable(report, { width: 200, color: false, wide: true }),
  renderCsv,
  renderMarkdown,
  renderInsights,
  (report) => {
    const side = { name: 'one', report };
    return renderComparison(compareReports(side, side, { rules: [], force: true }), {
      color: false,
      columns: 200,
    });
  },
];

const NO_NUMBER = /\bNaN\b|\bInfinity\b|∞|Invalid Date/;

describe.each(['report', 'report-verdict-forecast'])('every wrong number in %s.json', (name) => {
  const golden: unknown = JSON.parse(
    readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8'),
  );

  /** Paths by groups of ten, each with paths from all over the document, because most are harmless. */
  const paths = pathsOfNumbers(golden);
  const groups = Math.ceil(paths.length / 10);

  /** What the formats show of a document with a wrong value at these paths, if that is no number. */
  function oddities(together: readonly (readonly string[])[], wrong: number): string[] {
    const document = together.reduce<unknown>((so, path) => withValue(so, path, wrong), golden);
    const checked = checkDocument(JSON.stringify(document), REPORT_DOCUMENT);
    if (checked.state !== 'good') {
      // Values that are possible one by one can contradict each other.
      return together.length === 1 ? [] : together.flatMap((path) => oddities([path], wrong));
    }
    return FORMATS.flatMap((render) => {
      try {
        return NO_NUMBER.exec(render(checked.document))?.[0] ?? [];
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    });
  }

  test.each([0, -1, 1e15, 1e300])('%d is refused, or every text format shows numbers', (wrong) => {
    const accepted = paths.filter(
      (path) =>
        checkDocument(JSON.stringify(withValue(golden, path, wrong)), REPORT_DOCUMENT).state === 'good',
    );
    for (let group = 0; group < groups; group++) {
      const together = accepted.filter((_, at) => at % groups === group);
      const odd = oddities(together, wrong);
      const culprits = odd.length === 0 ? [] : together.filter((path) => oddities([path], wrong).length > 0);
      expect({ paths: culprits, odd }).toEqual({ paths: [], odd: [] });
    }
  });
});

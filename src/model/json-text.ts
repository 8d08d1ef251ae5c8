import type { Comparison } from './comparison.ts';
import type { ForecastDocument } from './forecast.ts';
import type { Report } from './report.ts';
import { escapeControls } from './visible-text.ts';

const INDENT = '  ';

/**
 * Numbers are written with six decimals. Further digits come from binary fractions, because no clock and no price is
 * that precise.
 */
const DECIMALS = 1e6;

function plainText(value: unknown): string {
  return JSON.stringify(typeof value === 'number' ? Math.round(value * DECIMALS) / DECIMALS : value);
}

function isPlain(value: unknown): boolean {
  return value === null || typeof value !== 'object';
}

/**
 * Writes each member of an object on a line of its own, and a list of plain values on one line. The text is readable,
 * and samples stay short.
 */
function stringify(value: unknown, indent: string): string {
  if (isPlain(value)) return plainText(value);
  const inner = `${indent}${INDENT}`;
  if (Array.isArray(value)) {
    if (value.every(isPlain)) return `[${value.map(plainText).join(',')}]`;
    return `[\n${value.map((item) => `${inner}${stringify(item, inner)}`).join(',\n')}\n${indent}]`;
  }
  const members = Object.entries(value as object).filter(([, member]) => member !== undefined);
  if (members.length === 0) return '{}';
  const lines = members.map(
    ([name, member]) => `${inner}${JSON.stringify(name)}: ${stringify(member, inner)}`,
  );
  return `{\n${lines.join(',\n')}\n${indent}}`;
}

/** Writes a document as JSON. A report follows the published schema (docs/report-schema.json), samples included. */
export function renderJson(document: Report | Comparison | ForecastDocument): string {
  return `${escapeControls(stringify(document, ''))}\n`;
}

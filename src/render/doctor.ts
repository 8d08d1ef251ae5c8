import type { DoctorResult } from '../model/doctor.ts';
import { wrapText } from '../model/wrap-text.ts';
import { paint } from './ansi.ts';

const MARK = { ok: '✔', limited: '!', broken: '✗' } as const;

/** Renders the findings of `doctor`, one line each, with the remedy below what does not work. */
export function renderDoctor(
  { checks }: DoctorResult,
  style: { readonly color: boolean; readonly columns: number },
): string {
  const { green, yellow, red, bold } = paint(style.color);
  const color = { ok: green, limited: yellow, broken: red } as const;
  const width = Math.max(0, ...checks.map(({ name }) => name.length));
  const indent = ' '.repeat(width + 4);
  const lines = checks.flatMap(({ name, state, found, lacks, remedy }) => {
    const facts = [found, ...(lacks === undefined ? [] : [`does not work: ${lacks}`])];
    // The mark is painted after the text is wrapped, because the colour would lengthen it.
    const text = wrapText(facts.join(' · '), style.columns, {
      first: `  ${name.padEnd(width)}  `,
      rest: indent,
    });
    return [
      `${color[state](MARK[state])}${text.slice(1)}`,
      ...(remedy === undefined
        ? []
        : remedy.split('\n').map((line) => remedyLine(line, indent, style.columns))),
    ];
  });
  const isBroken = checks.some(({ state }) => state === 'broken');
  const awsIsAbsent = checks.some(({ name, state }) => name === 'AWS' && state !== 'ok');
  const next = isBroken
    ? 'shedbench can not work here yet.'
    : `Ready:  shedbench bench --local --teardown${awsIsAbsent ? '' : '   or on AWS:  shedbench bench --teardown'}`;
  return `${lines.join('\n')}\n\n${bold(next)}\n`;
}

/** A remedy below its check, broken at spaces. A command stays on one line, so that it can be copied. */
function remedyLine(text: string, indent: string, columns: number): string {
  const width = text.startsWith('shedbench ') ? Number.POSITIVE_INFINITY : columns;
  return wrapText(text, width, { first: `${indent}→ `, rest: `${indent}  ` });
}

/** Text that is HTML markup. Any other text is escaped when it is inserted. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text for an element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

type Part = string | number | Markup | undefined | readonly Part[];

function partText(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Markup) return part.text;
  if (Array.isArray(part)) return part.map(partText).join('');
  return escapeHtml(String(part));
}

/** A template tag. Values are escaped unless they are markup; undefined becomes empty, and lists are joined. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(strings.map((text, index) => text + partText(parts[index])).join(''));
}

/** Renders the beginning of a document, up to within its head. `policy` is its Content-Security-Policy. */
export function documentStart(policy: string): Markup {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">`;
}

/** Renders JSON for a script element. No text in it can end the element or open a comment. */
export function scriptJson(value: unknown): Markup {
  return new Markup(
    JSON.stringify(value)
      .replaceAll('<', '\\u003c')
      .replaceAll('\u2028', '\\u2028')
      .replaceAll('\u2029', '\\u2029'),
  );
}

/** A column of a table: its heading, its kind, and its cells. */
export interface TableColumn<Row> {
  readonly head: string;
  /** Text is aligned left, numbers right. */
  readonly kind: 'text' | 'number';
  readonly cell: (row: Row) => string | Markup;
}

/**
 * Renders a table that scrolls sideways if it is wider than the page. The cells of its first column are row headers.
 */
export function table<Row>(
  caption: string,
  columns: readonly TableColumn<Row>[],
  rows: readonly Row[],
): Markup {
  const kindOf = ({ kind }: TableColumn<Row>) =>
    kind === 'number' ? new Markup(' class="number"') : new Markup('');
  const cells = (row: Row) =>
    columns.map((column, index) =>
      index === 0
        ? html`<th scope="row">${column.cell(row)}</th>`
        : html`<td${kindOf(column)}>${column.cell(row)}</td>`,
    );
  return html`<p class="note">${caption}</p>
<div class="scroll" role="region" tabindex="0" aria-label="${caption}"><table aria-label="${caption}">
<thead><tr>${columns.map((column) => html`<th scope="col"${kindOf(column)}>${column.head}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) => html`<tr>${cells(row)}</tr>
`,
  )}</tbody></table></div>`;
}

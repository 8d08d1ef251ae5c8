/** Characters that Markdown or the HTML inside it gives a meaning. Each may stand behind a backslash. */
const SPECIAL = /[\\`*_[|~&]/g;
/** What makes a heading, a list or a quotation at the start of a line. */
const LINE_START = /^(\s*)([#+>-]|\d+[.)](?=\s))/;

/**
 * A text that others wrote, as Markdown shows it unchanged on one line: no markup, no link, no image, no further cell.
 * @see https://spec.commonmark.org/0.31.2/#backslash-escapes
 */
export function markdownText(text: string): string {
  return text
    .replace(/\r?\n/g, ' ')
    .replace(SPECIAL, '\\$&')
    .replaceAll('<', '&lt;')
    .replace(
      LINE_START,
      (_, space: string, mark: string) => `${space}${mark.slice(0, -1)}\\${mark.slice(-1)}`,
    );
}

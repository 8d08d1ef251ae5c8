/** Characters with a meaning in Markdown or in HTML inside it. A backslash in front removes the meaning. */
const SPECIAL = /[\\`*_[|~&]/g;
/** The beginning of a heading, a list or a quotation. */
const LINE_START = /^(\s*)([#+>-]|\d+[.)](?=\s))/;

/**
 * Escapes a foreign text, so that Markdown shows it unchanged on one line: without markup, link, image or further
 * cells.
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

/** The width of a text on a terminal in columns, without its colours. */
export function visibleLength(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what starts a colour.
  return [...text.replace(/\u001b\[\d+m/g, '')].length;
}

/** The indent of a hint below its message. */
const HINT_INDENT = '  ';

/** A hint below its message, each of its lines broken at spaces. A command stays on one line, so that it can be copied. */
export function wrapHint(hint: string, width: number): string {
  const isCommand = (line: string): boolean => line.startsWith('shedbench ');
  return hint
    .split('\n')
    .map((line) =>
      isCommand(line)
        ? `${HINT_INDENT}${line}`
        : wrapText(line, width, { first: HINT_INDENT, rest: HINT_INDENT }),
    )
    .join('\n');
}

/**
 * Breaks a text at spaces into lines of at most `width` characters. A longer word is not broken, and colours count as
 * no characters. `first` precedes the first line and `rest` all others; both count.
 */
export function wrapText(
  text: string,
  width: number,
  indent: { readonly first: string; readonly rest: string } = { first: '', rest: '' },
): string {
  const lines: string[] = [];
  let line = indent.first;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && visibleLength(line) + 1 + visibleLength(word) > width) {
      lines.push(line);
      line = indent.rest;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line].join('\n');
}

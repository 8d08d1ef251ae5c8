/**
 * Characters that a terminal may interpret as commands, or that change the reading order of text: C0 (except tab and
 * line feed), DEL, C1, the bidirectional marks, embeddings, overrides and isolates, and the Unicode line separators.
 * @see https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
 */
const CONTROLS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * A text from others (an answer's body, AWS's message, a record on disk), with every control character shown as
 * `\u001b`. Line feeds and tabs are unchanged.
 */
export function visibleText(text: string): string {
  return text.replace(CONTROLS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * A JSON text with DEL, C1 and bidirectional controls escaped as well: `JSON.stringify` escapes only C0. The text
 * parses to the same value, because such characters occur only inside strings.
 */
export const escapeControls = visibleText;

/** A copy of a value whose texts, in lists and objects to any depth, are visible. */
export function withVisibleText<Value>(value: Value): Value {
  return copy(value) as Value;
}

function copy(value: unknown): unknown {
  if (typeof value === 'string') return visibleText(value);
  if (Array.isArray(value)) return value.map(copy);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [visibleText(name), copy(member)]));
}

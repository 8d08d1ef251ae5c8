/** The codes of `[` and `]`, each 0x20 below that of the brace. */
const OPEN = 0x5b;
const CLOSE = 0x5d;
const BRACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Whether a JSON text nests lists and objects deeper than a limit. `JSON.parse` accepts any depth, but code that walks
 * the value afterwards would overflow the stack. A text too short to be that deep is not scanned.
 */
export function nestsDeeperThan(text: string, limit: number): boolean {
  if (text.length <= 2 * limit) return false;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === OPEN || code === OPEN + BRACE) {
      depth += 1;
      if (depth > limit) return true;
    } else if (code === CLOSE || code === CLOSE + BRACE) depth -= 1;
  }
  return false;
}

import { fromBoolean, type Value } from './value.ts';

/**
 * Reads a discovered field of a JSON message. `a.b.0.c` descends into objects and arrays; a key that itself contains
 * dots is found too. Objects, arrays and null have no value; true and false are 1 and 0.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html
 */
export function readJsonField(json: unknown, name: string): Value {
  if (typeof json !== 'object' || json === null) return undefined;
  if (Object.hasOwn(json, name)) {
    const value = toValue((json as Readonly<Record<string, unknown>>)[name]);
    if (value !== undefined) return value;
  }
  for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
    const head = name.slice(0, dot);
    if (!Object.hasOwn(json, head)) continue;
    const value = readJsonField((json as Readonly<Record<string, unknown>>)[head], name.slice(dot + 1));
    if (value !== undefined) return value;
  }
  return undefined;
}

function toValue(value: unknown): Value {
  if (typeof value === 'string' || typeof value === 'number') return value;
  return typeof value === 'boolean' ? fromBoolean(value) : undefined;
}

/**
 * Finds and parses the first JSON object in a message: the whole line, or the part after a runtime's prefix. Returns
 * undefined if there is none.
 */
export function findJson(message: string): unknown {
  const start = message.indexOf('{');
  if (start === -1) return undefined;
  const end = objectEnd(message, start);
  if (end === -1) return undefined;
  try {
    return JSON.parse(message.slice(start, end));
  } catch {
    // The brace does not begin a JSON object. Such a line has no discovered fields.
    return undefined;
  }
}

/** Finds the brace that closes the one at `start`, ignoring braces in strings. Returns the offset after it, or -1. */
function objectEnd(text: string, start: number): number {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (inString) {
      if (char === BACKSLASH) at += 1;
      else if (char === QUOTE) inString = false;
    } else if (char === QUOTE) inString = true;
    else if (char === OPEN) depth += 1;
    else if (char === CLOSE) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}

const BACKSLASH = 92;
const QUOTE = 34;
const OPEN = 123;
const CLOSE = 125;

import { invalidParameter } from './input.ts';

/** Whether a message matches a filter pattern. */
export type MessageFilter = (message: string) => boolean;

const TERM = /\s*([-?]?)(?:"((?:[^"\\]|\\.)*)"|%([^%]+)%|([^\s"%]+))(?=\s|$)/y;

/**
 * Compiles an unstructured filter pattern: `a b` (both), `-a` (not), `?a ?b` (any), `"two words"`, `%regex%`. It is
 * case-sensitive. An empty pattern matches everything.
 * @throws ServiceError `InvalidParameterException` for JSON (`{…}`) and space-delimited (`[…]`) patterns, which the
 * local cloud does not support, and for `?` terms mixed with others, because AWS ignores the `?` terms then
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function compileFilterPattern(pattern: string): MessageFilter {
  const text = pattern.trim();
  if (text.startsWith('{') || text.startsWith('[')) {
    throw invalidParameter(`The local cloud supports only unstructured filter patterns, not ${text}`);
  }
  const all: MessageFilter[] = [];
  const any: MessageFilter[] = [];
  let at = 0;
  while (at < text.length) {
    TERM.lastIndex = at;
    const match = TERM.exec(text);
    if (match === null)
      throw invalidParameter(`Invalid filter pattern at character ${at + 1}: ${text.slice(at)}`);
    at += match[0].length;
    const test = termTest(match[2]?.replace(/\\(.)/g, '$1') ?? match[4], match[3]);
    if (match[1] === '?') any.push(test);
    else all.push(match[1] === '-' ? (message) => !test(message) : test);
  }
  if (any.length > 0 && all.length > 0) {
    throw invalidParameter(
      'A filter pattern with ?terms must not have other terms: AWS would ignore the ?terms',
    );
  }
  return any.length > 0
    ? (message) => any.some((test) => test(message))
    : (message) => all.every((test) => test(message));
}

function termTest(text: string | undefined, regex: string | undefined): MessageFilter {
  if (regex === undefined) return (message) => message.includes(text ?? '');
  try {
    const compiled = new RegExp(regex);
    return (message) => compiled.test(message);
  } catch {
    throw invalidParameter(`Invalid regular expression in the filter pattern: %${regex}%`);
  }
}

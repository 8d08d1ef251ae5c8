import type { Pattern } from './ast.ts';
import { execBounded } from './bounded-regex.ts';
import { QueryError, type Span } from './query-error.ts';

/** Extracts values from a text for `parse`: in the order of `names`, or undefined if the text does not match. */
export interface Extractor {
  readonly names: readonly string[];
  extract(text: string): readonly (string | undefined)[] | undefined;
}

const INLINE_FLAGS = /^(\^?)\(\?([a-z]+)\)/;
const KNOWN_FLAGS = /^[ims]+$/;
/** Escapes that mean the same in Insights and in JavaScript. Any punctuation may be escaped too. */
const KNOWN_ESCAPE = /^(?:[dDwWsSbBtnrfv]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[^A-Za-z0-9])/;
/** A group may have any name that a field may have. JavaScript does not allow `@` and `.` there. */
const GROUP_NAME = /(?<!\\)\(\?<([A-Za-z@_][A-Za-z0-9_@.]*)>/g;

/**
 * Converts a query's regular expression to JavaScript. `(?i)`, `(?s)` and `(?m)` are accepted at its start, also after
 * a `^`. What has another meaning in JavaScript is refused.
 * @throws QueryError naming the part that is not supported
 */
function compileRegex(source: string, span: Span): RegExp {
  const inline = INLINE_FLAGS.exec(source);
  const flags = inline?.[2] ?? '';
  if (flags !== '' && !KNOWN_FLAGS.test(flags)) {
    throw new QueryError(`unknown flags (?${flags}) in the regular expression: known are i, m and s`, span);
  }
  const body = inline === null ? source : `${inline[1]}${source.slice(inline[0].length)}`;
  const misplaced = /(?<!\\)\(\?[a-z]+[:)]/.exec(body)?.[0];
  if (misplaced !== undefined) {
    throw new QueryError(`${misplaced} is known only as flags at the start of a regular expression`, span);
  }
  for (let at = body.indexOf('\\'); at !== -1; at = body.indexOf('\\', at + 2)) {
    const rest = body.slice(at + 1);
    if (!KNOWN_ESCAPE.test(rest)) {
      throw new QueryError(`unknown escape \\${rest.charAt(0)} in the regular expression`, span);
    }
  }
  const foreignClass = /\[\^?\[:[a-z]+:\]|\[[^\]]*&&/.exec(body)?.[0];
  if (foreignClass !== undefined) {
    throw new QueryError(`unknown character class ${foreignClass} in the regular expression`, span);
  }
  try {
    return new RegExp(body, [...new Set(flags)].join(''));
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*\/[a-z]*: /s, '') : String(error);
    throw new QueryError(`regular expression /${source}/ is not valid: ${reason}`, span);
  }
}

/** Compiles the test of `like` and `=~`: a case-sensitive substring, or a regular expression anywhere in the text. */
export function compileMatcher(pattern: Pattern): (text: string) => boolean {
  if (pattern.kind === 'substring') return (text) => text.includes(pattern.text);
  const regex = compileRegex(pattern.source, pattern.span);
  return (text) => execBounded(regex, text) !== null;
}

/**
 * Compiles the pattern of a `parse` command.
 * @throws QueryError if a regular expression names no group or has aliases, or if the numbers of wildcards and aliases
 *   differ
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Parse.html
 */
export function compileExtractor(pattern: Pattern, aliases: readonly string[], span: Span): Extractor {
  return pattern.kind === 'regex'
    ? regexExtractor(pattern.source, aliases, pattern.span)
    : globExtractor(pattern.text, aliases, span);
}

function regexExtractor(source: string, aliases: readonly string[], span: Span): Extractor {
  const names = [...source.matchAll(GROUP_NAME)].map((match) => match[1] ?? '');
  let groups = 0;
  const numbered = source.replace(GROUP_NAME, () => {
    groups += 1;
    return `(?<group${groups}>`;
  });
  const regex = compileRegex(numbered, span);
  if (names.length === 0) {
    throw new QueryError(`parse: /${source}/ names no group such as (?<name>…)`, span);
  }
  if (aliases.length > 0) {
    throw new QueryError(
      "parse: 'as' is for glob patterns; a regular expression names its groups itself",
      span,
    );
  }
  return {
    names,
    extract: (text) => {
      const found = execBounded(regex, text)?.groups;
      return found === undefined ? undefined : names.map((_name, index) => found[`group${index + 1}`]);
    },
  };
}

function globExtractor(glob: string, aliases: readonly string[], span: Span): Extractor {
  const literals = glob.split('*');
  const wildcards = literals.length - 1;
  // People count lines by `parse "Status: timeout" as timeouts`: the field is empty text where the pattern occurs.
  if (wildcards === 0 && aliases.length === 1) {
    return { names: aliases, extract: (text) => (text.includes(glob) ? [''] : undefined) };
  }
  if (wildcards !== aliases.length || wildcards === 0) {
    throw new QueryError(
      `parse: the pattern has ${count(wildcards, 'wildcard')} * and 'as' names ${count(aliases.length, 'field')}`,
      span,
    );
  }
  return { names: aliases, extract: (text) => matchGlob(literals, text) };
}

/**
 * Returns the texts that the wildcards between the literals match. Undefined if the literals do not occur in the text
 * in this order. A wildcard matches as little as possible; one at the end of the pattern matches the rest. Only the
 * first occurrence of each literal needs to be tried, because a later one leaves less text for the literals that
 * follow.
 */
function matchGlob(literals: readonly string[], text: string): string[] | undefined {
  const [first = '', ...rest] = literals;
  let at = text.indexOf(first);
  if (at === -1) return undefined;
  at += first.length;
  const taken: string[] = [];
  for (const [index, literal] of rest.entries()) {
    const isOpenEnd = index === rest.length - 1 && literal === '';
    const end = isOpenEnd ? text.length : text.indexOf(literal, at);
    if (end === -1) return undefined;
    taken.push(text.slice(at, end));
    at = end + literal.length;
  }
  return taken;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

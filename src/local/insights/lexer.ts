import { type PeriodUnit, periodUnit } from './period.ts';
import { describePosition, QueryError, type Span } from './query-error.ts';

export type Token =
  | { readonly kind: 'end'; readonly span: Span }
  /** A field, command, function or keyword. With `quoted` it was written in backticks and can only be a field. */
  | { readonly kind: 'name'; readonly text: string; readonly quoted: boolean; readonly span: Span }
  | { readonly kind: 'number'; readonly value: number; readonly span: Span }
  | { readonly kind: 'period'; readonly count: number; readonly unit: PeriodUnit; readonly span: Span }
  | { readonly kind: 'string'; readonly value: string; readonly span: Span }
  | { readonly kind: 'symbol'; readonly text: string; readonly span: Span };

const SYMBOLS = [
  '!=',
  '==',
  '<=',
  '>=',
  '=~',
  '|',
  ',',
  '(',
  ')',
  '[',
  ']',
  '=',
  '<',
  '>',
  '+',
  '-',
  '*',
  '/',
  '%',
  '^',
  '!',
  ':',
];
/** A field name with any other character needs backticks. */
const NAME = /[@A-Za-z_][@A-Za-z0-9_.]*/y;
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+(?![A-Za-z]))?/y;
const LETTERS = /[A-Za-z]+/y;
const BLANK = /(?:\s+|#[^\n]*)+/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/**
 * Reads a query token by token, with one token of lookahead. The characters alone do not tell a regular expression from
 * a division, so the parser asks for one where the grammar allows it.
 */
export class Lexer {
  readonly text: string;
  #position = 0;
  #peeked: Token | undefined;
  #lastEnd = 0;

  constructor(text: string) {
    this.text = text;
  }

  peek(): Token {
    this.#peeked ??= this.#scan();
    return this.#peeked;
  }

  next(): Token {
    const token = this.peek();
    this.#peeked = undefined;
    this.#lastEnd = token.span.end;
    return token;
  }

  /** The offset at which the last token ended. */
  get lastEnd(): number {
    return this.#lastEnd;
  }

  /** Whether the next token is this symbol. */
  atSymbol(text: string): boolean {
    const token = this.peek();
    return token.kind === 'symbol' && token.text === text;
  }

  /** Whether the next token is this keyword, in any case. */
  atKeyword(keyword: string): boolean {
    const token = this.peek();
    return token.kind === 'name' && !token.quoted && token.text.toLowerCase() === keyword;
  }

  takeSymbol(text: string): boolean {
    if (!this.atSymbol(text)) return false;
    this.next();
    return true;
  }

  takeKeyword(keyword: string): boolean {
    if (!this.atKeyword(keyword)) return false;
    this.next();
    return true;
  }

  expectSymbol(text: string): Token {
    if (!this.atSymbol(text)) throw this.unexpected(`expected '${text}'`);
    return this.next();
  }

  /**
   * Makes an error in the words of Insights, such as `unexpected symbol found x at line 1, position 9`, and adds what
   * was expected.
   */
  unexpected(expectation: string): QueryError {
    const token = this.peek();
    const shown = token.kind === 'end' ? 'end of query' : this.text.slice(token.span.start, token.span.end);
    return new QueryError(
      `unexpected symbol found ${shown} at ${describePosition(this.text, token.span.start)}: ${expectation}`,
      token.span,
    );
  }

  /**
   * Reads `/…/` if the next token begins a regular expression. Returns its source with `\/` unescaped, or undefined. It
   * may span several lines.
   * @throws QueryError if it is not closed
   */
  takeRegex(): { readonly source: string; readonly span: Span } | undefined {
    if (!this.atSymbol('/')) return undefined;
    const start = this.peek().span.start;
    let source = '';
    for (let at = start + 1; at < this.text.length; at += 1) {
      const char = this.text.charAt(at);
      if (char === '/') {
        this.#peeked = undefined;
        this.#position = at + 1;
        this.#lastEnd = at + 1;
        return { source, span: { start, end: at + 1 } };
      }
      if (char === '\\' && at + 1 < this.text.length) {
        at += 1;
        const escaped = this.text.charAt(at);
        source += escaped === '/' ? '/' : `\\${escaped}`;
      } else source += char;
    }
    throw new QueryError(`regular expression is not closed with / at ${describePosition(this.text, start)}`, {
      start,
      end: start + 1,
    });
  }

  #scan(): Token {
    this.#match(BLANK);
    const start = this.#position;
    if (start >= this.text.length) return { kind: 'end', span: { start, end: start } };
    const char = this.text.charAt(start);
    if (char === '"' || char === "'") return this.#scanString(char);
    if (char === '`') return this.#scanQuotedName();
    const number = this.#match(NUMBER);
    if (number !== undefined) return this.#numberOrPeriod(number, start);
    const name = this.#match(NAME);
    if (name !== undefined) return { kind: 'name', text: name, quoted: false, span: this.#span(start) };
    for (const symbol of SYMBOLS) {
      if (!this.text.startsWith(symbol, start)) continue;
      this.#position = start + symbol.length;
      return { kind: 'symbol', text: symbol, span: this.#span(start) };
    }
    throw new QueryError(
      `unexpected symbol found ${char} at ${describePosition(this.text, start)}` +
        (char === '`'
          ? ''
          : '; a name with characters other than letters, digits, @, _ and . needs `backticks`'),
      { start, end: start + 1 },
    );
  }

  #numberOrPeriod(text: string, start: number): Token {
    const unitText = this.#match(LETTERS);
    const value = Number(text);
    if (unitText === undefined) return { kind: 'number', value, span: this.#span(start) };
    const unit = periodUnit(unitText);
    const span = this.#span(start);
    if (unit === undefined || !Number.isInteger(value) || value < 1) {
      throw new QueryError(
        `${text}${unitText} at ${describePosition(this.text, start)} is neither a number nor a period such as 5m`,
        span,
      );
    }
    return { kind: 'period', count: value, unit, span };
  }

  #scanString(quote: string): Token {
    const start = this.#position;
    let value = '';
    for (let at = start + 1; at < this.text.length; at += 1) {
      const char = this.text.charAt(at);
      if (char === quote) {
        this.#position = at + 1;
        return { kind: 'string', value, span: this.#span(start) };
      }
      if (char === '\\' && at + 1 < this.text.length) {
        at += 1;
        const escaped = this.text.charAt(at);
        const plain = escaped === '\\' || escaped === '"' || escaped === "'";
        value += plain ? escaped : (ESCAPES[escaped] ?? `\\${escaped}`);
      } else value += char;
    }
    throw new QueryError(`string is not closed with ${quote} at ${describePosition(this.text, start)}`, {
      start,
      end: start + 1,
    });
  }

  #scanQuotedName(): Token {
    const start = this.#position;
    const end = this.text.indexOf('`', start + 1);
    if (end <= start + 1) {
      throw new QueryError(`field name is not closed with \` at ${describePosition(this.text, start)}`, {
        start,
        end: start + 1,
      });
    }
    this.#position = end + 1;
    return { kind: 'name', text: this.text.slice(start + 1, end), quoted: true, span: this.#span(start) };
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined) return undefined;
    this.#position += found.length;
    return found;
  }

  #span(start: number): Span {
    return { start, end: this.#position };
  }
}

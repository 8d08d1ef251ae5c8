import type { SourceSelection } from './ast.ts';
import type { Lexer } from './lexer.ts';
import { describePosition, QueryError } from './query-error.ts';

/**
 * Parses the `SOURCE` commands at the start of a query: `SOURCE '/aws/lambda/a', '/aws/lambda/b'`, several of them in a
 * row, and `SOURCE logGroups(namePrefix: ['/aws/lambda/'])`. Returns undefined if there is none.
 * @throws QueryError naming what is not allowed
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Source.html
 */
export function parseSource(lexer: Lexer): SourceSelection | undefined {
  const { start } = lexer.peek().span;
  const names: string[] = [];
  const namePrefixes: string[] = [];
  if (!lexer.atKeyword('source')) return undefined;
  while (lexer.takeKeyword('source')) {
    if (lexer.takeKeyword('loggroups')) namePrefixes.push(...parsePrefixes(lexer));
    else names.push(...parseTexts(lexer));
    if (!lexer.takeSymbol('|')) throw lexer.unexpected("expected '|' after SOURCE");
  }
  return { names, namePrefixes, span: { start, end: lexer.lastEnd } };
}

function parsePrefixes(lexer: Lexer): string[] {
  lexer.expectSymbol('(');
  const argument = lexer.peek();
  if (!lexer.takeKeyword('nameprefix')) {
    throw new QueryError(
      `unknown argument of logGroups at ${describePosition(lexer.text, argument.span.start)}: known is namePrefix`,
      argument.span,
    );
  }
  lexer.expectSymbol(':');
  lexer.expectSymbol('[');
  const prefixes = parseTexts(lexer);
  lexer.expectSymbol(']');
  lexer.expectSymbol(')');
  return prefixes;
}

function parseTexts(lexer: Lexer): string[] {
  const texts: string[] = [];
  do {
    const token = lexer.peek();
    if (token.kind !== 'string') throw lexer.unexpected('expected the name of a log group in quotes');
    lexer.next();
    texts.push(token.value);
  } while (lexer.takeSymbol(','));
  return texts;
}

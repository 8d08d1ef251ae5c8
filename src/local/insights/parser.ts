import type { Command, Expression, NamedExpression, Query, SortKey } from './ast.ts';
import { parseExpression, parsePattern } from './expression-parser.ts';
import { Lexer } from './lexer.ts';
import { describePosition, QueryError } from './query-error.ts';
import { parseSource } from './source-parser.ts';

const COMMANDS = ['fields', 'display', 'filter', 'stats', 'sort', 'limit', 'parse', 'dedup'] as const;
type CommandName = (typeof COMMANDS)[number];

/** The longest query that StartQuery accepts, characters. @see API_StartQuery */
export const MAX_QUERY_LENGTH = 10_000;
/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Limit.html */
export const MAX_LIMIT = 100_000;

/**
 * Parses a query into its log groups and its commands, in order.
 * @throws QueryError naming what is unknown or not allowed, with its position
 */
export function parseQuery(text: string): Query {
  const lexer = new Lexer(text);
  const commands: Command[] = [];
  // A pipe may be left at the start when a query was shortened. Insights accepts it too.
  lexer.takeSymbol('|');
  const source = parseSource(lexer);
  for (;;) {
    commands.push(parseCommand(lexer));
    if (lexer.peek().kind === 'end') return { source, commands };
    if (!lexer.takeSymbol('|')) throw lexer.unexpected("expected '|' or the end of the query");
  }
}

function parseCommand(lexer: Lexer): Command {
  const token = lexer.peek();
  if (token.kind !== 'name' || token.quoted) {
    throw lexer.unexpected(`expected a command (${COMMANDS.join(', ')})`);
  }
  const name = COMMANDS.find((command) => command === token.text.toLowerCase());
  if (name === undefined) {
    throw new QueryError(
      `unknown command '${token.text}' at ${describePosition(lexer.text, token.span.start)}: ` +
        `known are ${COMMANDS.join(', ')}`,
      token.span,
    );
  }
  lexer.next();
  return parseArguments(lexer, name, token.span.start);
}

function parseArguments(lexer: Lexer, name: CommandName, start: number): Command {
  const span = () => ({ start, end: lexer.lastEnd });
  switch (name) {
    case 'fields':
    case 'display': {
      const items = parseNamed(lexer);
      return { kind: name, items, span: span() };
    }
    case 'filter': {
      const condition = parseExpression(lexer);
      return { kind: 'filter', condition, span: span() };
    }
    case 'stats': {
      const items = parseNamed(lexer);
      const isGrouped = lexer.takeKeyword('group');
      if (isGrouped && !lexer.atKeyword('by')) throw lexer.unexpected("expected 'by' after 'group'");
      const by = lexer.takeKeyword('by') ? parseNamed(lexer) : [];
      return { kind: 'stats', items, by, span: span() };
    }
    case 'sort': {
      lexer.takeKeyword('by');
      const keys: SortKey[] = [];
      do keys.push(parseSortKey(lexer));
      while (lexer.takeSymbol(','));
      return { kind: 'sort', keys, span: span() };
    }
    case 'limit':
      return { kind: 'limit', count: parseLimit(lexer), span: span() };
    case 'parse':
      return parseParse(lexer, start);
    case 'dedup': {
      const fields: Expression[] = [];
      do fields.push(parseField(lexer));
      while (lexer.takeSymbol(','));
      return { kind: 'dedup', fields, span: span() };
    }
  }
}

function parseNamed(lexer: Lexer): NamedExpression[] {
  const items: NamedExpression[] = [];
  do {
    const expression = parseExpression(lexer);
    const { start, end } = expression.span;
    const alias = lexer.takeKeyword('as') ? parseAlias(lexer) : undefined;
    const written = expression.kind === 'field' ? expression.name : lexer.text.slice(start, end);
    items.push({
      expression,
      name: alias ?? written,
      aliased: alias !== undefined,
      span: { start, end: lexer.lastEnd },
    });
  } while (lexer.takeSymbol(','));
  return items;
}

function parseAlias(lexer: Lexer): string {
  const token = lexer.peek();
  if (token.kind !== 'name') throw lexer.unexpected("expected a name after 'as'");
  lexer.next();
  return token.text;
}

function parseSortKey(lexer: Lexer): SortKey {
  const expression = parseExpression(lexer);
  if (lexer.takeKeyword('desc')) return { expression, descending: true };
  lexer.takeKeyword('asc');
  return { expression, descending: false };
}

function parseLimit(lexer: Lexer): number {
  const token = lexer.peek();
  if (token.kind !== 'number') throw lexer.unexpected('expected a whole number');
  if (!Number.isInteger(token.value) || token.value < 1 || token.value > MAX_LIMIT) {
    throw new QueryError(
      `limit ${lexer.text.slice(token.span.start, token.span.end)} is not a whole number from 1 to ${MAX_LIMIT}`,
      token.span,
    );
  }
  lexer.next();
  return token.value;
}

function parseParse(lexer: Lexer, start: number): Command {
  const token = lexer.peek();
  // Without a field, `parse "…" as x` reads @message.
  const source: Expression =
    token.kind === 'string' || lexer.atSymbol('/')
      ? { kind: 'field', name: '@message', span: { start: token.span.start, end: token.span.start } }
      : parseField(lexer);
  const pattern = parsePattern(lexer);
  const aliases: { name: string; span: { start: number; end: number } }[] = [];
  if (lexer.takeKeyword('as')) {
    do {
      const span = lexer.peek().span;
      aliases.push({ name: parseAlias(lexer), span });
    } while (lexer.takeSymbol(','));
  }
  return { kind: 'parse', source, pattern, aliases, span: { start, end: lexer.lastEnd } };
}

function parseField(lexer: Lexer): Expression {
  const token = lexer.peek();
  if (token.kind !== 'name') throw lexer.unexpected('expected a field');
  lexer.next();
  if (!token.quoted && lexer.atSymbol('(')) throw lexer.unexpected('expected a field, not a function');
  return { kind: 'field', name: token.text, span: token.span };
}

import type { BinaryOperator, Expression, Pattern } from './ast.ts';
import type { Lexer } from './lexer.ts';
import { QueryError, type Span } from './query-error.ts';

/** How deep expressions may nest. Real queries need far less, and deeper ones could overflow the stack. */
const MAX_DEPTH = 100;
/**
 * Words that are fields only in backticks. So the error for a missing operand names it, instead of taking the next word
 * for a field.
 */
const RESERVED = new Set(['and', 'or', 'not', 'as', 'by', 'in', 'like', 'asc', 'desc']);
const COMPARISONS: readonly BinaryOperator[] = ['!=', '<=', '>=', '=', '<', '>'];
/** `==` is not documented, but AWS's own operator guide uses it. */
const EQUALS_TWICE = '==';

/**
 * Parses one expression. From weakest to strongest binding: `or`; `and`; `not` and `!`; comparisons with `like`, `=~`
 * and `in`; `+ -`; `* / %`; unary minus; `^` (right-associative); operands.
 * @throws QueryError naming the symbol that is not allowed
 */
export function parseExpression(lexer: Lexer, depth = 0): Expression {
  if (depth > MAX_DEPTH) throw new QueryError('the expression is nested too deeply', lexer.peek().span);
  let left = parseAnd(lexer, depth);
  while (lexer.takeKeyword('or')) left = binary('or', left, parseAnd(lexer, depth));
  return left;
}

function parseAnd(lexer: Lexer, depth: number): Expression {
  let left = parseNot(lexer, depth);
  while (lexer.takeKeyword('and')) left = binary('and', left, parseNot(lexer, depth));
  return left;
}

function parseNot(lexer: Lexer, depth: number): Expression {
  const start = lexer.peek().span.start;
  if (!lexer.takeKeyword('not') && !lexer.takeSymbol('!')) return parseComparison(lexer, depth);
  if (depth > MAX_DEPTH) throw new QueryError('the expression is nested too deeply', lexer.peek().span);
  const operand = parseNot(lexer, depth + 1);
  return { kind: 'unary', operator: 'not', operand, span: { start, end: operand.span.end } };
}

function parseComparison(lexer: Lexer, depth: number): Expression {
  const left = parseSum(lexer, depth);
  for (const operator of COMPARISONS) {
    if (lexer.takeSymbol(operator)) return binary(operator, left, parseSum(lexer, depth));
  }
  if (lexer.takeSymbol(EQUALS_TWICE)) return binary('=', left, parseSum(lexer, depth));
  const negated = lexer.takeKeyword('not');
  if (lexer.takeSymbol('=~') || lexer.takeKeyword('like')) {
    const pattern = parsePattern(lexer);
    return {
      kind: 'match',
      operand: left,
      pattern,
      negated,
      span: { start: left.span.start, end: pattern.span.end },
    };
  }
  if (lexer.takeKeyword('in')) {
    const items = parseList(lexer, depth);
    return {
      kind: 'in',
      operand: left,
      items,
      negated,
      span: { start: left.span.start, end: lexer.lastEnd },
    };
  }
  if (negated) throw lexer.unexpected("expected 'like', '=~' or 'in' after 'not'");
  return left;
}

/**
 * Parses `"text"` or `/regex/`.
 * @throws QueryError when neither follows
 */
export function parsePattern(lexer: Lexer): Pattern {
  const regex = lexer.takeRegex();
  if (regex !== undefined) return { kind: 'regex', ...regex };
  const token = lexer.peek();
  if (token.kind !== 'string') throw lexer.unexpected('expected "text" or /regular expression/');
  lexer.next();
  return { kind: 'substring', text: token.value, span: token.span };
}

function parseList(lexer: Lexer, depth: number): Expression[] {
  lexer.expectSymbol('[');
  const items: Expression[] = [];
  do items.push(parseSum(lexer, depth + 1));
  while (lexer.takeSymbol(','));
  lexer.expectSymbol(']');
  return items;
}

function parseSum(lexer: Lexer, depth: number): Expression {
  let left = parseProduct(lexer, depth);
  for (;;) {
    if (lexer.takeSymbol('+')) left = binary('+', left, parseProduct(lexer, depth));
    else if (lexer.takeSymbol('-')) left = binary('-', left, parseProduct(lexer, depth));
    else return left;
  }
}

function parseProduct(lexer: Lexer, depth: number): Expression {
  let left = parseUnary(lexer, depth);
  for (;;) {
    if (lexer.takeSymbol('*')) left = binary('*', left, parseUnary(lexer, depth));
    else if (lexer.takeSymbol('/')) left = binary('/', left, parseUnary(lexer, depth));
    else if (lexer.takeSymbol('%')) left = binary('%', left, parseUnary(lexer, depth));
    else return left;
  }
}

function parseUnary(lexer: Lexer, depth: number): Expression {
  if (depth > MAX_DEPTH) throw new QueryError('the expression is nested too deeply', lexer.peek().span);
  const start = lexer.peek().span.start;
  if (!lexer.takeSymbol('-')) return parsePower(lexer, depth);
  const operand = parseUnary(lexer, depth + 1);
  return { kind: 'unary', operator: '-', operand, span: { start, end: operand.span.end } };
}

function parsePower(lexer: Lexer, depth: number): Expression {
  const base = parseOperand(lexer, depth);
  return lexer.takeSymbol('^') ? binary('^', base, parseUnary(lexer, depth + 1)) : base;
}

function parseOperand(lexer: Lexer, depth: number): Expression {
  const token = lexer.peek();
  switch (token.kind) {
    case 'number':
      lexer.next();
      return { kind: 'number', value: token.value, span: token.span };
    case 'string':
      lexer.next();
      return { kind: 'string', value: token.value, span: token.span };
    case 'period':
      lexer.next();
      return { kind: 'period', count: token.count, unit: token.unit, span: token.span };
    case 'name':
      if (!token.quoted && RESERVED.has(token.text.toLowerCase())) throw lexer.unexpected('expected a value');
      lexer.next();
      if (!token.quoted && lexer.atSymbol('(')) return parseCall(lexer, token.text, token.span, depth);
      return { kind: 'field', name: token.text, span: token.span };
    case 'symbol':
      if (token.text === '(') {
        lexer.next();
        const inner = parseExpression(lexer, depth + 1);
        lexer.expectSymbol(')');
        return { ...inner, span: { start: token.span.start, end: lexer.lastEnd } };
      }
      throw lexer.unexpected('expected a field, a value or a function');
    case 'end':
      throw lexer.unexpected('expected a field, a value or a function');
  }
}

function parseCall(lexer: Lexer, name: string, span: Span, depth: number): Expression {
  lexer.expectSymbol('(');
  const args: Expression[] = [];
  if (!lexer.atSymbol(')')) {
    do args.push(parseArgument(lexer, depth + 1));
    while (lexer.takeSymbol(','));
  }
  lexer.expectSymbol(')');
  return { kind: 'call', name, args, span: { start: span.start, end: lexer.lastEnd } };
}

function parseArgument(lexer: Lexer, depth: number): Expression {
  const token = lexer.peek();
  if (token.kind === 'symbol' && token.text === '*') {
    lexer.next();
    return { kind: 'star', span: token.span };
  }
  return parseExpression(lexer, depth);
}

function binary(operator: BinaryOperator, left: Expression, right: Expression): Expression {
  return { kind: 'binary', operator, left, right, span: { start: left.span.start, end: right.span.end } };
}

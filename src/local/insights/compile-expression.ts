import type { BinaryOperator, Expression } from './ast.ts';
import type { Compiled, Evaluate } from './compiled.ts';
import { SCALAR_FUNCTIONS } from './functions.ts';
import { compileMatcher } from './pattern.ts';
import { QueryError, type Span } from './query-error.ts';
import { equal, finite, fromBoolean, holds, order, toNumber, toText } from './value.ts';

/** Resolves names at one place of a query. */
export interface Scope {
  /** Resolves a field. @throws QueryError when no such field can exist here */
  field(name: string, span: Span): Compiled;
  /** Resolves an expression that an earlier command computed as a column, as in `sort avg(@duration)` after `stats`. */
  column(expression: Expression): Compiled | undefined;
  /** Resolves an aggregation function. @throws QueryError when it is not allowed here */
  aggregate(call: Extract<Expression, { kind: 'call' }>): Compiled;
}

/** The aggregation functions of `stats`, in lower case. */
const AGGREGATE_NAMES = [
  'avg',
  'count',
  'count_distinct',
  'earliest',
  'latest',
  'max',
  'median',
  'min',
  'pct',
  'percentile',
  'sortsfirst',
  'sortslast',
  'stddev',
  'sum',
] as const;

export type AggregateName = (typeof AGGREGATE_NAMES)[number];

/** Finds the aggregation function of that name in upper or lower case; undefined if there is none. */
export function aggregateName(name: string): AggregateName | undefined {
  return AGGREGATE_NAMES.find((known) => known === name.toLowerCase());
}

/**
 * Compiles an expression to a function of a row.
 * @throws QueryError naming an unknown function, a wrong number of arguments, or a field that can't exist here
 */
export function compileExpression(expression: Expression, scope: Scope): Compiled {
  const column = scope.column(expression);
  if (column !== undefined) return column;
  switch (expression.kind) {
    case 'number':
    case 'string': {
      const { value } = expression;
      return computed(() => value);
    }
    case 'field':
      return scope.field(expression.name, expression.span);
    case 'period':
      throw new QueryError(
        'a period such as 5m is allowed in bin, datefloor and dateceil only',
        expression.span,
      );
    case 'star':
      throw new QueryError("'*' is allowed in count(*) only", expression.span);
    case 'unary':
      return compileUnary(expression.operator, compileExpression(expression.operand, scope).evaluate);
    case 'binary':
      return computed(
        compileBinary(
          expression.operator,
          compileExpression(expression.left, scope).evaluate,
          compileExpression(expression.right, scope).evaluate,
        ),
      );
    case 'match':
      return compileMatch(expression, scope);
    case 'in':
      return compileIn(expression, scope);
    case 'call':
      return compileCall(expression, scope);
  }
}

function compileCall(call: Extract<Expression, { kind: 'call' }>, scope: Scope): Compiled {
  if (aggregateName(call.name) !== undefined) return scope.aggregate(call);
  const name = call.name.toLowerCase();
  const known = Object.hasOwn(SCALAR_FUNCTIONS, name) ? SCALAR_FUNCTIONS[name] : undefined;
  if (known === undefined) {
    throw new QueryError(`unknown function '${call.name}': known are ${knownFunctions()}`, call.span);
  }
  const { min, max } = known;
  if (call.args.length < min || call.args.length > max) {
    const range =
      max === Number.POSITIVE_INFINITY ? `${min} or more` : min === max ? `${min}` : `${min} to ${max}`;
    throw new QueryError(`${call.name} takes ${range} arguments, not ${call.args.length}`, call.span);
  }
  return known.compile(call, (argument) => compileExpression(argument, scope));
}

function knownFunctions(): string {
  return [...Object.keys(SCALAR_FUNCTIONS), ...AGGREGATE_NAMES].sort().join(', ');
}

function compileUnary(operator: '-' | 'not', operand: Evaluate): Compiled {
  if (operator === 'not') return computed((environment) => fromBoolean(!holds(operand(environment))));
  return computed((environment) => {
    const value = toNumber(operand(environment));
    return value === undefined ? undefined : -value;
  });
}

function compileMatch(expression: Extract<Expression, { kind: 'match' }>, scope: Scope): Compiled {
  const operand = compileExpression(expression.operand, scope).evaluate;
  const matches = compileMatcher(expression.pattern);
  return computed((environment) => {
    const text = toText(operand(environment));
    return fromBoolean((text !== undefined && matches(text)) !== expression.negated);
  });
}

function compileIn(expression: Extract<Expression, { kind: 'in' }>, scope: Scope): Compiled {
  const operand = compileExpression(expression.operand, scope).evaluate;
  const items = expression.items.map((item) => compileExpression(item, scope).evaluate);
  return computed((environment) => {
    const value = operand(environment);
    const found =
      value !== undefined &&
      items.some((item) => {
        const other = item(environment);
        return other !== undefined && equal(value, other);
      });
    return fromBoolean(found !== expression.negated);
  });
}

const ARITHMETIC: Readonly<Partial<Record<BinaryOperator, (a: number, b: number) => number>>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '^': (a, b) => a ** b,
};

/**
 * A comparison is false if a field is missing, or if one side is a number and the other a text that is not a number.
 */
const COMPARISON: Readonly<
  Partial<Record<BinaryOperator, (a: string | number, b: string | number) => boolean>>
> = {
  '=': equal,
  '!=': (a, b) => !equal(a, b),
  '<': (a, b) => (order(a, b) ?? Number.NaN) < 0,
  '<=': (a, b) => (order(a, b) ?? Number.NaN) <= 0,
  '>': (a, b) => (order(a, b) ?? Number.NaN) > 0,
  '>=': (a, b) => (order(a, b) ?? Number.NaN) >= 0,
};

function compileBinary(operator: BinaryOperator, left: Evaluate, right: Evaluate): Evaluate {
  const arithmetic = ARITHMETIC[operator];
  if (arithmetic !== undefined) {
    return (environment) => {
      const a = toNumber(left(environment));
      if (a === undefined) return undefined;
      const b = toNumber(right(environment));
      return b === undefined ? undefined : finite(arithmetic(a, b));
    };
  }
  const comparison = COMPARISON[operator];
  if (comparison !== undefined) {
    return (environment) => {
      const a = left(environment);
      const b = right(environment);
      return fromBoolean(a !== undefined && b !== undefined && comparison(a, b));
    };
  }
  return operator === 'and'
    ? (environment) => fromBoolean(holds(left(environment)) && holds(right(environment)))
    : (environment) => fromBoolean(holds(left(environment)) || holds(right(environment)));
}

function computed(evaluate: Evaluate): Compiled {
  return { evaluate, format: 'computed' };
}

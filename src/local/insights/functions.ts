import type { Expression } from './ast.ts';
import type { Compiled, Evaluate } from './compiled.ts';
import { cappedCount, ceilToPeriod, floorToPeriod } from './period.ts';
import { QueryError } from './query-error.ts';
import { finite, fromBoolean, holds, toNumber, toText, type Value } from './value.ts';

type Call = Extract<Expression, { kind: 'call' }>;
type CompileArgument = (argument: Expression) => Compiled;

interface ScalarFunction {
  /** The smallest and largest number of arguments. */
  readonly min: number;
  readonly max: number;
  compile(call: Call, compileArgument: CompileArgument): Compiled;
}

const MANY = Number.POSITIVE_INFINITY;

/**
 * The functions of expressions, by name in lower case. Insights accepts any case.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html
 */
export const SCALAR_FUNCTIONS: Readonly<Record<string, ScalarFunction>> = {
  abs: numeric(Math.abs),
  ceil: numeric(Math.ceil),
  floor: numeric(Math.floor),
  log: numeric(Math.log),
  sqrt: numeric(Math.sqrt),
  greatest: extreme((a, b) => Math.max(a, b)),
  least: extreme((a, b) => Math.min(a, b)),

  ispresent: plain(1, 1, (value) => fromBoolean(value !== undefined)),
  isempty: plain(1, 1, (value) => fromBoolean(value === undefined || value === '')),
  isblank: plain(1, 1, (value) => fromBoolean(value === undefined || String(value).trim() === '')),
  coalesce: {
    min: 1,
    max: MANY,
    compile: (call, compileArgument) => {
      const args = call.args.map(compileArgument);
      const formats = new Set(args.map((argument) => argument.format));
      return {
        evaluate: (environment) => {
          for (const argument of args) {
            const value = argument.evaluate(environment);
            if (value !== undefined) return value;
          }
          return undefined;
        },
        format: formats.size === 1 ? (args[0]?.format ?? 'computed') : 'computed',
      };
    },
  },
  if: plain(3, 3, (condition, yes, no) => (holds(condition) ? yes : no)),

  strlen: textual(1, 1, (text) => Array.from(text).length),
  toupper: textual(1, 1, (text) => text.toUpperCase()),
  tolower: textual(1, 1, (text) => text.toLowerCase()),
  trim: textual(1, 2, (text, characters) => trimStart(trimEnd(text, characters), characters)),
  ltrim: textual(1, 2, trimStart),
  rtrim: textual(1, 2, trimEnd),
  replace: textual(3, 3, (text, from = '', to = '') => (from === '' ? text : text.replaceAll(from, to))),
  strcontains: textual(2, 2, (text, part = '') => fromBoolean(text.includes(part))),
  concat: plain(1, MANY, (...values) => values.map((value) => toText(value) ?? '').join('')),
  substr: plain(2, 3, substr),

  bin: {
    min: 1,
    max: 1,
    compile: (call, compileArgument) => {
      const time = compileArgument({ kind: 'field', name: '@timestamp', span: call.span });
      return toPeriod(call, time.evaluate, call.args[0], floorToPeriod);
    },
  },
  datefloor: onTime(floorToPeriod),
  dateceil: onTime(ceilToPeriod),
  now: {
    min: 0,
    max: 0,
    compile: () => ({ evaluate: (environment) => environment.nowEpochSeconds, format: 'computed' }),
  },
  tomillis: numeric((value) => value),
  frommillis: {
    min: 1,
    max: 1,
    compile: (call, compileArgument) => ({
      ...numeric((value) => value).compile(call, compileArgument),
      format: 'timestamp',
    }),
  },
};

/** Makes a function of values, which may be missing. */
function plain(min: number, max: number, apply: (...values: Value[]) => Value): ScalarFunction {
  return {
    min,
    max,
    compile: (call, compileArgument) => {
      const args = call.args.map((argument) => compileArgument(argument).evaluate);
      return {
        evaluate: (environment) => apply(...args.map((argument) => argument(environment))),
        format: 'computed',
      };
    },
  };
}

/** Makes a function of one number. For anything else its result is a missing field. */
function numeric(apply: (value: number) => number): ScalarFunction {
  return plain(1, 1, (value) => {
    const number = toNumber(value);
    return number === undefined ? undefined : finite(apply(number));
  });
}

/** Makes a function that returns the largest or smallest number. Missing values are ignored. */
function extreme(pick: (a: number, b: number) => number): ScalarFunction {
  return plain(1, MANY, (...values) => {
    let result: number | undefined;
    for (const value of values) {
      const number = toNumber(value);
      if (number !== undefined) result = result === undefined ? number : pick(result, number);
    }
    return result;
  });
}

/** Makes a function of texts. If one of them is missing, its result is a missing field. */
function textual(
  min: number,
  max: number,
  apply: (text: string, second?: string, third?: string) => Value,
): ScalarFunction {
  return plain(min, max, (...values) => {
    const [text, second, third] = values.map(toText);
    if (text === undefined || values.includes(undefined)) return undefined;
    return apply(text, second, third);
  });
}

/** `substr(text, from)` and `substr(text, from, length)`. Positions count code points, from 0. */
function substr(text: Value, from: Value, length?: Value): Value {
  const source = toText(text);
  const start = toNumber(from);
  const count = length === undefined ? MANY : toNumber(length);
  if (source === undefined || start === undefined || count === undefined || start < 0 || count < 0) {
    return undefined;
  }
  return Array.from(source)
    .slice(start, start + count)
    .join('');
}

/** Removes white space, or any of the given characters, from the start of a text. */
function trimStart(text: string, characters?: string): string {
  if (characters === undefined) return text.trimStart();
  let at = 0;
  while (at < text.length && characters.includes(text.charAt(at))) at += 1;
  return text.slice(at);
}

function trimEnd(text: string, characters?: string): string {
  if (characters === undefined) return text.trimEnd();
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

type Rounding = typeof floorToPeriod;

function onTime(round: Rounding): ScalarFunction {
  return {
    min: 2,
    max: 2,
    compile: (call, compileArgument) => {
      const [time, period] = call.args;
      if (time === undefined) throw new QueryError(`${call.name} takes 2 arguments`, call.span);
      return toPeriod(call, compileArgument(time).evaluate, period, round);
    },
  };
}

function toPeriod(call: Call, time: Evaluate, period: Expression | undefined, round: Rounding): Compiled {
  if (period?.kind !== 'period') {
    throw new QueryError(`${call.name} takes a period such as 5m or 1h`, period?.span ?? call.span);
  }
  const { unit } = period;
  const count = cappedCount(period.count, unit);
  return {
    evaluate: (environment) => {
      const epochMs = toNumber(time(environment));
      return epochMs === undefined ? undefined : round(epochMs, count, unit);
    },
    format: 'timestamp',
  };
}

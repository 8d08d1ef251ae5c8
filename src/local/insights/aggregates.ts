import type { Expression } from './ast.ts';
import type { AggregateName, Compiled, Environment, Evaluate } from './compile-expression.ts';
import { QueryError } from './query-error.ts';
import { naturalOrder, toNumber, type Value } from './value.ts';

/** One aggregation function over one group's rows. */
export interface Accumulator {
  add(environment: Environment): void;
  result(): Value;
}

export type AccumulatorFactory = () => Accumulator;

type Call = Extract<Expression, { kind: 'call' }>;

export interface AggregateContext {
  compile(argument: Expression): Compiled;
  /** Reads the event's time; undefined behind a `stats`, where rows are no events. */
  readonly timestampMs: Evaluate | undefined;
}

/**
 * The accumulators of a call of an aggregation function.
 * @throws QueryError for wrong arguments
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Stats.html
 */
export function compileAggregate(
  name: AggregateName,
  call: Call,
  context: AggregateContext,
): AccumulatorFactory {
  if (name === 'count') return compileCount(call, context);
  const wanted = name === 'pct' || name === 'percentile' ? 2 : 1;
  const [field, second] = call.args;
  if (field === undefined || call.args.length !== wanted) {
    throw new QueryError(
      `${call.name} takes ${wanted} argument${wanted === 1 ? '' : 's'}, not ${call.args.length}`,
      call.span,
    );
  }
  const { evaluate } = context.compile(field);
  switch (name) {
    case 'sum':
      return () => numbers(evaluate, new Sum());
    case 'avg':
      return () => numbers(evaluate, new Mean());
    case 'stddev':
      return () => numbers(evaluate, new StandardDeviation());
    case 'pct':
    case 'percentile':
      return percentile(evaluate, percentage(call, second));
    case 'median':
      return percentile(evaluate, 50);
    case 'min':
    case 'sortsfirst':
      return () => new Extreme(evaluate, -1);
    case 'max':
    case 'sortslast':
      return () => new Extreme(evaluate, 1);
    case 'count_distinct':
      return () => new Distinct(evaluate);
    case 'earliest':
    case 'latest': {
      const { timestampMs } = context;
      if (timestampMs === undefined) {
        throw new QueryError(`${call.name} needs the events' time: it can't follow another stats`, call.span);
      }
      return () => new InTime(evaluate, timestampMs, name === 'latest');
    }
  }
}

function compileCount(call: Call, context: AggregateContext): AccumulatorFactory {
  const [field] = call.args;
  if (call.args.length > 1) {
    throw new QueryError(`count takes one argument, not ${call.args.length}`, call.span);
  }
  if (field === undefined || field.kind === 'star') return () => new Count(undefined);
  const { evaluate } = context.compile(field);
  return () => new Count(evaluate);
}

function percentage(call: Call, argument: Expression | undefined): number {
  if (argument?.kind !== 'number' || argument.value < 0 || argument.value > 100) {
    throw new QueryError(
      `${call.name} takes a number from 0 to 100 as its second argument`,
      argument?.span ?? call.span,
    );
  }
  return argument.value;
}

class Count implements Accumulator {
  readonly #evaluate: Evaluate | undefined;
  #count = 0;

  constructor(evaluate: Evaluate | undefined) {
    this.#evaluate = evaluate;
  }

  add(environment: Environment): void {
    if (this.#evaluate === undefined || this.#evaluate(environment) !== undefined) this.#count += 1;
  }

  result(): Value {
    return this.#count;
  }
}

interface NumberAccumulator {
  add(value: number): void;
  result(): Value;
}

/** Feeds the numbers among an expression's values; what is missing or no number is passed over. */
function numbers(evaluate: Evaluate, accumulator: NumberAccumulator): Accumulator {
  return {
    add: (environment) => {
      const value = toNumber(evaluate(environment));
      if (value !== undefined) accumulator.add(value);
    },
    result: () => accumulator.result(),
  };
}

/**
 * A sum that carries the rounding error of every addition along, so that a hundred thousand durations add up exactly
 * enough to compare with another program's mean.
 * @see https://en.wikipedia.org/wiki/Kahan_summation_algorithm#Further_enhancements (Neumaier)
 */
class Sum implements NumberAccumulator {
  count = 0;
  #sum = 0;
  #lost = 0;

  add(value: number): void {
    const next = this.#sum + value;
    this.#lost +=
      Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - next + value : value - next + this.#sum;
    this.#sum = next;
    this.count += 1;
  }

  result(): number | undefined {
    return this.count === 0 ? undefined : this.#sum + this.#lost;
  }
}

class Mean implements NumberAccumulator {
  readonly #sum = new Sum();

  add(value: number): void {
    this.#sum.add(value);
  }

  result(): Value {
    const sum = this.#sum.result();
    return sum === undefined ? undefined : sum / this.#sum.count;
  }
}

/**
 * Of the population (divided by n; one value gives 0): whether Insights means that or the sample is not documented.
 * @see https://en.wikipedia.org/wiki/Algorithms_for_calculating_variance#Welford's_online_algorithm
 */
class StandardDeviation implements NumberAccumulator {
  #count = 0;
  #mean = 0;
  #squares = 0;

  add(value: number): void {
    this.#count += 1;
    const delta = value - this.#mean;
    this.#mean += delta / this.#count;
    this.#squares += delta * (value - this.#mean);
  }

  result(): Value {
    return this.#count === 0 ? undefined : Math.sqrt(this.#squares / this.#count);
  }
}

/** The value at the nearest rank: the smallest that at least `percent` of the values don't exceed. Exact. */
function percentile(evaluate: Evaluate, percent: number): AccumulatorFactory {
  return () => {
    let values = new Float64Array(16);
    let count = 0;
    return {
      add: (environment) => {
        const value = toNumber(evaluate(environment));
        if (value === undefined) return;
        if (count === values.length) {
          const grown = new Float64Array(count * 2);
          grown.set(values);
          values = grown;
        }
        values[count] = value;
        count += 1;
      },
      result: () => {
        const sorted = values.subarray(0, count).sort();
        // 99.9 % of 1,000 is rank 999, whatever the division rounds to.
        return sorted[Math.max(0, Math.ceil((percent / 100) * count - count * 1e-12) - 1)];
      },
    };
  };
}

/** The first or last value in the order of `sort`. */
class Extreme implements Accumulator {
  readonly #evaluate: Evaluate;
  readonly #direction: 1 | -1;
  #value: Value;

  constructor(evaluate: Evaluate, direction: 1 | -1) {
    this.#evaluate = evaluate;
    this.#direction = direction;
  }

  add(environment: Environment): void {
    const value = this.#evaluate(environment);
    if (value === undefined) return;
    if (this.#value === undefined || naturalOrder(value, this.#value) * this.#direction > 0)
      this.#value = value;
  }

  result(): Value {
    return this.#value;
  }
}

class Distinct implements Accumulator {
  readonly #evaluate: Evaluate;
  readonly #seen = new Set<string | number>();

  constructor(evaluate: Evaluate) {
    this.#evaluate = evaluate;
  }

  add(environment: Environment): void {
    const value = this.#evaluate(environment);
    if (value !== undefined) this.#seen.add(value);
  }

  result(): Value {
    return this.#seen.size;
  }
}

/** The value of the earliest or latest event that has one. */
class InTime implements Accumulator {
  readonly #evaluate: Evaluate;
  readonly #timestampMs: Evaluate;
  readonly #latest: boolean;
  #value: Value;
  #at = 0;

  constructor(evaluate: Evaluate, timestampMs: Evaluate, latest: boolean) {
    this.#evaluate = evaluate;
    this.#timestampMs = timestampMs;
    this.#latest = latest;
  }

  add(environment: Environment): void {
    const value = this.#evaluate(environment);
    const at = toNumber(this.#timestampMs(environment));
    if (value === undefined || at === undefined) return;
    // Of events with one timestamp the first to arrive is the earliest, the last to arrive the latest.
    const wins = this.#latest ? at >= this.#at : at < this.#at;
    if (this.#value !== undefined && !wins) return;
    this.#value = value;
    this.#at = at;
  }

  result(): Value {
    return this.#value;
  }
}

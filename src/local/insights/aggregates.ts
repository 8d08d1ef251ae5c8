import type { Expression } from './ast.ts';
import type { AggregateName } from './compile-expression.ts';
import type { Compiled, Environment, Evaluate } from './compiled.ts';
import { QueryError } from './query-error.ts';
import { naturalOrder, toNumber, type Value } from './value.ts';

/** Computes one aggregation function over the rows of one group. */
export interface Accumulator {
  add(environment: Environment): void;
  result(): Value;
}

export type AccumulatorFactory = () => Accumulator;

type Call = Extract<Expression, { kind: 'call' }>;

export interface AggregateContext {
  compile(argument: Expression): Compiled;
  /** Reads the event's time. Undefined after a `stats`, whose rows are not events. */
  readonly timestampMs: Evaluate | undefined;
}

/**
 * Compiles a call of an aggregation function to a factory of accumulators.
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
        throw new QueryError(
          `${call.name} needs the time of events, which rows of an earlier stats do not have`,
          call.span,
        );
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

/** Passes the numbers among an expression's values to an accumulator. Missing values and texts are ignored. */
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
 * A sum with compensation of the rounding errors. Even for a hundred thousand durations it is exact enough to be
 * compared with a mean that another program computed.
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
 * The standard deviation of the population: divided by n, and 0 for a single value. AWS does not document whether
 * Insights uses the population or the sample.
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

/**
 * The exact percentile by nearest rank: the smallest value that at least `percent` percent of the values do not exceed.
 */
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
        // 99.9 % of 1,000 must give rank 999, although the division may round up.
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
    // Of events with the same timestamp, the first to arrive counts as the earliest and the last to arrive as the
    // latest.
    const wins = this.#latest ? at >= this.#at : at < this.#at;
    if (this.#value !== undefined && !wins) return;
    this.#value = value;
    this.#at = at;
  }

  result(): Value {
    return this.#value;
  }
}

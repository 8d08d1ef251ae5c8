import type { AccumulatorFactory } from './aggregates.ts';
import type { SourceSelection } from './ast.ts';
import type { Evaluate } from './compile-expression.ts';
import type { ColumnFormat } from './format.ts';
import type { Extractor } from './pattern.ts';

/** A column of the result. */
export interface Column {
  readonly name: string;
  readonly evaluate: Evaluate;
  readonly format: ColumnFormat;
}

export type Step =
  /** Keeps the rows whose condition holds. */
  | { readonly kind: 'filter'; readonly condition: Evaluate }
  /** Puts a value into the row's slot. */
  | { readonly kind: 'assign'; readonly slot: number; readonly evaluate: Evaluate }
  /** Puts what a pattern takes from a text into slots, one per name; where it does not fit they stay missing. */
  | {
      readonly kind: 'extract';
      readonly slots: readonly number[];
      readonly source: Evaluate;
      readonly extractor: Extractor;
    }
  | { readonly kind: 'sort'; readonly keys: readonly { evaluate: Evaluate; descending: boolean }[] }
  | { readonly kind: 'limit'; readonly count: number }
  | { readonly kind: 'dedup'; readonly fields: readonly Evaluate[] }
  | StatsStep;

/**
 * Replaces the rows by one per group: slots hold the group's keys, then the results of the accumulators, then of the
 * items, each worked out from the slots before it.
 */
export interface StatsStep {
  readonly kind: 'stats';
  readonly by: readonly Evaluate[];
  readonly accumulators: readonly AccumulatorFactory[];
  readonly items: readonly { readonly slot: number; readonly evaluate: Evaluate }[];
  /** Whether the only key is a time: such groups come latest first, others in the order they were met. */
  readonly byTimeOnly: boolean;
}

/** A query ready to run. It holds no state of a run. */
export interface QueryPlan {
  /** The log groups that the query names itself. */
  readonly source: SourceSelection | undefined;
  readonly steps: readonly Step[];
  readonly columns: readonly Column[];
  /** Rows of events carry `@ptr`, those of `stats` don't. */
  readonly aggregate: boolean;
  /** Whether a `limit` command stands in the query. */
  readonly hasLimit: boolean;
}

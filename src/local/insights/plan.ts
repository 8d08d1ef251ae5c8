import type { AccumulatorFactory } from './aggregates.ts';
import type { SourceSelection } from './ast.ts';
import type { Evaluate } from './compiled.ts';
import type { ColumnFormat } from './format.ts';
import type { Extractor } from './pattern.ts';

/** A column of the result. */
export interface Column {
  readonly name: string;
  readonly evaluate: Evaluate;
  readonly format: ColumnFormat;
}

export type Step =
  /** Keeps the rows for which the condition holds. */
  | { readonly kind: 'filter'; readonly condition: Evaluate }
  /** Stores a value in a slot of the row. */
  | { readonly kind: 'assign'; readonly slot: number; readonly evaluate: Evaluate }
  /**
   * Stores the values that a pattern extracts in slots, one per name. If the text does not match, they stay missing.
   */
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
 * Replaces the rows by one row per group. Its slots hold the keys of the group, then the results of the accumulators,
 * then the items, each computed from the slots before it.
 */
export interface StatsStep {
  readonly kind: 'stats';
  readonly by: readonly Evaluate[];
  readonly accumulators: readonly AccumulatorFactory[];
  readonly items: readonly { readonly slot: number; readonly evaluate: Evaluate }[];
  /** Whether the only key is a time. Such groups are returned latest first, others in the order of their first row. */
  readonly byTimeOnly: boolean;
}

/** A compiled query. It holds no state of a run. */
export interface QueryPlan {
  /** The log groups that the query itself names. */
  readonly source: SourceSelection | undefined;
  readonly steps: readonly Step[];
  readonly columns: readonly Column[];
  /** True after `stats`. Only rows of events have `@ptr`. */
  readonly aggregate: boolean;
  /** Whether the query has a `limit` command. */
  readonly hasLimit: boolean;
}

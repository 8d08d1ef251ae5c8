import type { ColumnFormat } from './format.ts';
import type { RecordReader } from './record-reader.ts';
import type { Value } from './value.ts';

/** The input of an expression: the event (none after `stats`) and the values computed for this row so far. */
export interface Environment {
  readonly reader: RecordReader;
  /** The result of `now()`: when the query was started, epoch seconds. */
  readonly nowEpochSeconds: number;
  values: Value[];
}

/** Computes the value of an expression for one row. */
export type Evaluate = (environment: Environment) => Value;

/** A compiled expression, and how its values are printed. */
export interface Compiled {
  readonly evaluate: Evaluate;
  readonly format: ColumnFormat;
}

import type { PeriodUnit } from './period.ts';
import type { Span } from './query-error.ts';

export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '^'
  | '='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'and'
  | 'or';

export type Expression =
  | { readonly kind: 'number'; readonly value: number; readonly span: Span }
  | { readonly kind: 'string'; readonly value: string; readonly span: Span }
  | { readonly kind: 'field'; readonly name: string; readonly span: Span }
  | { readonly kind: 'period'; readonly count: number; readonly unit: PeriodUnit; readonly span: Span }
  /** `*`, which only `count(*)` takes. */
  | { readonly kind: 'star'; readonly span: Span }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly Expression[];
      readonly span: Span;
    }
  | {
      readonly kind: 'unary';
      readonly operator: '-' | 'not';
      readonly operand: Expression;
      readonly span: Span;
    }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly span: Span;
    }
  /** `like` and `=~`: searches for a substring or a regular expression anywhere in the text. */
  | {
      readonly kind: 'match';
      readonly operand: Expression;
      readonly pattern: Pattern;
      readonly negated: boolean;
      readonly span: Span;
    }
  | {
      readonly kind: 'in';
      readonly operand: Expression;
      readonly items: readonly Expression[];
      readonly negated: boolean;
      readonly span: Span;
    };

export type Pattern =
  | { readonly kind: 'substring'; readonly text: string; readonly span: Span }
  | { readonly kind: 'regex'; readonly source: string; readonly span: Span };

/** An expression and the name of its column: its alias, or its text as written. */
export interface NamedExpression {
  readonly expression: Expression;
  readonly name: string;
  readonly aliased: boolean;
  readonly span: Span;
}

export interface SortKey {
  readonly expression: Expression;
  readonly descending: boolean;
}

/** The log groups that the query names by `SOURCE`. */
export interface SourceSelection {
  readonly names: readonly string[];
  readonly namePrefixes: readonly string[];
  readonly span: Span;
}

/** A parsed query. */
export interface Query {
  readonly source: SourceSelection | undefined;
  readonly commands: readonly Command[];
}

export type Command =
  | { readonly kind: 'fields' | 'display'; readonly items: readonly NamedExpression[]; readonly span: Span }
  | { readonly kind: 'filter'; readonly condition: Expression; readonly span: Span }
  | {
      readonly kind: 'stats';
      readonly items: readonly NamedExpression[];
      readonly by: readonly NamedExpression[];
      readonly span: Span;
    }
  | { readonly kind: 'sort'; readonly keys: readonly SortKey[]; readonly span: Span }
  | { readonly kind: 'limit'; readonly count: number; readonly span: Span }
  | {
      readonly kind: 'parse';
      readonly source: Expression;
      readonly pattern: Pattern;
      /** The names after `as`, in order. A regular expression names its groups itself. */
      readonly aliases: readonly { readonly name: string; readonly span: Span }[];
      readonly span: Span;
    }
  | { readonly kind: 'dedup'; readonly fields: readonly Expression[]; readonly span: Span };

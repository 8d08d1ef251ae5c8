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
  /** `*`, the argument of `count(*)` only. */
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
  /** `like` and `=~`: a substring, or a regular expression anywhere in the text. */
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

/** An expression with the name of its column: the alias, or the text as it was written. */
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

/** The log groups that a query names itself, by `SOURCE`. */
export interface SourceSelection {
  readonly names: readonly string[];
  readonly namePrefixes: readonly string[];
  readonly span: Span;
}

/** A query as it is written. */
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
      /** Names after `as`, in order; a regular expression brings its own. */
      readonly aliases: readonly { readonly name: string; readonly span: Span }[];
      readonly span: Span;
    }
  | { readonly kind: 'dedup'; readonly fields: readonly Expression[]; readonly span: Span };

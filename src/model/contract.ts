import type { Route } from './route.ts';

/** What came of holding one rule of the shed's contract against a deployed API. */
export interface RuleResult {
  /** Stable, kebab-case: `cat-refuses-m-5`. */
  readonly id: string;
  /** The rule in words: `GET /cat refuses m=5`. */
  readonly title: string;
  /** `api`: the rule is about every answer, or about the API as a whole. */
  readonly route: Route | 'api';
  readonly status: 'held' | 'broken' | 'skipped';
  /** One line: what was seen (held), what was expected and what came instead (broken), or why not (skipped). */
  readonly detail: string;
  readonly durationMs: number;
}

/** The contract of one runtime's API. */
export interface ContractResult {
  readonly runtime: string;
  /** The AWS SDK that the functions call DynamoDB with, as far as it is known. */
  readonly sdk?: string;
  readonly apiUrl: string;
  readonly tableName: string;
  readonly rules: readonly RuleResult[];
  readonly held: number;
  readonly broken: number;
  readonly skipped: number;
  readonly durationMs: number;
}

import type { Route } from './route.ts';

/** The result of checking one rule of the shed's contract on a deployed API. */
export interface RuleResult {
  /** Stable, kebab-case: `cat-refuses-m-5`. */
  readonly id: string;
  /** The rule in words: `GET /cat refuses m=5`. */
  readonly title: string;
  /** The route that the rule is about. `api`: the rule is about every answer, or about the API as a whole. */
  readonly route: Route | 'api';
  readonly status: 'held' | 'broken' | 'skipped';
  /** One line: the observation (held), the expectation and the observation (broken), or the reason (skipped). */
  readonly detail: string;
  readonly durationMs: number;
}

/** The results for one runtime's API. */
export interface ContractResult {
  readonly runtime: string;
  /** The AWS SDK with which the functions call DynamoDB, if it is known. */
  readonly sdk?: string;
  readonly apiUrl: string;
  readonly tableName: string;
  readonly rules: readonly RuleResult[];
  readonly held: number;
  readonly broken: number;
  readonly skipped: number;
  readonly durationMs: number;
}

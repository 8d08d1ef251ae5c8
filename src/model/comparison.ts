import type { Interval } from './interval.ts';
import type { PercentileName } from './percentiles.ts';
import type { Temperature } from './report.ts';
import type { TargetKind } from './target.ts';

export const COMPARISON_SCHEMA = 'shedbench/comparison@2';

/** The metrics that a comparison has besides the percentiles of the duration. */
export const COMPARED_METRICS = ['avg', 'max', 'init', 'billed', 'memory', 'errors'] as const;
export type ComparedMetric = PercentileName | (typeof COMPARED_METRICS)[number];

/** One metric of one function on both sides. */
export interface MetricChange {
  readonly metric: ComparedMetric;
  /** Over all rows of the side: ms or MB; for `errors` a share from 0 to 1. */
  readonly before: number;
  readonly after: number;
  /**
   * The relative change. If there is an interval, it is the interval's estimate, which combines rounds or environments and
   * therefore differs slightly from `after / before - 1`. Absent if `before` is 0.
   */
  readonly change?: number;
  /** The 95 % interval of `change`. */
  readonly interval?: Interval;
  /** The smallest change, above 0, that would have been noticed in four of five such comparisons. */
  readonly noticeable?: number;
  /** The amount that each side needs for an interval. Set if too little was measured. */
  readonly needs?: { readonly rounds?: number; readonly environments?: number };
  /** `better` and `worse`: the interval excludes no change. `unclear`: it does not, or there is none. */
  readonly verdict: 'better' | 'worse' | 'unclear';
}

/** One function, cold or warm, on both sides. */
export interface ComparedFunction {
  /** The label of the later side. */
  readonly label: string;
  readonly runtime: string;
  readonly route: string;
  readonly temperature: Temperature;
  readonly beforeCount: number;
  readonly afterCount: number;
  /** The rounds of the side with fewer; for two builds in one bench, the rounds that both have. */
  readonly rounds: number;
  readonly changes: readonly MetricChange[];
  /**
   * Why the figures say nothing about the code: calls of a side were not answered as expected
   * (`after: 12 of 120 calls got an unexpected answer`). No figure has an interval then.
   */
  readonly notCompared?: string;
}

/** The outcome of one `--fail-if` rule. */
export interface FailRuleOutcome {
  readonly rule: string;
  /** `failed`: the whole interval is beyond the limit. `unsure`: the interval contains the limit, or there is none. */
  readonly state: 'passed' | 'failed' | 'unsure';
  readonly hits: readonly {
    readonly label: string;
    readonly temperature: Temperature;
    readonly text: string;
  }[];
}

/** The comparison of two benches, or of two builds of one bench. */
export interface Comparison {
  readonly schema: typeof COMPARISON_SCHEMA;
  /** `benches`: measured at different times. `builds`: measured in one bench, round by round. */
  readonly of: 'benches' | 'builds';
  /** Why nothing can be concluded: the machine was not the same. No figure has an interval then. */
  readonly noVerdict?: string;
  readonly before: ComparedSide;
  readonly after: ComparedSide;
  readonly functions: readonly ComparedFunction[];
  /** The differences besides the figures: plans, versions, architecture. */
  readonly differences: readonly string[];
  /** The labels that only one side has. */
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
  readonly rules: readonly FailRuleOutcome[];
}

/** A report that is compared. */
export interface ComparedSide {
  readonly name: string;
  readonly createdAtEpochMs: number;
  /** From the start of the first window of its runs to the end of the last, server time. */
  readonly measured: { readonly fromEpochMs: number; readonly toEpochMs: number };
  readonly toolVersion: string;
  readonly targetKind: TargetKind | 'url';
  readonly region?: string;
}

import type { Estimate } from '../../../src/report/statistics/estimate.ts';

/** Counts how often intervals held the truth, and how wide they were. */
export class Coverage {
  #estimates = 0;
  #intervals = 0;
  #covered = 0;
  #widths = 0;
  readonly #truth: number;

  /** @param truth the true ratio */
  constructor(truth: number) {
    this.#truth = truth;
  }

  add({ interval }: Estimate): void {
    this.#estimates++;
    if (interval === undefined) return;
    this.#intervals++;
    if (interval.low <= this.#truth && this.#truth <= interval.high) this.#covered++;
    this.#widths += Math.log(interval.high / interval.low) / 2;
  }

  /** Share of the estimates that had an interval, 0 to 1. */
  get withInterval(): number {
    return this.#intervals / this.#estimates;
  }

  /** Share of the intervals that held the true ratio, 0 to 1; NaN without intervals. */
  get covered(): number {
    return this.#covered / this.#intervals;
  }

  /** Mean of half their width on the log scale; NaN without intervals. */
  get halfWidth(): number {
    return this.#widths / this.#intervals;
  }
}

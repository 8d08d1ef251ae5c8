/** A 95 % interval, in the unit of its value. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** A median, ms, and its 95 % interval. The interval is absent if too little was measured. */
export interface Median {
  readonly p50: number;
  readonly interval?: Interval;
}

import { type ShedbenchError, usageError } from '../errors.ts';
import type { Interval, Median } from './interval.ts';
import type { Architecture } from './target.ts';

/** One function at one memory size, in one bench over several. */
export interface SweepPoint {
  readonly runId: string;
  readonly memorySizeMB: number;
  /** The median of the warm durations; the interval is over rounds. */
  readonly warmMs?: Median;
  /** The median of the cold durations, init included; the interval is over environments. */
  readonly coldMs?: Median;
  /** US dollars of Lambda's compute for a million warm calls; the interval is over rounds. */
  readonly computeUsd?: { readonly value: number; readonly interval?: Interval };
  /** US dollars of Lambda's compute for a million cold calls, by their median; the interval is over environments. */
  readonly coldComputeUsd?: { readonly value: number; readonly interval?: Interval };
}

/** One function of one architecture over memory sizes, ascending. */
export interface SweepCurve {
  readonly route: string;
  readonly runtime: string;
  readonly architecture: Architecture;
  readonly points: readonly SweepPoint[];
  /** The sizes that do not differ significantly from the cheapest, the cheapest first; MB. */
  readonly cheapestMB: readonly number[];
  /** The sizes that do not differ significantly from the fastest, the fastest first; MB. */
  readonly fastestMB: readonly number[];
  /** The size with the lowest sum of time and compute cost, each as a share of the curve's highest; MB. */
  readonly balancedMB?: number;
  /** The sizes that no other size beats in both time and compute cost; MB. */
  readonly paretoMB: readonly number[];
  /**
   * The sizes at which the function ran out of memory, which are no points of the curve. Absent if there are none.
   */
  readonly outOfMemoryMB?: readonly number[];
}

/** One function on arm64 against x86_64, at one memory size. */
export interface ArchitecturePair {
  readonly route: string;
  readonly runtime: string;
  readonly memorySizeMB: number;
  /** The warm median on x86_64 divided by that on arm64. Above 1, arm64 is faster. */
  readonly speed: number;
  /** The compute cost on x86_64 divided by that on arm64. Above 1, arm64 is cheaper. */
  readonly cost?: number;
}

/** The results of a bench over several memory sizes or architectures. */
export interface Sweep {
  readonly curves: readonly SweepCurve[];
  readonly architectures: readonly ArchitecturePair[];
}

/**
 * Whether a function was measured at several memory sizes, so that a report of these runs has a curve over memory.
 */
export function hasCurve(
  runs: readonly {
    readonly route: string;
    readonly runtime: string;
    readonly architecture?: Architecture;
    readonly memorySizeMB?: number;
  }[],
): boolean {
  return runs.some((run) =>
    runs.some(
      (other) =>
        other.route === run.route &&
        other.runtime === run.runtime &&
        other.architecture === run.architecture &&
        other.memorySizeMB !== run.memorySizeMB,
    ),
  );
}

/** The error for `--format power-tuning` where no function was or will be measured at several memory sizes. */
export function noCurve(subject: 'This report' | 'This bench'): ShedbenchError {
  return usageError(
    'no-sweep',
    `${subject} has no function at several memory sizes: there is no curve to link to.`,
    'shedbench bench --memory 128,512,1024,1769 measures one',
  );
}

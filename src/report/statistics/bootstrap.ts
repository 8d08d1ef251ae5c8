import type { Interval } from '../../model/report.ts';
import { drawBeta, drawNormal, type Random } from './random-draws.ts';
import { mean, percentile, percentileRank, type Sorted, sorted } from './statistics.ts';

/** Resamples behind an interval: its ends then move by less than they are wide when drawn again. */
const RESAMPLES = 4000;
const CONFIDENCE_PERCENT = 95;
/** Above this many values a resampled mean is as its limit says to more digits than are printed. */
const EXACT_MEAN_LIMIT = 256;

/** Draws one value of a statistic from one bootstrap resample of a sample. */
export type ResampledStatistic = (random: Random) => number;

/**
 * A percentile of resamples. The k-th smallest of n draws with replacement from x₁ ≤ … ≤ xₙ is x at ⌈n·U⌉ where U is
 * the k-th smallest of n uniform numbers, which is Beta(k, n − k + 1): one Beta draw is one whole resample, in the
 * same distribution as drawing n values, at any n.
 * @see Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13
 */
export function resampledPercentile(values: Sorted, percent: number): ResampledStatistic {
  const rank = percentileRank(percent, values.length);
  return (random) => {
    const position = drawBeta(rank, values.length - rank + 1, random) * values.length;
    return values[Math.min(values.length - 1, Math.max(0, Math.ceil(position) - 1))] ?? Number.NaN;
  };
}

/**
 * The mean of resamples: drawn value by value, or for larger samples from its limit, a normal distribution around the
 * sample's mean with the sample's skewness carried along (Cornish and Fisher's first term), which resampling n values
 * divides by √n.
 * @see Hall, "The Bootstrap and Edgeworth Expansion" (1992), section 2.5
 */
export function resampledMean(values: ArrayLike<number>): ResampledStatistic {
  const center = mean(values) ?? Number.NaN;
  const size = values.length;
  if (size > EXACT_MEAN_LIMIT) {
    let squares = 0;
    let cubes = 0;
    for (let index = 0; index < size; index++) {
      const distance = (values[index] ?? Number.NaN) - center;
      squares += distance ** 2;
      cubes += distance ** 3;
    }
    const deviation = Math.sqrt(squares / size);
    const standardError = deviation / Math.sqrt(size);
    const skewness = deviation === 0 ? 0 : cubes / size / deviation ** 3 / Math.sqrt(size);
    return (random) => {
      const z = drawNormal(random);
      return center + standardError * (z + (skewness / 6) * (z * z - 1));
    };
  }
  return (random) => {
    let sum = 0;
    for (let drawn = 0; drawn < size; drawn++) sum += values[Math.floor(random() * size)] ?? 0;
    return sum / size;
  };
}

/**
 * Fewer values than this bound no median with 95 % confidence: all of them together miss it on one side with a
 * probability of 2 · 0.5ⁿ, which is below 5 % from six on.
 */
const LEAST_FOR_INTERVAL = 6;

/**
 * The 95 % bootstrap percentile interval of numerator over denominator, two independent samples. Undefined where a
 * side has fewer than six values.
 */
export function ratioInterval(
  numerator: { readonly size: number; readonly draw: ResampledStatistic },
  denominator: { readonly size: number; readonly draw: ResampledStatistic },
  random: Random,
): Interval | undefined {
  if (numerator.size < LEAST_FOR_INTERVAL || denominator.size < LEAST_FOR_INTERVAL) return undefined;
  const ratios = new Float64Array(RESAMPLES);
  for (let index = 0; index < RESAMPLES; index++)
    ratios[index] = numerator.draw(random) / denominator.draw(random);
  if (ratios.some((ratio) => Number.isNaN(ratio))) return undefined;
  const order = sorted(ratios);
  const tail = (100 - CONFIDENCE_PERCENT) / 2;
  const low = percentile(order, tail);
  const high = percentile(order, 100 - tail);
  return low === undefined || high === undefined ? undefined : { low, high };
}

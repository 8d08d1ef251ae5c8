import type { Sweep, SweepCurve } from '../../model/sweep.ts';
import { listText, spokenName } from './words.ts';

/** The largest number of functions in the sentence. */
const MOST_FUNCTIONS = 4;

/**
 * The sentence about the cheapest, the fastest and the balanced memory size of each function, and the sizes that are
 * too small. Undefined if no function was measured at several sizes with prices, and no size was too small.
 */
export function sweepSentence(sweep: Sweep | undefined): string | undefined {
  const curves = (sweep?.curves ?? []).filter(
    ({ points, balancedMB }) => points.length > 1 && balancedMB !== undefined,
  );
  const several = new Set(curves.map(({ architecture }) => architecture)).size > 1;
  const items = curves.slice(0, MOST_FUNCTIONS).map((curve) => itemOf(curve, several));
  const more = curves.length - MOST_FUNCTIONS;
  const tooSmall = (sweep?.curves ?? []).flatMap((curve) => outOfMemoryText(curve) ?? []);
  const rest = [...(more > 0 ? [`and ${more} more functions`] : []), ...tooSmall];
  const parts = [...items, ...rest];
  return parts.length === 0 ? undefined : `Memory: ${parts.join('; ')}.`;
}

/** `Node's dog runs out of memory at 128 MB`. Undefined if it does not run out of memory at any size. */
function outOfMemoryText({ route, runtime, outOfMemoryMB }: SweepCurve): string | undefined {
  if (outOfMemoryMB === undefined) return undefined;
  return `${spokenName(runtime)}'s ${route} runs out of memory at ${listText(outOfMemoryMB.map(String))} MB`;
}

function itemOf(curve: SweepCurve, several: boolean) {
  const { route, runtime, architecture, points, cheapestMB, fastestMB, balancedMB } = curve;
  const all = points.map(({ memorySizeMB }) => memorySizeMB);
  const name = `${spokenName(runtime)}'s ${route}${several ? ` on ${architecture}` : ''}`;
  return `${name} is cheapest ${sizesText(cheapestMB, all)}, fastest ${sizesText(fastestMB, all)}, balanced at ${balancedMB} MB`;
}

/** `at 512 MB`, `up to 256 MB`, `from 1024 MB up`, `at any size`, `at 256 or 1024 MB`. */
function sizesText(sizes: readonly number[], all: readonly number[]): string {
  const [sorted, known] = [sizes.toSorted((a, b) => a - b), all.toSorted((a, b) => a - b)];
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (sorted.length > 1 && sorted.length === known.length) return 'at any size';
  const from = known.indexOf(first ?? 0);
  const isUnbroken = sorted.every((size, at) => size === known[from + at]);
  if (sorted.length > 1 && isUnbroken && from === 0) return `up to ${last} MB`;
  if (sorted.length > 1 && isUnbroken && last === known.at(-1)) return `from ${first} MB up`;
  return `at ${listText(sorted.map(String), 'or')} MB`;
}

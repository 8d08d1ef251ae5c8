import type { Sweep, SweepCurve } from '../../model/report.ts';
import { listText, spokenName } from './words.ts';

/** At most so many functions stand in the sentence. */
const MOST_FUNCTIONS = 4;

/**
 * Which memory size of each function is the cheapest, the fastest and the balanced one. Undefined where nothing was measured
 * at several sizes with prices.
 */
export function sweepSentence(sweep: Sweep | undefined): string | undefined {
  const curves = (sweep?.curves ?? []).filter(
    ({ points, balancedMB }) => points.length > 1 && balancedMB !== undefined,
  );
  if (curves.length === 0) return undefined;
  const several = new Set(curves.map(({ architecture }) => architecture)).size > 1;
  const items = curves.slice(0, MOST_FUNCTIONS).map((curve) => itemOf(curve, several));
  const more = curves.length - MOST_FUNCTIONS;
  const tooSmall = (sweep?.curves ?? []).flatMap((curve) => outOfMemoryText(curve) ?? []);
  const rest = [...(more > 0 ? [`and ${more} more functions`] : []), ...tooSmall];
  return `Memory: ${[...items, ...rest].join('; ')}.`;
}

/** `Node's dog runs out of memory at 128 MB`; undefined where it does at no size. */
function outOfMemoryText({ route, runtime, outOfMemoryMB }: SweepCurve): string | undefined {
  if (outOfMemoryMB === undefined) return undefined;
  return `${spokenName(runtime)}'s ${route} runs out of memory at ${listText(outOfMemoryMB.map(String))} MB`;
}

function itemOf(
  { route, runtime, architecture, cheapestMB, fastestMB, balancedMB }: SweepCurve,
  several: boolean,
) {
  const sizes = (of: readonly number[]) => `${listText(of.map(String), 'or')} MB`;
  const name = `${spokenName(runtime)}'s ${route}${several ? ` on ${architecture}` : ''}`;
  return `${name} is cheapest at ${sizes(cheapestMB)}, fastest at ${sizes(fastestMB)}, balanced at ${balancedMB} MB`;
}

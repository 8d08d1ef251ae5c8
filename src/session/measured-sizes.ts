import type { Emit } from '../model/events.ts';
import type { Machine } from '../model/report.ts';
import { noCurve } from '../model/sweep.ts';

/**
 * The requested memory sizes that are measured, ascending, MB. On a local cloud at full speed the memory size does not
 * change the duration. There only the smallest size is measured, the report forecasts the others, and a warning says
 * so.
 *
 * @param machine the machine on which the local cloud runs; undefined for any other target
 */
export function measuredSizes(
  asked: readonly number[],
  machine: Pick<Machine, 'cpuShare'> | undefined,
  emit: Emit,
): readonly number[] {
  const sizes = [...new Set(asked)].sort((a, b) => a - b);
  const [smallest] = sizes;
  if (machine === undefined || machine.cpuShare || sizes.length < 2 || smallest === undefined) return sizes;
  emit({
    type: 'warning',
    code: 'memory-without-share',
    message: `On the local cloud every function has a whole core, whatever its memory: ${smallest} MB is measured, and the other sizes are forecast.`,
    hint: `shedbench forecast --local --memory ${sizes.join(',')} shows them; bench --as-lambda measures each at its share of a core`,
  });
  return [smallest];
}

/** The sizes that the report of a local cloud at full speed forecasts: the requested ones, if there are several. */
export function forecastSizes(asked: readonly number[]): { readonly forecastSizesMB?: readonly number[] } {
  return asked.length < 2 ? {} : { forecastSizesMB: asked.toSorted((a, b) => a - b) };
}

/**
 * Refuses a bench whose report is to be shown as curves over memory, if it measures only one size.
 * @throws usageError `no-sweep`
 */
export function requireCurve(sizes: readonly unknown[], showsCurves: boolean | undefined): void {
  if (showsCurves === true && new Set(sizes).size < 2) throw noCurve('This bench');
}

import type { PeriodStart } from '../../../src/forecast/forecast-durations.ts';

const PERIOD_MS = 20;
const TICK_MS = 4;

/**
 * Where an invocation begins on this kernel: anywhere in a period, with the ticks anywhere in it. A kernel keeps the grid
 * of a group's periods while the group rests. On Lambda three of four begin with a period (`startOffsetMs`).
 */
export function anywhere(one: number, other: number): PeriodStart {
  return { offsetMs: one * PERIOD_MS, tickOffsetMs: other * TICK_MS };
}

import type uPlot from 'uplot';
import { dollarMark, dollars } from './amounts.ts';
import { axis } from './axes.ts';
import { type ChartFrame, sayInstead } from './chart-frame.ts';
import { columnPaths, labelTops, slotAxis, slotLayout, slotName, slotScale, slotsOf } from './slots.ts';
import { token } from './theme.ts';

/** Draws the cost of a million calls of each run, in parts from the bottom of a column to the top. */
export function drawCost(frame: ChartFrame, host: HTMLElement): void {
  const slots = slotsOf(frame, ({ costUsd }) => costUsd);
  if (slots.length === 0) {
    sayInstead(host, 'No run could be priced.');
    return;
  }
  const layout = slotLayout(frame, host, slots);
  const heads = frame.payload.costParts;
  const sumOf = (costs: readonly number[], parts: number = heads.length) =>
    costs.slice(0, parts).reduce((sum, value) => sum + value, 0);
  const most = Math.max(...slots.map(({ value }) => sumOf(value)));
  // Columns of cumulative sums, the longest drawn first, so that the top of each part is visible above the next.
  const layers = heads.map((_, index) => heads.length - index);
  frame.draw(
    host,
    layout.isNarrow ? 220 + layout.labelHeight : 280,
    {
      padding: [12, 12, 0, 0],
      scales: { x: slotScale(slots), y: { range: [0, most * 1.12] } },
      axes: [
        slotAxis(frame, slots, layout),
        axis({ values: (_, splits) => splits.map(dollarMark), size: 52 }),
      ],
      series: [
        { label: 'function', value: (_, __, ___, index) => slotName(frame, slots, index) },
        ...layers.map((parts) => ({
          label: heads[parts - 1] ?? '',
          stroke: token('--card'),
          fill: token(`--part-${parts}`),
          class: 'area',
          marker: token(`--part-${parts}`),
          width: 1,
          points: { show: false },
          ...columnPaths(),
          value: (_: uPlot, value: number | null, __: number, index: number | null) =>
            value == null || index == null ? '' : dollars(slots[index]?.value[parts - 1]),
        })),
      ],
      hooks: { draw: [labelTops(slots, sumOf, dollars)] },
    },
    [slots.map(({ x }) => x), ...layers.map((parts) => slots.map(({ value }) => sumOf(value, parts)))],
  );
}

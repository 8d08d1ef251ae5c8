import type uPlot from 'uplot';
import { milliseconds } from './amounts.ts';
import { logAxis, logScale, spread } from './axes.ts';
import { type ChartFrame, type FrameSeries, sayInstead } from './chart-frame.ts';
import { type Slot, slotAxis, slotLayout, slotName, slotScale, slotsOf } from './slots.ts';
import { color, dash, token } from './theme.ts';

interface Medians {
  readonly warm: number | undefined;
  readonly cold: number | undefined;
}

/** Draws the warm and the cold median of each run. The bar between them is what a cold start adds. */
export function drawColdWarm(frame: ChartFrame, host: HTMLElement): void {
  const slots = slotsOf<Medians>(frame, ({ warmP50, coldP50 }) =>
    warmP50 === undefined && coldP50 === undefined ? undefined : { warm: warmP50, cold: coldP50 },
  );
  if (slots.length === 0) {
    sayInstead(host, 'Too few invocations for a median.');
    return;
  }
  if (slots.every(({ value }) => value.cold === undefined)) {
    sayInstead(host, 'Too few cold starts for a median. The bars above have the warm calls.');
    return;
  }
  const layout = slotLayout(frame, host, slots);
  const values = slots
    .flatMap(({ value }) => [value.warm, value.cold])
    .filter((value) => value !== undefined);
  frame.draw(
    host,
    layout.isNarrow ? 220 + layout.labelHeight : 300,
    {
      padding: [12, 12, 0, 0],
      scales: { x: slotScale(slots), y: logScale(spread(values, 1.6)) },
      axes: [slotAxis(frame, slots, layout), logAxis({ size: 62 })],
      series: [
        { label: 'function', value: (_, __, ___, index) => slotName(frame, slots, index) },
        dots('warm p50 (filled)', token('--ink')),
        dots('cold p50 (hollow)', token('--card')),
      ],
      hooks: { drawAxes: [(u) => drawBars(u, slots)] },
    },
    [
      slots.map(({ x }) => x),
      slots.map(({ value }) => value.warm ?? null),
      slots.map(({ value }) => value.cold ?? null),
    ],
  );
}

function dots(label: string, fill: string): FrameSeries {
  return {
    label,
    class: 'dot',
    marker: fill,
    paths: () => null,
    points: { show: true, size: 11, width: 2, stroke: token('--ink'), fill },
    stroke: token('--ink'),
    value: (_: uPlot, value: number | null) => milliseconds(value),
  };
}

function drawBars(u: uPlot, slots: readonly Slot<Medians>[]): void {
  const { ctx } = u;
  ctx.save();
  ctx.lineWidth = 3 * devicePixelRatio;
  for (const { x, name, value } of slots) {
    if (value.warm === undefined || value.cold === undefined) continue;
    const at = u.valToPos(x, 'x', true);
    ctx.strokeStyle = color(name);
    ctx.setLineDash(dash(name).map((length) => length * devicePixelRatio));
    ctx.beginPath();
    ctx.moveTo(at, u.valToPos(value.warm, 'y', true));
    ctx.lineTo(at, u.valToPos(value.cold, 'y', true));
    ctx.stroke();
  }
  ctx.restore();
}

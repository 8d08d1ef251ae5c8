import type uPlot from 'uplot';
import { formatCount } from '../../../model/number-text.ts';
import { axis } from './axes.ts';
import { type ChartFrame, sayInstead } from './chart-frame.ts';
import { columnPaths, labelTops, slotAxis, slotLayout, slotScale, slotsOf } from './slots.ts';
import { color, token } from './theme.ts';

/** Draws the largest memory use of each run, and the memory size of its function. */
export function drawMemory(frame: ChartFrame, host: HTMLElement): void {
  const slots = slotsOf(frame, ({ memoryMB }) => memoryMB);
  if (slots.length === 0) {
    sayInstead(host, 'No invocation was measured.');
    return;
  }
  const layout = slotLayout(frame, host, slots);
  const names = [...new Set(slots.map(({ name }) => name))];
  const limit = frame.payload.memorySizeMB;
  const most = Math.max(...slots.map(({ value }) => value), limit ?? 0);
  frame.draw(
    host,
    layout.isNarrow ? 220 + layout.labelHeight : 260,
    {
      padding: [12, 12, 0, 0],
      scales: { x: slotScale(slots), y: { range: [0, most * 1.15] } },
      axes: [
        slotAxis(frame, slots, layout),
        axis({ values: (_, splits) => splits.map((value) => `${value} MB`), size: 62 }),
      ],
      legend: { live: false },
      series: [
        { label: 'function' },
        ...names.map((name) => ({
          label: frame.nameOf({ name }),
          stroke: color(name),
          fill: color(name),
          class: 'area',
          marker: color(name),
          width: 0,
          points: { show: false },
          ...columnPaths(),
        })),
      ],
      hooks: {
        draw: [
          labelTops(slots, (value) => value, formatCount),
          ...(limit === undefined ? [] : [(u: uPlot) => drawLimit(u, limit)]),
        ],
      },
    },
    [
      slots.map(({ x }) => x),
      ...names.map((name) => slots.map((slot) => (slot.name === name ? slot.value : null))),
    ],
  );
}

/** Draws a dashed line at the memory size of the functions. */
function drawLimit(u: uPlot, limitMB: number): void {
  const { ctx } = u;
  const y = u.valToPos(limitMB, 'y', true);
  ctx.save();
  ctx.strokeStyle = token('--quiet');
  ctx.fillStyle = token('--quiet');
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(u.bbox.left, y);
  ctx.lineTo(u.bbox.left + u.bbox.width, y);
  ctx.stroke();
  ctx.textAlign = 'left';
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.fillText(`memory size ${limitMB} MB`, u.bbox.left + 6 * devicePixelRatio, y - 5 * devicePixelRatio);
  ctx.restore();
}

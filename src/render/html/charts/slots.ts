import uPlot from 'uplot';
import { axis } from './axes.ts';
import type { ChartFrame } from './chart-frame.ts';
import type { SeriesPayload } from './payload.ts';
import { token } from './theme.ts';

/** The position of a run in a column chart. The routes are side by side, with gaps between them. */
export interface Slot<Value> {
  readonly x: number;
  readonly name: number;
  readonly value: Value;
  readonly route: string;
  /** Whether the run is in the middle of its route, where the route's name is drawn. */
  readonly isMiddle: boolean;
}

/** Returns the positions of all runs that have a value. */
export function slotsOf<Value>(
  frame: ChartFrame,
  valueIn: (series: SeriesPayload) => Value | undefined,
): Slot<Value>[] {
  const slots: Slot<Value>[] = [];
  frame.payload.routes.forEach(({ route, series }, routeIndex) => {
    const shown = series.flatMap((one) => {
      const value = valueIn(one);
      return value === undefined ? [] : [{ name: one.name, value }];
    });
    shown.forEach(({ name, value }, index) => {
      slots.push({
        x: slots.length + routeIndex,
        name,
        value,
        route,
        isMiddle: index === Math.floor((shown.length - 1) / 2),
      });
    });
  });
  return slots;
}

/** How the names of the slots are laid out. In a narrow chart they are vertical, which needs height. */
export interface SlotLayout {
  readonly isNarrow: boolean;
  readonly labelHeight: number;
}

/** Lays out the names. If there is no room for the longest one, all are turned vertical. */
export function slotLayout(frame: ChartFrame, host: HTMLElement, slots: readonly unknown[]): SlotLayout {
  const width = (host.clientWidth - 80) / (slots.length + frame.payload.routes.length);
  return { isNarrow: width < 7 * frame.longestName + 6, labelHeight: 30 + 7 * (frame.longestName + 6) };
}

export function slotAxis(
  frame: ChartFrame,
  slots: readonly Slot<unknown>[],
  { isNarrow, labelHeight }: SlotLayout,
): uPlot.Axis {
  return axis({
    splits: () => slots.map(({ x }) => x),
    filter: (_, splits) => splits,
    values: () =>
      slots.map((slot) => {
        const name = frame.nameOf(slot);
        if (isNarrow) return `${name} ${slot.route}`;
        return `${name}${slot.isMiddle ? `\n${slot.route}` : '\n '}`;
      }),
    rotate: isNarrow ? -90 : 0,
    size: isNarrow ? labelHeight : 48,
    gap: 6,
    grid: { show: false },
    ticks: { show: false },
  });
}

/** The scale of the slots. */
export function slotScale(slots: readonly Slot<unknown>[]): uPlot.Scale {
  return { time: false, range: [(slots[0]?.x ?? 0) - 0.8, (slots.at(-1)?.x ?? 0) + 0.8] };
}

/** The name of the run at a position, for the legend. */
export function slotName(
  frame: ChartFrame,
  slots: readonly Slot<unknown>[],
  index: number | null | undefined,
): string {
  const slot = index == null ? undefined : slots[index];
  return slot === undefined ? '' : `${frame.nameOf(slot)} ${slot.route}`;
}

/** Columns of at most 56 pixels. */
export function columnPaths(): Pick<uPlot.Series, 'paths'> {
  const paths = uPlot.paths.bars?.({ size: [0.7, 56] });
  return paths === undefined ? {} : { paths };
}

/** Writes each column's value above it, unless a value is wider than the distance of two columns. */
export function labelTops<Value>(
  slots: readonly Slot<Value>[],
  top: (value: Value) => number,
  text: (top: number) => string,
): (u: uPlot) => void {
  return (u) => {
    const { ctx } = u;
    ctx.save();
    ctx.fillStyle = token('--ink');
    ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = 'center';
    const widest = Math.max(...slots.map(({ value }) => ctx.measureText(text(top(value))).width));
    const apart = u.valToPos(1, 'x', true) - u.valToPos(0, 'x', true);
    for (const { x, value } of widest > apart ? [] : slots) {
      const height = top(value);
      const y = u.valToPos(height, 'y', true) - 5 * devicePixelRatio;
      ctx.fillText(text(height), u.valToPos(x, 'x', true), y);
    }
    ctx.restore();
  };
}

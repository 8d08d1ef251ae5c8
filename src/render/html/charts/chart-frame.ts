import uPlot from 'uplot';
import type { ChartPayload } from './payload.ts';
import { color, token } from './theme.ts';

/** A series of a chart, with the background of its mark in the legend. */
export interface FrameSeries extends uPlot.Series {
  readonly marker?: string;
}

export interface FrameOptions extends Omit<uPlot.Options, 'width' | 'height' | 'series'> {
  readonly series: FrameSeries[];
}

/** Draws the charts of a page. Before it draws them again, it removes the old ones. */
export class ChartFrame {
  readonly payload: ChartPayload;
  /** The length of the longest name, at least four characters. */
  readonly longestName: number;
  readonly #labelRoom: number;
  #charts: uPlot[] = [];

  constructor(payload: ChartPayload) {
    this.payload = payload;
    this.longestName = Math.max(...payload.names.map((name) => name.length), 4);
    this.#labelRoom = labelRoom(this.longestName);
  }

  get count(): number {
    return this.#charts.length;
  }

  nameOf(series: { readonly name: number }): string {
    return this.payload.names[series.name] ?? '';
  }

  draw(host: HTMLElement, height: number, options: FrameOptions, data: uPlot.AlignedData): void {
    const markers = options.series.map(({ marker }) => marker ?? 'none');
    this.#charts.push(
      new uPlot(
        {
          width: host.clientWidth,
          height,
          padding: [12, this.#labelRoom, 0, 0],
          ...options,
          legend: {
            markers: { width: 0, fill: (_: uPlot, index: number) => markers[index] ?? 'none' },
            ...options.legend,
          },
          cursor: { points: { show: false }, drag: { x: true, y: false }, ...options.cursor },
        },
        data,
        host,
      ),
    );
  }

  clear(): void {
    for (const chart of this.#charts) chart.destroy();
    this.#charts = [];
  }
}

/** The width for names at the right of curves, CSS pixels: about seven for each character, at most a third of a small chart. */
export function labelRoom(longestName: number): number {
  return Math.min(190, 24 + 7.6 * longestName);
}

/** Shows a text that explains why there is no chart. */
export function sayInstead(host: HTMLElement, text: string): void {
  host.textContent = text;
  host.classList.add('empty');
}

/** Draws a word beside a curve, with a halo that keeps it readable over lines. `x` and `y` are canvas pixels. */
export function drawLabel({ ctx }: uPlot, text: string, x: number, y: number, ink: string): void {
  ctx.save();
  ctx.font = `600 ${12 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  ctx.lineWidth = 4 * devicePixelRatio;
  ctx.lineJoin = 'round';
  ctx.strokeStyle = token('--card');
  ctx.strokeText(text, x, y);
  ctx.fillStyle = ink;
  ctx.fillText(text, x, y);
  ctx.restore();
}

/** The smallest distance between names at the right ends of curves, CSS pixels. */
const LABEL_HEIGHT = 14;

/** Draws the name of each curve beside its right end. `y` is in canvas pixels. */
export function labelEnds(
  u: uPlot,
  frame: ChartFrame,
  ends: readonly { readonly name: number; readonly y: number }[],
): void {
  let lowest = Number.NEGATIVE_INFINITY;
  for (const { name, y } of [...ends].sort((a, b) => a.y - b.y)) {
    lowest = Math.max(y, lowest + LABEL_HEIGHT * devicePixelRatio);
    const right = u.bbox.left + u.bbox.width + 6 * devicePixelRatio;
    drawLabel(u, frame.nameOf({ name }), right, lowest, color(name));
  }
}

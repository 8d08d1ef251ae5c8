import uPlot from 'uplot';
import { milliseconds, percent } from './amounts.ts';
import { axis, logAxis, logScale } from './axes.ts';
import { type ChartFrame, drawLabel, sayInstead } from './chart-frame.ts';
import type { Distribution, SeriesPayload } from './payload.ts';
import { color, dash, swatch, token } from './theme.ts';

/** Curves with fewer points than this show their points. */
const FEW_POINTS = 30;

/** Draws for each run the share of invocations that took at most a certain time. */
export function drawDistribution(
  frame: ChartFrame,
  host: HTMLElement,
  series: readonly SeriesPayload[],
  temperature: 'warm' | 'cold',
  range: [number, number],
): void {
  const shown = series.flatMap((one) => {
    const distribution = one[temperature];
    return distribution === undefined ? [] : [{ ...one, distribution }];
  });
  if (shown.length === 0) {
    sayInstead(host, `Too few ${temperature} invocations for a curve.`);
    return;
  }
  frame.draw(
    host,
    260,
    {
      scales: { x: logScale(range), y: { range: [0, 1.02] } },
      axes: [
        logAxis({ space: 40, size: 34 }),
        axis({ values: (_, splits) => splits.map((share) => `${share * 100} %`), size: 52 }),
      ],
      cursor: { dataIdx: stepBack },
      series: [
        { label: 'at most', value: (_, value) => milliseconds(value) },
        ...shown.map((one) => ({
          label: frame.nameOf(one),
          stroke: color(one.name),
          dash: dash(one.name),
          marker: swatch(one.name),
          width: 2,
          spanGaps: true,
          points: {
            show: one.distribution.x.length <= FEW_POINTS,
            size: 6,
            width: 2,
            fill: token('--card'),
          },
          ...steppedPaths(),
          value: (_: uPlot, value: number | null) => percent(value),
        })),
      ],
      hooks: { draw: [(u) => labelCurves(u, frame, shown)] },
    },
    uPlot.join(
      shown.map(({ distribution }): uPlot.AlignedData => [[...distribution.x], [...distribution.y]]),
    ),
  );
}

function steppedPaths(): Pick<uPlot.Series, 'paths'> {
  const paths = uPlot.paths.stepped?.({ align: 1 });
  return paths === undefined ? {} : { paths };
}

/** The last known value at or before the hovered position, because curves have points at different positions. */
function stepBack(u: uPlot, series: number, hovered: number): number {
  let index = hovered;
  while (index > 0 && u.data[series]?.[index] == null) index--;
  return index;
}

/** Draws each name at its own height beside its curve, because curves may overlap. */
function labelCurves(
  u: uPlot,
  frame: ChartFrame,
  shown: readonly { readonly name: number; readonly distribution: Distribution }[],
): void {
  shown.forEach((one, index) => {
    const share = 0.25 + (0.55 * (index + 0.5)) / shown.length;
    const { x, y } = one.distribution;
    const at = x[y.findIndex((value) => value >= share)];
    if (at === undefined) return;
    drawLabel(
      u,
      frame.nameOf(one),
      u.valToPos(at, 'x', true) + 7 * devicePixelRatio,
      u.valToPos(share, 'y', true),
      color(one.name),
    );
  });
}

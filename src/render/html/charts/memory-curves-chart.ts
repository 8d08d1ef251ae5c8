import type uPlot from 'uplot';
import { dollarMark, dollars, milliseconds, timeMark } from './amounts.ts';
import { axis, logAxis, logScale, spread } from './axes.ts';
import { type ChartFrame, type FrameSeries, labelEnds, labelRoom, sayInstead } from './chart-frame.ts';
import type { MemoryCurve, MemoryPanel } from './payload.ts';
import { color, dash, swatch, token } from './theme.ts';

const HEIGHT = 240;
/** Marks of the memory axis, in MB. The first and the last size of the curves are added. */
const SIZES_MB = [128, 256, 512, 1024, 2048, 4096, 10_240];
/** The least distance between two marks of the memory axis, in CSS pixels. */
const MARK_WIDTH = 40;
const VALUE_AXIS_WIDTH = 62;
/** The opacity of a band. Lines of other curves remain visible through it. */
const BAND_OPACITY = '24';

/** The radius of a filled point, CSS pixels. */
const FRONT_RADIUS = 4;

const TEXTS = {
  ms: { text: milliseconds, mark: timeMark },
  usd: { text: dollars, mark: dollarMark },
} as const;

/**
 * Draws curves over memory sizes, with both axes logarithmic. A curve may have a band around it, and points at its
 * measured values. Its name is beside its right end.
 */
export function drawMemoryCurves(frame: ChartFrame, host: HTMLElement, panel: MemoryPanel): void {
  const curves = panel.curves.filter(({ memoryMB }) => memoryMB.length > 0);
  if (curves.length === 0) {
    sayInstead(host, 'No memory size was measured or forecast.');
    return;
  }
  const sizes = [...new Set(curves.flatMap(({ memoryMB }) => memoryMB))].sort((a, b) => a - b);
  const values = curves.flatMap(({ value, low, high }) => [...value, ...(low ?? []), ...(high ?? [])]);
  const { text: textOf, mark } = TEXTS[panel.unit];
  const at = (curve: MemoryCurve, column: readonly number[] | undefined) =>
    sizes.map((size) => column?.[curve.memoryMB.indexOf(size)] ?? null);
  frame.draw(
    host,
    HEIGHT,
    {
      // The room at the right is for the longest name of these curves. Other charts may have longer ones.
      padding: [12, labelRoom(Math.max(...curves.map((curve) => frame.nameOf(curve).length))), 0, 0],
      scales: { x: logScale(rangeOf(sizes)), y: logScale(panel.range ?? spread(values, 1.25)) },
      axes: [
        axis({
          splits: (u) => sizeMarks(sizes, plotWidth(u)),
          filter: (_, splits) => splits,
          values: (_, splits) => splits.map((size) => `${size}`),
          size: 34,
        }),
        logAxis({ size: VALUE_AXIS_WIDTH, values: (_, splits) => splits.map(mark) }),
      ],
      series: [
        { label: 'memory', value: (_, size: number | null) => (size == null ? '' : `${size} MB`) },
        ...curves.flatMap((curve) => seriesOf(frame, curve, textOf)),
      ],
      // Each curve has three series. The second is the lower edge of its band and the third the upper.
      bands: curves.map((curve, index) => ({
        series: [index * 3 + 3, index * 3 + 2] as [number, number],
        fill: `${color(curve.name)}${BAND_OPACITY}`,
      })),
      hooks: {
        draw: [(u) => fillFronts(u, curves), (u) => labelEnds(u, frame, endsOf(u, curves))],
      },
    },
    [
      sizes,
      ...curves.flatMap((curve) => [
        at(curve, curve.value),
        at(curve, curve.low ?? curve.value),
        at(curve, curve.high ?? curve.value),
      ]),
    ],
  );
}

/** The memory axis goes from the smallest to the largest size. A single size is in its middle. */
function rangeOf(sizes: readonly number[]): [number, number] {
  const [first = 128, last = first] = [sizes[0], sizes.at(-1)];
  return [first / 1.08, last * 1.08];
}

/** The width of the area of the curves, in CSS pixels. Before the first drawing it is not known and estimated. */
function plotWidth(u: uPlot): number {
  return u.bbox.width > 0 ? u.bbox.width / devicePixelRatio : u.width - 2 * VALUE_AXIS_WIDTH;
}

/** The marks that fit, the smallest and the largest size among them. */
function sizeMarks(sizes: readonly number[], width: number): number[] {
  const [first = 128, last = first] = [sizes[0], sizes.at(-1)];
  const apart = ((Math.log(last / first) || 1) * MARK_WIDTH) / Math.max(width, MARK_WIDTH);
  const isFree = (size: number, marks: readonly number[]) =>
    marks.every((mark) => Math.abs(Math.log(size / mark)) >= apart);
  const marks = [first];
  if (isFree(last, marks)) marks.push(last);
  for (const size of SIZES_MB) if (size > first && size < last && isFree(size, marks)) marks.push(size);
  return marks.sort((a, b) => a - b);
}

/** Fewer values than this are shown as points. */
const FEWEST_FOR_CURVE = 3;

function seriesOf(frame: ChartFrame, curve: MemoryCurve, textOf: (value: number) => string): FrameSeries[] {
  const { name, isMeasured } = curve;
  const ink = color(name);
  const edge: FrameSeries = {
    label: `${frame.nameOf(curve)} band`,
    class: 'unlisted',
    points: { show: false },
  };
  return [
    {
      label: frame.nameOf(curve),
      stroke: ink,
      dash: dash(name),
      marker: swatch(name),
      width: 2,
      spanGaps: true,
      // Two values are not a trend, so no line connects them.
      ...(curve.value.length < FEWEST_FOR_CURVE ? { paths: () => null } : {}),
      points: {
        show: isMeasured === true || curve.value.length < FEWEST_FOR_CURVE,
        size: 7,
        width: 2,
        stroke: ink,
        fill: token('--card'),
      },
      value: (u: uPlot, value: number | null, series: number, index: number | null) =>
        value == null || index == null ? '' : valueText(u, value, series, index, textOf),
    },
    { ...edge, spanGaps: true },
    { ...edge, spanGaps: true },
  ];
}

/** `12 ms (9 to 17 ms)`, or `12 ms` if the curve has no band. */
function valueText(
  u: uPlot,
  value: number,
  series: number,
  index: number,
  textOf: (value: number) => string,
): string {
  const [low, high] = [u.data[series + 1]?.[index], u.data[series + 2]?.[index]];
  if (low == null || high == null || low === high) return textOf(value);
  return `${textOf(value)} (${textOf(low)} to ${textOf(high)})`;
}

/** Fills the points of the sizes that are on the Pareto front. */
function fillFronts(u: uPlot, curves: readonly MemoryCurve[]): void {
  const { ctx } = u;
  ctx.save();
  for (const { name, memoryMB, value, frontMB = [] } of curves) {
    ctx.fillStyle = color(name);
    for (const [at, size] of memoryMB.entries()) {
      if (!frontMB.includes(size)) continue;
      ctx.beginPath();
      ctx.arc(
        u.valToPos(size, 'x', true),
        u.valToPos(value[at] ?? 1, 'y', true),
        FRONT_RADIUS * devicePixelRatio,
        0,
        2 * Math.PI,
      );
      ctx.fill();
    }
  }
  ctx.restore();
}

function endsOf(u: uPlot, curves: readonly MemoryCurve[]): { name: number; y: number }[] {
  return curves.map(({ name, value }) => ({ name, y: u.valToPos(value.at(-1) ?? 1, 'y', true) }));
}

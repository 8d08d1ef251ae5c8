import type uPlot from 'uplot';
import { milliseconds } from './amounts.ts';
import { axis, logAxis, logScale, spread } from './axes.ts';
import { type ChartFrame, type FrameSeries, labelEnds, sayInstead } from './chart-frame.ts';
import type { OverTime, SeriesPayload } from './payload.ts';
import { color, dash, swatch, token } from './theme.ts';

interface Shown {
  readonly name: number;
  readonly overTime: OverTime;
}

/** Draws the median and the slowest invocation over the time of each run. */
export function drawOverTime(frame: ChartFrame, host: HTMLElement, series: readonly SeriesPayload[]): void {
  const shown = series.flatMap(({ name, overTime }): Shown[] =>
    overTime === undefined ? [] : [{ name, overTime }],
  );
  const [first] = shown;
  if (first === undefined) {
    sayInstead(host, 'The rows were not read one by one.');
    return;
  }
  const slices = first.overTime.p50.length;
  const values = shown
    .flatMap(({ overTime }) => [...overTime.p50, ...overTime.max])
    .filter((value) => value !== null);
  frame.draw(
    host,
    240,
    {
      scales: { x: { time: false, range: [0, 100] }, y: logScale(spread(values, 1.3)) },
      axes: [
        axis({ values: (_, splits) => splits.map((share) => `${share} %`), size: 34 }),
        logAxis({ size: 62 }),
      ],
      series: [
        {
          label: 'of the run',
          value: (_, value: number | null) => (value == null ? '' : `${value.toFixed(0)} %`),
        },
        ...shown.flatMap((one) => seriesOf(frame, one)),
      ],
      hooks: { draw: [(u) => labelEnds(u, frame, endsOf(u, shown))] },
    },
    [
      Array.from({ length: slices }, (_, index) => ((index + 0.5) / slices) * 100),
      ...shown.flatMap(({ overTime }) => [[...overTime.p50], [...overTime.max]]),
    ],
  );
}

function seriesOf(frame: ChartFrame, { name, overTime }: Shown): FrameSeries[] {
  const label = frame.nameOf({ name });
  return [
    {
      label: `${label} (${Number(overTime.lengthS.toPrecision(3))} s)`,
      stroke: color(name),
      dash: dash(name),
      marker: swatch(name),
      width: 2,
      spanGaps: true,
      // Two values are not a trend. They are drawn as points without a line.
      ...(isCurve(overTime.p50)
        ? { points: { show: false } }
        : { paths: () => null, points: { show: true, size: 8, width: 2, fill: color(name) } }),
      value: (u: uPlot, value: number | null, series: number, index: number | null) =>
        value == null || index == null
          ? ''
          : `p50 ${milliseconds(value)}, slowest ${milliseconds(u.data[series + 1]?.[index])}`,
    },
    {
      label: `${label} slowest`,
      class: 'unlisted',
      stroke: color(name),
      width: 1,
      paths: () => null,
      points: { show: true, size: 4, width: 1, stroke: color(name), fill: token('--card') },
    },
  ];
}

/** Fewer values than this are shown as points. */
const FEWEST_FOR_CURVE = 3;

function isCurve(values: OverTime['p50']): boolean {
  return values.filter((value) => value !== null).length >= FEWEST_FOR_CURVE;
}

function endsOf(u: uPlot, shown: readonly Shown[]): { name: number; y: number }[] {
  return shown.flatMap(({ name, overTime }) => {
    const last = overTime.p50.findLast((value) => value !== null);
    return last == null ? [] : [{ name, y: u.valToPos(last, 'y', true) }];
  });
}

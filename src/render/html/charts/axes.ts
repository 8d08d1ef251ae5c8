import type uPlot from 'uplot';
import { timeMark } from './amounts.ts';
import { token } from './theme.ts';

const FONT = '12px system-ui, sans-serif';

/** An axis in the colours of the theme. */
export function axis(options: uPlot.Axis): uPlot.Axis {
  return {
    stroke: token('--quiet'),
    grid: { stroke: token('--line'), width: 1 },
    ticks: { stroke: token('--line'), width: 1, size: 4 },
    font: FONT,
    labelFont: FONT,
    ...options,
  };
}

/** The finer steps within a power of ten, tried until at least three marks are shown. */
const LOG_STEPS: readonly (readonly number[])[] = [
  [1],
  [1, 3],
  [1, 2, 5],
  [1, 2, 3, 5],
  [1, 1.5, 2, 3, 5, 7],
  [1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9],
];
const FEWEST_MARKS = 3;
/** Marks that are closer than this would overlap, in CSS pixels. */
const MARK_WIDTH = 54;
const MARK_HEIGHT = 18;

/** @param room how many marks fit beside each other over the whole range */
function logMarks(min: number, max: number, room: number): number[] {
  let marks: number[] = [];
  for (const steps of LOG_STEPS) {
    marks = spaced(marksOf(steps, min, max), min, max, room);
    if (marks.length >= FEWEST_MARKS) break;
  }
  return marks;
}

function marksOf(steps: readonly number[], min: number, max: number): number[] {
  const marks: number[] = [];
  for (let power = Math.floor(Math.log10(min)); 10 ** power <= max; power++) {
    for (const step of steps) {
      const mark = step * 10 ** power;
      if (mark >= min && mark <= max) marks.push(Number(mark.toPrecision(6)));
    }
  }
  return marks;
}

/** Leaves out every mark that would overlap the one before it. */
function spaced(marks: readonly number[], min: number, max: number, room: number): number[] {
  const apart = Math.log(max / min) / Math.max(1, room);
  const kept: number[] = [];
  for (const mark of marks) {
    const last = kept.at(-1);
    if (last === undefined || Math.log(mark / last) >= apart) kept.push(mark);
  }
  return kept;
}

/** How many marks fit along an axis. Before the first drawing its length is not known, and a small one is assumed. */
function roomFor(u: uPlot, index: number): number {
  const isHorizontal = u.axes[index]?.side === undefined ? index === 0 : (u.axes[index]?.side ?? 0) % 2 === 0;
  const length = (isHorizontal ? u.bbox.width : u.bbox.height) / devicePixelRatio;
  const size = isHorizontal ? MARK_WIDTH : MARK_HEIGHT;
  return Math.max(2, (length > 0 ? length : 220) / size);
}

type Range = [min: number, max: number];

/** A logarithmic scale over a fixed range. */
export function logScale(range: Range): uPlot.Scale {
  return { time: false, distr: 3, range: () => range };
}

/** The axis of a logarithmic scale of durations. */
export function logAxis(options: uPlot.Axis): uPlot.Axis {
  return axis({
    splits: (u, index) => {
      const scale = u.scales[u.axes[index]?.scale ?? ''];
      return logMarks(scale?.min ?? 1, scale?.max ?? 10, roomFor(u, index));
    },
    filter: (_, splits) => splits,
    values: (_, splits) => splits.map(timeMark),
    ...options,
  });
}

/** A range around some values for a logarithmic scale, which can't contain 0. */
export function spread(values: readonly number[], factor = 1.15): Range {
  return [Math.max(Math.min(...values), 0.001) / factor, Math.max(...values, 0.001) * factor];
}

import type { Interval } from '../model/interval.ts';
import { formatAmount, formatRatio, formatUsd, NO_VALUE } from '../model/number-text.ts';
import type { Report, ReportedRun } from '../model/report.ts';
import type { ArchitecturePair, SweepCurve, SweepPoint } from '../model/sweep.ts';

/** The title of the section about memory sizes and architectures. */
export const SWEEP_TITLE = 'Over memory sizes';

/** How to read the section, one sentence each. */
export const SWEEP_NOTES: readonly string[] = [
  'Medians in ms, warm with 95 % intervals over rounds, cold over environments. compute: US dollars of Lambda for a million warm calls, and for a million cold ones, init included.',
  '$: no significant difference from the cheapest; »: no significant difference from the fastest; =: the lowest sum of time and cost, each as a share of the highest; ·: another size is better in both.',
];

/** The title of the part that compares the architectures. */
export const ARCHITECTURES_TITLE = 'arm64 against x86_64';

/** The headings of `architectureCells`. */
export const ARCHITECTURE_HEADS: readonly string[] = ['route', 'runtime', 'MB', 'time', 'compute cost'];

/** One memory size of one function, as every format shows it. */
export interface SweepRow {
  readonly route: string;
  readonly name: string;
  readonly marks: string;
  /** Has no figures if the function ran out of memory. */
  readonly point: Omit<SweepPoint, 'runId'>;
}

/** A column of the section, in every format. */
export interface SweepColumn {
  readonly head: string;
  readonly cell: (row: SweepRow) => string;
}

/** The curves of functions that were measured at several sizes, including sizes that were too small. */
export function sweptCurves({ sweep }: Report): SweepCurve[] {
  return (sweep?.curves ?? []).filter(
    ({ points, outOfMemoryMB = [] }) => points.length + outOfMemoryMB.length > 1,
  );
}

/** The rows of the section: for each function its sizes, ascending. Empty without a sweep. */
export function sweepRows(report: Report): SweepRow[] {
  return sweptCurves(report).flatMap((curve) => {
    const name = curveName(curve, report.sweep?.curves ?? []);
    const measured = curve.points.map((point) => ({ marks: marksOf(point.memorySizeMB, curve), point }));
    const tooSmall = (curve.outOfMemoryMB ?? []).map((memorySizeMB) => ({
      marks: 'out of memory',
      point: { memorySizeMB },
    }));
    return [...measured, ...tooSmall]
      .sort((a, b) => a.point.memorySizeMB - b.point.memorySizeMB)
      .map((row) => ({ route: curve.route, name, ...row }));
  });
}

/** The runtime, with its architecture if both were measured. */
export function curveName(
  { runtime, architecture }: Pick<ReportedRun, 'runtime' | 'architecture'>,
  all: readonly SweepCurve[],
): string {
  return new Set(all.map((curve) => curve.architecture)).size > 1 ? `${runtime} ${architecture}` : runtime;
}

function marksOf(size: number, { cheapestMB, fastestMB, balancedMB, paretoMB }: SweepCurve): string {
  const marks = [
    cheapestMB.includes(size) ? '$' : '',
    fastestMB.includes(size) ? '»' : '',
    balancedMB === size ? '=' : '',
    paretoMB.length > 0 && !paretoMB.includes(size) ? '·' : '',
  ];
  return marks.join('');
}

export const SWEEP_COLUMNS: readonly SweepColumn[] = [
  { head: 'MB', cell: ({ point }) => String(point.memorySizeMB) },
  { head: '', cell: ({ marks }) => marks },
  { head: 'warm', cell: ({ point }) => valueText(point.warmMs?.p50, point.warmMs?.interval, formatAmount) },
  { head: 'cold', cell: ({ point }) => valueText(point.coldMs?.p50, point.coldMs?.interval, formatAmount) },
  {
    head: 'compute',
    cell: ({ point }) => valueText(point.computeUsd?.value, point.computeUsd?.interval, formatUsd),
  },
  {
    head: 'cold compute',
    cell: ({ point }) => valueText(point.coldComputeUsd?.value, point.coldComputeUsd?.interval, formatUsd),
  },
];

function valueText(
  value: number | undefined,
  interval: Interval | undefined,
  text: (value: number) => string,
): string {
  if (value === undefined) return NO_VALUE;
  return interval === undefined
    ? text(value)
    : `${text(value)} [${text(interval.low)}, ${text(interval.high)}]`;
}

/** Formats a ratio above 0: `1.21× faster`, `1.10× slower`. */
function ratioWords(ratio: number | undefined, better: string, worse: string): string {
  if (ratio === undefined) return NO_VALUE;
  return ratio >= 1 ? `${formatRatio(ratio)} ${better}` : `${formatRatio(1 / ratio)} ${worse}`;
}

/** The texts of each pair of architectures: route, runtime, size, speed and cost. */
export function architectureCells(pairs: readonly ArchitecturePair[]): string[][] {
  return pairs.map(({ route, runtime, memorySizeMB, speed, cost }) => [
    route,
    runtime,
    String(memorySizeMB),
    ratioWords(speed, 'faster', 'slower'),
    ratioWords(cost, 'cheaper', 'dearer'),
  ]);
}

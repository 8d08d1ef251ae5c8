import { formatRatio, NO_VALUE } from '../model/number-text.ts';
import type { Report, ReportedRun } from '../model/report.ts';
import type { ArchitecturePair, SweepCurve, SweepPoint } from '../model/sweep.ts';
import { COST_RATIO_HEAD } from './cost-ratio.ts';
import { figureText } from './figure.ts';
import { MEMORY_SIZE, SWEEP_FIGURES } from './table-figures.ts';
import { type TextColumn, type TextTable, textTable } from './text-table.ts';

const NOTES: readonly string[] = [
  'Medians in ms, warm with 95 % intervals over rounds, cold over environments. compute: US dollars of Lambda for a million warm calls, and for a million cold ones, init included.',
  '$: no significant difference from the cheapest; »: no significant difference from the fastest; =: the lowest sum of time and cost, each as a share of the highest; ·: another size is better in both.',
];

/** One memory size of one function, as every format shows it. */
export interface SweepRow {
  readonly route: string;
  readonly name: string;
  readonly marks: string;
  /** Has no figures if the function ran out of memory. */
  readonly point: Omit<SweepPoint, 'runId'>;
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

const COLUMNS: readonly TextColumn<SweepRow>[] = [
  { head: MEMORY_SIZE.heading, cell: ({ point }) => figureText(MEMORY_SIZE, point) },
  { head: '', cell: ({ marks }) => marks },
  ...SWEEP_FIGURES.map(
    (figure): TextColumn<SweepRow> => ({
      head: figure.heading,
      cell: ({ point }) => figureText(figure, point),
    }),
  ),
];

/** Formats a ratio above 0: `1.21× faster`, `1.10× slower`. */
function ratioWords(ratio: number | undefined, better: string, worse: string): string {
  if (ratio === undefined) return NO_VALUE;
  return ratio >= 1 ? `${formatRatio(ratio)} ${better}` : `${formatRatio(1 / ratio)} ${worse}`;
}

const ARCHITECTURE_COLUMNS: readonly TextColumn<ArchitecturePair>[] = [
  { head: MEMORY_SIZE.heading, cell: (pair) => figureText(MEMORY_SIZE, pair) },
  { head: 'time', cell: ({ speed }) => ratioWords(speed, 'faster', 'slower') },
  { head: COST_RATIO_HEAD, cell: ({ cost }) => ratioWords(cost, 'cheaper', 'dearer') },
];

/** The table of all memory sizes. Undefined without a sweep. */
export function sweepTable(report: Report): TextTable | undefined {
  return textTable('Over memory sizes', COLUMNS, sweepRows(report), NOTES);
}

/** The table that compares the architectures. Undefined if only one was measured. */
export function architectureTable({ sweep }: Report): TextTable | undefined {
  const pairs = (sweep?.architectures ?? []).map((pair) => ({ ...pair, name: pair.runtime }));
  return textTable('arm64 against x86_64', ARCHITECTURE_COLUMNS, pairs, []);
}

import type { Interval } from '../model/interval.ts';
import { formatAmount, formatCount, formatShare, formatUsd, NO_VALUE } from '../model/number-text.ts';

/**
 * The unit of a figure, which decides its format. `share` is from 0 to 1 and shown in percent. `size` is a
 * memory size in MB, and whole. `bytes` are shown in kB.
 */
export type Unit = 'count' | 'ms' | 'MB' | 'size' | 'bytes' | 'share' | 'per second' | 'USD';

/** The places in which a figure can be shown. `wide` is the table with all columns (`--wide`). CSV and JSON have every figure. */
export type Place = 'table' | 'wide' | 'markdown' | 'html';

/** One figure of the catalogue: every format takes its name, heading, unit and value from here. */
export interface Figure<Subject> {
  /** The name of its CSV column, with the unit. */
  readonly name: string;
  /** Its members in the JSON report: `durationMs.mean`. If there are several, their values are added. */
  readonly members: readonly string[];
  readonly unit: Unit;
  /** The heading of its column in the formats for people. */
  readonly heading: string;
  /** What its quantity is, for the JSON schema. */
  readonly description: string;
  readonly value: (subject: Subject) => number | undefined;
  /** The limits of the value, shown in brackets behind it. */
  readonly interval?: (subject: Subject) => Interval | undefined;
  readonly places: readonly Place[];
  /** If room is short, the table drops columns with the lowest numbers first. Undefined: never dropped. */
  readonly dropOrder?: number;
  /** Only for percentiles: in (0, 100). */
  readonly percent?: number;
  /** Its name in the figures for github-action-benchmark. Undefined if it is not among them. */
  readonly benchmark?: string;
}

/** The figures that are shown in a place, in the order of the catalogue. */
export function figuresFor<Subject>(figures: readonly Figure<Subject>[], place: Place): Figure<Subject>[] {
  return figures.filter(({ places }) => places.includes(place));
}

const FORMATS: Readonly<Record<Unit, (value: number) => string>> = {
  count: formatCount,
  ms: formatAmount,
  MB: formatAmount,
  size: formatCount,
  bytes: (value) => formatCount(value / 1000),
  share: formatShare,
  'per second': formatAmount,
  USD: formatUsd,
};

/** Formats a value of a unit for people. */
export function formatValue(unit: Unit, value: number): string {
  return FORMATS[unit](value);
}

/** Formats a figure for people, with its interval if it has one: `312 [298, 330]`. `–` if it is missing. */
export function figureText<Subject>(figure: Figure<Subject>, subject: Subject | undefined): string {
  const value = subject === undefined ? undefined : figure.value(subject);
  if (subject === undefined || value === undefined) return NO_VALUE;
  const format = FORMATS[figure.unit];
  const interval = figure.interval?.(subject);
  return interval === undefined
    ? format(value)
    : `${format(value)} [${format(interval.low)}, ${format(interval.high)}]`;
}

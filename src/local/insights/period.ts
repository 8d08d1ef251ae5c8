/** A unit of `bin(5m)`, `datefloor(@timestamp, 1h)` and `dateceil`. */
export type PeriodUnit =
  | 'millisecond'
  | 'second'
  | 'minute'
  | 'hour'
  | 'day'
  | 'week'
  | 'month'
  | 'quarter'
  | 'year';

/**
 * The spellings of each unit; those of more than one character may carry a plural `s`.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Stats.html
 */
const SPELLINGS: Readonly<Record<PeriodUnit, readonly string[]>> = {
  millisecond: ['millisecond', 'ms', 'msec'],
  second: ['second', 's', 'sec'],
  minute: ['minute', 'm', 'min'],
  hour: ['hour', 'h', 'hr'],
  day: ['day', 'd'],
  week: ['week', 'w'],
  month: ['month', 'mo', 'mon'],
  quarter: ['quarter', 'q', 'qtr'],
  year: ['year', 'y', 'yr'],
};

const UNITS: ReadonlyMap<string, PeriodUnit> = new Map(
  (Object.keys(SPELLINGS) as PeriodUnit[]).flatMap((unit) =>
    SPELLINGS[unit].flatMap((text): [string, PeriodUnit][] =>
      text.length > 1
        ? [
            [text, unit],
            [`${text}s`, unit],
          ]
        : [[text, unit]],
    ),
  ),
);

/** The unit of a spelling in any case, or undefined. */
export function periodUnit(text: string): PeriodUnit | undefined {
  return UNITS.get(text.toLowerCase());
}

/** What AWS takes a larger count for. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html */
const MOST: Readonly<Partial<Record<PeriodUnit, number>>> = {
  millisecond: 1_000,
  second: 60,
  minute: 60,
  hour: 24,
};

/** The count that AWS works with: `bin(300s)` is `bin(60s)`. */
export function cappedCount(count: number, unit: PeriodUnit): number {
  return Math.min(count, MOST[unit] ?? count);
}

const FIXED_MS: Readonly<Partial<Record<PeriodUnit, number>>> = {
  millisecond: 1,
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
};
/** 1970-01-01 was a Thursday; weeks begin on Monday. */
const FIRST_MONDAY_MS = -3 * 86_400_000;
const MONTHS: Readonly<Partial<Record<PeriodUnit, number>>> = { month: 1, quarter: 3, year: 12 };

/** The start of the period, in UTC, that holds the instant; both in epoch ms. */
export function floorToPeriod(epochMs: number, count: number, unit: PeriodUnit): number {
  const fixed = FIXED_MS[unit];
  if (fixed !== undefined) {
    const origin = unit === 'week' ? FIRST_MONDAY_MS : 0;
    const length = fixed * count;
    return Math.floor((epochMs - origin) / length) * length + origin;
  }
  return monthStart(monthIndex(epochMs, count, unit));
}

/** The first start of a period at or after the instant; both in epoch ms. */
export function ceilToPeriod(epochMs: number, count: number, unit: PeriodUnit): number {
  const floor = floorToPeriod(epochMs, count, unit);
  if (floor === epochMs) return epochMs;
  const fixed = FIXED_MS[unit];
  if (fixed !== undefined) return floor + fixed * count;
  return monthStart(monthIndex(epochMs, count, unit) + (MONTHS[unit] ?? 1) * count);
}

/** Months since January 1970, floored to the period. */
function monthIndex(epochMs: number, count: number, unit: PeriodUnit): number {
  const date = new Date(epochMs);
  const length = (MONTHS[unit] ?? 1) * count;
  return Math.floor(((date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()) / length) * length;
}

function monthStart(index: number): number {
  return Date.UTC(1970, index, 1);
}

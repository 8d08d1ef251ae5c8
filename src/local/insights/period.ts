/** The units of `bin(5m)`, `datefloor(@timestamp, 1h)` and `dateceil`. */
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
 * The spellings of each unit. A spelling of more than one character may end in a plural `s`.
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

/** Returns the unit of a spelling, in any case, or undefined. */
export function periodUnit(text: string): PeriodUnit | undefined {
  return UNITS.get(text.toLowerCase());
}

/**
 * The largest count of each unit. AWS replaces a larger one by it.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html
 */
const MOST: Readonly<Partial<Record<PeriodUnit, number>>> = {
  millisecond: 1_000,
  second: 60,
  minute: 60,
  hour: 24,
};

/** Returns the count that AWS uses: `bin(300s)` is `bin(60s)`. */
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

/** Returns the start of the period (UTC) that contains an instant. Both are epoch ms. */
export function floorToPeriod(epochMs: number, count: number, unit: PeriodUnit): number {
  const fixed = FIXED_MS[unit];
  if (fixed !== undefined) {
    const origin = unit === 'week' ? FIRST_MONDAY_MS : 0;
    const length = fixed * count;
    return Math.floor((epochMs - origin) / length) * length + origin;
  }
  return monthStart(monthIndex(epochMs, count, unit));
}

/** Returns the first start of a period at or after an instant. Both are epoch ms. */
export function ceilToPeriod(epochMs: number, count: number, unit: PeriodUnit): number {
  const floor = floorToPeriod(epochMs, count, unit);
  if (floor === epochMs) return epochMs;
  const fixed = FIXED_MS[unit];
  if (fixed !== undefined) return floor + fixed * count;
  return monthStart(monthIndex(epochMs, count, unit) + (MONTHS[unit] ?? 1) * count);
}

/** Months since January 1970, rounded down to the period. */
function monthIndex(epochMs: number, count: number, unit: PeriodUnit): number {
  const date = new Date(epochMs);
  const length = (MONTHS[unit] ?? 1) * count;
  return Math.floor(((date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()) / length) * length;
}

function monthStart(index: number): number {
  return Date.UTC(1970, index, 1);
}

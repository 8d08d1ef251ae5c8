import { usageError } from '../errors.ts';

const MS_PER_UNIT: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * Converts the value of `--since` to epoch ms: an age (`90m`, `2h`, `3d`, `1w`), or a date or time in ISO form
 * (`2026-11-23`, `2026-11-23T06:00`; local time unless it has a zone).
 * @throws usageError `bad-since`
 */
export function parseSince(text: string, nowEpochMs: number): number {
  const age = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text.trim());
  if (age !== null) return nowEpochMs - Number(age[1]) * (MS_PER_UNIT[age[2] ?? ''] ?? Number.NaN);
  const isoLike = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:?\d\d)?)?$/.test(text.trim());
  // JavaScript reads a date without a time as UTC. Here it means local midnight.
  const epochMs = isoLike
    ? Date.parse(text.trim().length === 10 ? `${text.trim()}T00:00` : text.trim())
    : Number.NaN;
  if (!Number.isFinite(epochMs)) {
    throw usageError(
      'bad-since',
      `--since takes an age or a date, not '${text}'`,
      '--since 2h, --since 3d, --since 2026-11-23',
    );
  }
  return epochMs;
}

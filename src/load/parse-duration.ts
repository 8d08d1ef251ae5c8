import { usageError } from '../errors.ts';

const MS_PER_UNIT = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
/** A day is the longest load. A longer value is probably a mistyped unit. */
export const MAX_DURATION_MS = 86_400_000;
const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/;

/**
 * Parses a time such as `500ms`, `30s`, `5m`, `1h` or `1m30s` to ms; more than 0 and at most a day.
 * @throws usageError `bad-duration`
 */
export function parseDuration(flag: string, text: string): number {
  const trimmed = text.trim();
  if (!DURATION.test(trimmed)) {
    throw usageError(
      'bad-duration',
      `${flag} takes a time with its unit, not '${text}'.`,
      `${flag} 30s, 5m, 1m30s or 500ms`,
    );
  }
  let totalMs = 0;
  for (const [, value, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    totalMs += Number(value) * MS_PER_UNIT[unit as keyof typeof MS_PER_UNIT];
  }
  if (totalMs <= 0 || totalMs > MAX_DURATION_MS) {
    throw usageError('bad-duration', `${flag} takes a time above 0 and at most 24h, not '${text}'.`);
  }
  return totalMs;
}

import { expect, test } from 'vitest';
import { reportTimeMs } from '../../../src/load/estimate/report-time.ts';
import { REFERENCE_PACE } from '../../../src/load/measure/machine-pace.ts';

const WORK = { runs: 4, rows: 1000, calibrates: false };
const timeOf = (changes: Partial<typeof WORK>, pace = REFERENCE_PACE) =>
  reportTimeMs({ ...WORK, ...changes }, pace);

test('the report takes longer with every run, with every row, and where the core has to be measured', () => {
  expect(timeOf({ runs: 5 })).toBeGreaterThan(timeOf({}));
  expect(timeOf({ rows: 2000 })).toBeGreaterThan(timeOf({}));
  expect(timeOf({ calibrates: true })).toBeGreaterThan(timeOf({}));
});

test('the core is measured while the last REPORT lines are written, so that only the longer of the two counts', () => {
  const waitMs = 505;
  const addedMs = timeOf({ calibrates: true }) - timeOf({});
  const twice = { slowness: 1, coreShare: 0.25 };
  expect(timeOf({ calibrates: true }, twice) - timeOf({}, twice)).toBeCloseTo(
    2 * (addedMs + waitMs) - waitMs,
    6,
  );
});

test('on a busy machine the computing of the report takes longer, and the wait for the last REPORT lines does not', () => {
  const busy = { slowness: 1, coreShare: 0.25 };
  const waitMs = 505;
  expect(timeOf({}, busy) - waitMs).toBeCloseTo(2 * (timeOf({}) - waitMs), 6);
});

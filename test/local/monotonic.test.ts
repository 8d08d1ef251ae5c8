import { expect, test } from 'vitest';
import { monotonicMs, originOf } from '../../src/local/monotonic.ts';

test('a pause between the readings of two clocks does not count as a difference of the clocks', () => {
  let timeMs = 5000;
  let readings = 0;
  const passing = (): number => {
    // The first readings pause, as the first use of a clock does, and so does one in the middle.
    timeMs += readings < 3 || readings === 20 ? 1.5 : 0.001;
    readings += 1;
    return timeMs;
  };
  const origin = originOf(() => passing() - 4000, passing);
  expect(Math.abs(origin - 4000)).toBeLessThan(0.002);
});

test('the monotonic clock of this process reads what the system’s does', () => {
  const differences = Array.from({ length: 20 }, () => {
    const before = Number(process.hrtime.bigint()) / 1e6;
    const at = monotonicMs();
    const after = Number(process.hrtime.bigint()) / 1e6;
    return Math.max(before - at, at - after, 0);
  });
  expect(Math.min(...differences)).toBeLessThan(0.01);
});

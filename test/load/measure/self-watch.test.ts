import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { SelfWatch } from '../../../src/load/measure/self-watch.ts';

test('the time between two phases is no delay of the event loop', async () => {
  const watch = new SelfWatch();
  for (let phase = 0; phase < 2; phase++) {
    watch.start();
    await pause(150);
    watch.stop();
    await pause(1_500);
  }
  const { eventLoopDelayP99Ms, eventLoopUtilization } = watch.health();
  expect(eventLoopDelayP99Ms).toBeLessThan(1_200);
  expect(eventLoopUtilization).toBeLessThanOrEqual(1);
});

test('a loop that was held up in a phase has a delay', async () => {
  const watch = new SelfWatch();
  watch.start();
  await pause(60);
  const until = performance.now() + 300;
  while (performance.now() < until);
  await pause(60);
  watch.stop();
  expect(watch.health().eventLoopDelayP99Ms).toBeGreaterThan(200);
});

test('a watch that never ran reports no delay', () => {
  expect(new SelfWatch().health()).toEqual({ eventLoopUtilization: 0, eventLoopDelayP99Ms: 0 });
});

import { describe, expect, test } from 'vitest';
import {
  type ExpectedLoad,
  expectedTotalMs,
  timeLeftMs,
  wavesOf,
} from '../../../src/load/estimate/estimate-time.ts';
import { followWork } from '../../../src/load/estimate/follow-work.ts';
import type { ProgressEvent } from '../../../src/model/events.ts';

const load = (key: string, callMs: number, calls = 100): ExpectedLoad => ({
  key,
  calls,
  callMs,
  fixedMs: 0,
  waves: wavesOf([calls], 2),
});

describe('the time of several loads', () => {
  test('the time of several loads is their waves times the duration of a call, and the time that plans set', () => {
    expect(expectedTotalMs([load('node cat', 10), { ...load('node dog', 4), fixedMs: 1000 }])).toBe(1700);
  });

  test('the last wave of a turn lasts as long as the others, even if it is smaller', () => {
    expect(wavesOf([5], 2)).toBe(3);
    expect(wavesOf([5, 5, 4], 2)).toBe(3 + 3 + 2);
    expect(wavesOf([5], 10)).toBe(1);
    expect(wavesOf([0], 2)).toBe(0);
  });

  test('the remaining time of a load that has begun is computed from its own rate', () => {
    const soFar = new Map([['node cat', { calls: 25, elapsedMs: 1000 }]]);
    expect(timeLeftMs([load('node cat', 10)], soFar)).toBe(3000);
  });

  test('the expected times of later loads are corrected by the error of the loads so far', () => {
    const soFar = new Map([['node cat', { calls: 100, elapsedMs: 1500 }]]);
    expect(timeLeftMs([load('node cat', 10), load('node dog', 4)], soFar)).toBe(600);
  });

  test('the first few calls do not correct an expected time, because some of them are cold starts', () => {
    const soFar = new Map([['node cat', { calls: 2, elapsedMs: 2000 }]]);
    expect(timeLeftMs([load('node cat', 10), load('node dog', 4)], soFar)).toBe(490 + 200);
  });

  test('the remaining time of a load with a duration is the rest of that duration', () => {
    const timed: ExpectedLoad = { key: 'node cat', callMs: 10, fixedMs: 5000, waves: 0 };
    expect(timeLeftMs([timed], new Map([['node cat', { calls: 900, elapsedMs: 2000 }]]))).toBe(3000);
  });
});

describe('the progress of the whole', () => {
  const progress = (callsDone: number): ProgressEvent => ({
    type: 'load-progress',
    runtime: 'node',
    route: 'dog',
    progress: {
      phase: 'measure',
      callsDone,
      successes: callsDone,
      unexpected: 0,
      errors: 0,
      ratePerSecond: 1,
      elapsedMs: callsDone * 2,
    },
  });

  test('the progress events of each load get its position among all loads and the remaining time of all', () => {
    const seen: ProgressEvent[] = [];
    const emit = followWork([load('node cat', 10), load('node dog', 4)], (event) => seen.push(event));
    emit(progress(50));
    expect(seen).toMatchObject([{ whole: { load: 2, of: 2, leftMs: 500 + 100 } }]);
  });

  test('nothing is added to the progress events if there is only one load', () => {
    const emit = (): void => {};
    expect(followWork([load('node cat', 10)], emit)).toBe(emit);
  });
});

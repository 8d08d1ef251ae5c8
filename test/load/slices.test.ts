import { describe, expect, test } from 'vitest';
import { createLoadPlan, type LoadRequest } from '../../src/load/load-plan.ts';
import { slicesOf } from '../../src/load/slices.ts';

const load = (request: Partial<LoadRequest>, isOfFleet = false) => ({
  plan: createLoadPlan({ route: 'dog', ...request }),
  isOfFleet,
});
const pair = (request: Partial<LoadRequest>, rounds: number) =>
  slicesOf([load(request), load(request)], rounds);

describe('into how many slices a round is cut', () => {
  test('a slice has at least 5 calls for each call in flight', () => {
    expect(pair({ calls: 600, parallel: 2 }, 10)).toBe(6);
    expect(pair({ calls: 600, parallel: 2 }, 12)).toBe(5);
    expect(pair({ calls: 199, parallel: 2 }, 10)).toBe(1);
    expect(pair({ calls: 200, parallel: 2 }, 10)).toBe(2);
  });

  test('a round is cut into at most eight slices, however many calls are made', () => {
    expect(pair({ calls: 1_000_000, parallel: 1 }, 12)).toBe(8);
  });

  test('the rounds of the standard bench, 1,000 calls with 100 in flight, stay in one piece', () => {
    expect(pair({ calls: 1000, parallel: 100 }, 12)).toBe(1);
  });

  test('the load with the fewest calls decides, so that all have calls in every slice', () => {
    const loads = [load({ calls: 600, parallel: 2 }), load({ calls: 200, parallel: 2 })];
    expect(slicesOf(loads, 10)).toBe(2);
  });

  test('one load, a load by time, an open loop and loaders elsewhere play a round in one piece', () => {
    const closed = { calls: 600, parallel: 1 };
    expect(slicesOf([load(closed)], 10)).toBe(1);
    expect(pair({ duration: '1m', parallel: 1 }, 10)).toBe(1);
    expect(pair({ rate: '10', calls: 600 }, 10)).toBe(1);
    expect(slicesOf([load(closed), load(closed, true)], 10)).toBe(1);
  });
});

import { expect, test } from 'vitest';
import { estimateUsd } from '../../../src/report/cost/estimate-cost.ts';

const cat = {
  route: 'cat',
  calls: 1_000_000,
  billedMs: 100,
  memorySizeMB: 1024,
  architecture: 'x86_64',
} as const;

test('a million calls of 100 ms at 1 GB cost their GB-seconds and two requests each', () => {
  expect(estimateUsd([cat], 'us-east-1')).toBeCloseTo(1.66667 + 0.2 + 3.5, 4);
});

test('a function that is no part of the shed costs its GB-seconds and the requests of Lambda', () => {
  const { route: _, ...own } = cat;
  expect(estimateUsd([own], 'us-east-1')).toBeCloseTo(1.66667 + 0.2, 4);
});

test('a sheep writes one unit, and a dog reads as many as the shed has', () => {
  const sheep = estimateUsd([{ ...cat, route: 'sheep' }], 'us-east-1') ?? 0;
  expect(sheep - (estimateUsd([cat], 'us-east-1') ?? 0)).toBeCloseTo(0.625, 6);
  const dogOf = (shed: number) => estimateUsd([{ ...cat, route: 'dog', sheep: shed }], 'us-east-1') ?? 0;
  expect(dogOf(1000)).toBeGreaterThan(dogOf(10));
});

test('a region without prices has no estimate', () => {
  expect(estimateUsd([cat], 'mars-1')).toBeUndefined();
  expect(estimateUsd([cat], undefined)).toBeUndefined();
});

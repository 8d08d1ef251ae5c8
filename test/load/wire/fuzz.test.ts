import { expect, test } from 'vitest';
import { fuzzAgainstUndici, fuzzResponses } from '../support/fuzz-responses.ts';

// `npm run fuzz:load` runs a million and more with a seed of its own; this is the part that every test run can bear.
test('a mutated response never crashes, hangs or miscounts, and comes to one outcome wherever it is cut', () => {
  const counts = fuzzResponses(20_261_123, 20_000);
  expect(counts.responses).toBe(20_000);
  for (const [outcome, count] of Object.entries(counts)) expect(count, outcome).toBeGreaterThan(100);
});

test('undici judges mutated responses as this parser does, but for the differences that are argued', async () => {
  expect(await fuzzAgainstUndici(4, 2700)).toBeGreaterThan(1500);
});

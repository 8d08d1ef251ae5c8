import { expect, test } from 'vitest';
import { fuzzAgainstUndici, fuzzResponses } from '../support/fuzz-responses.ts';

// `npm run fuzz:load` runs a million and more with a seed of its own; this is the part that every test run can bear.
test('mutated responses: no crash, no hang, no miscount, and the same outcome wherever they are cut', () => {
  const counts = fuzzResponses(20_261_123, 20_000);
  expect(counts.responses).toBe(20_000);
  for (const [outcome, count] of Object.entries(counts)) expect(count, outcome).toBeGreaterThan(100);
});

test('undici judges mutated responses alike', async () => {
  expect(await fuzzAgainstUndici(4, 2700)).toBeGreaterThan(1500);
});

import { expect, test } from 'vitest';
import { fuzzOwnCloud } from './setup.ts';

// `npm run fuzz:local` sends 100,000 inputs with a seed of its own; this is the part that every test run can bear. A
// busy machine may answer late, so the limit on time is wide here: it tells a hang.
test('a running cloud answers mutated requests, templates, queries, archives and JSON, and lives on', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const { answers, faults } = await fuzzOwnCloud(seed, 400, { answerMs: 10_000, memoryMiB: 768 });
  expect(faults, `seed ${seed}`).toEqual([]);
  expect(Object.keys(answers).length).toBeGreaterThan(10);
}, 120_000);

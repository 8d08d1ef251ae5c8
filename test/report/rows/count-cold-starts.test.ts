import { expect, test } from 'vitest';
import { countColdStarts } from '../../../src/report/rows/count-cold-starts.ts';
import { FakeInsights } from '../fake-insights.ts';
import { FakeWorld, NOON, reportLines, runRecord } from '../fixtures.ts';

test('the cold starts of forced rounds are counted by their rows, and calls that came warm are not among them', async () => {
  const world = new FakeWorld();
  const run = runRecord('rust', 'cat');
  const [round] = run.rounds;
  if (round === undefined || run.logGroupName === undefined)
    throw new Error('a run has a round and a log group');
  const forced = { ...run, rounds: [{ ...round, index: -1 }] };
  const lines = reportLines({
    seed: 1,
    count: 100,
    cold: 5,
    typicalMs: 20,
    startEpochMs: NOON + 100,
    spanMs: 9000,
  });
  const logs = new FakeInsights({ [run.logGroupName]: lines }, { now: () => world.nowEpochMs });
  expect(await countColdStarts(forced, logs, 2000, world.deps)).toBe(5);
});

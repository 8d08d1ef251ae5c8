import { describe, expect, test } from 'vitest';
import { expectedTotalMs } from '../../../src/load/estimate/estimate-time.ts';
import { expectLoads, type LoadToExpect } from '../../../src/load/estimate/expect-loads.ts';
import { TURN_START_MS } from '../../../src/load/estimate/typical-calls.ts';
import { createLoadPlan } from '../../../src/load/load-plan.ts';
import { REFERENCE_PACE } from '../../../src/load/measure/machine-pace.ts';
import type { RunRecord } from '../../../src/model/run.ts';
import { runRecord } from '../../report/fixtures.ts';

const TARGET = { kind: 'local', region: 'us-east-1' } as const;
const QUIET = { cores: 2, pace: REFERENCE_PACE };

function catOf(parallel: number, memorySizeMB = 128, isAsLambda = false): LoadToExpect {
  return {
    plan: createLoadPlan({ route: 'cat', calls: 100, parallel }),
    runtime: 'python',
    url: '',
    about: { target: TARGET, memorySizeMB },
    shed: { route: 'cat' },
    isAsLambda,
  };
}

function callMs(job: LoadToExpect, machine = QUIET, earlier: Parameters<typeof expectLoads>[1] = []): number {
  return expectLoads([job], earlier, machine, 1)[0]?.callMs ?? Number.NaN;
}

function roundsOf(turns: readonly number[]): RunRecord['rounds'] {
  const [round] = runRecord('python', 'cat').rounds;
  if (round === undefined) throw new Error('the sample has no round');
  return turns.map((calls, at) => ({ ...round, index: at + 1, accounting: { ...round.accounting, calls } }));
}

/** A run of 100 calls in rounds of these numbers of calls. */
const earlierRun = (otherCpuShare: number, turns: readonly number[] = [100]) =>
  runRecord('python', 'cat', {
    memorySizeMB: 128,
    target: { ...TARGET, accountId: '000000000000' },
    elapsedMs: 5000 + TURN_START_MS * turns.length,
    plan: { parallel: 2 },
    machine: { yardsticks: [], otherCpuShare },
    rounds: roundsOf(turns),
  });

describe('the expected time of a call on the local cloud', () => {
  test('a core half as fast makes typical calls take twice as long', () => {
    const slow = { cores: 2, pace: { slowness: 2, coreShare: 1 } };
    expect(callMs(catOf(2), slow)).toBe(2 * callMs(catOf(2)));
  });

  test('calls that keep all cores busy take longer by what other programs use, and a single call in flight does not', () => {
    const crowded = { cores: 2, pace: { slowness: 1, coreShare: 0.35 } };
    expect(callMs(catOf(2), crowded)).toBeCloseTo(2 * callMs(catOf(2)), 6);
    expect(callMs(catOf(1), crowded)).toBeCloseTo(callMs(catOf(1)), 6);
  });

  test('an enforced CPU share makes calls slower and lets more of them run at once, and leaves room for other programs', () => {
    const [load] = expectLoads([catOf(8, 128, true)], [], QUIET, 1);
    // 100 calls, 8 at once.
    expect(load?.waves).toBe(13);
    expect(load?.callMs).toBeCloseTo((callMs(catOf(2)) * 1769) / 128, 6);
    const crowded = { cores: 2, pace: { slowness: 1, coreShare: 0.35 } };
    expect(callMs(catOf(8, 128, true), crowded)).toBeCloseTo(callMs(catOf(8, 128, true)), 6);
    expect(callMs(catOf(8, 1769, true), crowded)).toBeCloseTo(2 * callMs(catOf(8, 1769, true)), 6);
  });

  test('a load of environments that still live from an earlier run meets no cold start', () => {
    const isWarm = (cloudSinceEpochMs?: number) =>
      expectLoads([catOf(2)], [earlierRun(0)], { ...QUIET, cloudSinceEpochMs }, 1)[0]?.isWarm;
    const { startedAtEpochMs } = earlierRun(0);
    expect(isWarm(startedAtEpochMs - 1)).toBe(true);
    expect(isWarm(startedAtEpochMs + 1)).toBe(false);
    expect(isWarm(undefined)).toBe(false);
  });

  test('the turns of an earlier run are not counted as its calls', () => {
    const run = earlierRun(0);
    const rounds = roundsOf([34, 34, 32]);
    const short = { ...run, elapsedMs: 1000 };
    expect(callMs(catOf(2), QUIET, [{ ...short, rounds }])).toBeCloseTo(
      ((1000 - 3 * TURN_START_MS) * 2) / 100,
      6,
    );
    // At least half the time is the calls'.
    expect(callMs(catOf(2), QUIET, [{ ...short, elapsedMs: 10, rounds }])).toBe(0.1);
  });

  test('a load in short turns takes longer than an earlier run without turns, because the last wave of each turn is smaller', () => {
    const expectedMs = (rounds: number, turns: readonly number[]) =>
      expectedTotalMs(expectLoads([catOf(2)], [earlierRun(0, turns)], QUIET, rounds));
    const [inOne, inTurns] = [[100], Array.from({ length: 20 }, () => 5)];
    // 100 calls, two at a time, took 5 s, so a call takes 0.1 s. A turn of 5 calls has 3 waves.
    expect(expectedMs(1, inOne)).toBeCloseTo(5000, 6);
    expect(expectedMs(20, inOne)).toBeCloseTo(20 * 3 * 100, 6);
    // A run in the same turns took as long as this one will take.
    expect(expectedMs(20, inTurns)).toBeCloseTo(5000, 6);
  });

  test('an earlier run is corrected by what other programs used then and use now', () => {
    // 100 calls in 5 s, two at a time.
    expect(callMs(catOf(2), QUIET, [earlierRun(0)])).toBe(100);
    expect(callMs(catOf(2), QUIET, [earlierRun(0.65)])).toBeCloseTo(50, 6);
    const crowded = { cores: 2, pace: { slowness: 3, coreShare: 0.35 } };
    expect(callMs(catOf(2), crowded, [earlierRun(0.65)])).toBeCloseTo(100, 6);
    expect(callMs(catOf(2), crowded, [earlierRun(0)])).toBeCloseTo(200, 6);
  });
});

import { describe, expect, test } from 'vitest';
import type { Samples, ServerSide } from '../../../src/model/report.ts';
import { rowsOf } from '../../../src/model/sample-rows.ts';
import { costOf } from '../../../src/report/cost/cost.ts';
import { PRICES } from '../../../src/report/cost/prices.ts';
import { expectedRows } from '../../../src/report/rows/completeness.ts';
import { chanceColdStarts, forcedColdStarts } from '../../../src/report/rows/forced-cold-starts.ts';
import { histogramOf, runRecord } from '../fixtures.ts';
import { measured } from '../measured-run.ts';
import { measuredServer } from '../measured-server.ts';

/** A row: its round, and Init Duration where it was cold. Every Duration is 10 ms. */
type Row = readonly [round: number, initMs: number | null];

function samplesOf(rows: readonly Row[]): Samples {
  return {
    atMs: rows.map((_, index) => index),
    round: rows.map(([round]) => round),
    environment: rows.map((_, index) => index),
    durationMs: rows.map(([, init]) => 10 + (init ?? 0)),
    initMs: rows.map(([, init]) => init),
    billedMs: rows.map(([, init]) => 10 + (init ?? 0)),
    memoryMB: rows.map(() => 40),
    status: rows.map(() => 0),
  };
}

function serverOf(rows: readonly Row[]) {
  return measuredServer(samplesOf(rows));
}

/** A warm-up with a cold start, a measured round with one, and a forced round of which one call came warm. */
const ROWS: readonly Row[] = [
  [0, 500],
  [0, null],
  [1, null],
  [1, 400],
  [1, null],
  [-1, 100],
  [-1, 110],
  [-1, null],
  [-2, 120],
];

describe('the rows of a run with forced cold starts', () => {
  test('the rows of a run with forced cold starts are cold where they were forced, and warm where they were measured', () => {
    const samples = samplesOf(ROWS);
    expect(rowsOf(samples, 'cold')).toEqual([5, 6, 8]);
    expect(rowsOf(samples, 'warm')).toEqual([2, 4]);
  });

  test('the rows of a run with forced cold starts of which none came cold are the cold starts that came by themselves', () => {
    const samples = samplesOf(ROWS.filter(([round, init]) => round >= 0 || init === null));
    expect(rowsOf(samples, 'cold')).toEqual([0, 3]);
  });

  test('the rows of a run with forced cold starts must be as many as all its calls that reached Lambda, the forced ones included', () => {
    const run = runRecord('rust', 'cat', { accounting: { calls: 3 } });
    const [round] = run.rounds;
    if (round === undefined) throw new Error('no round');
    const accounting = { ...round.accounting, reachedLambda: { min: 2, max: 3 } };
    expect(expectedRows({ ...run, rounds: [...run.rounds, { ...round, index: -1, accounting }] })).toEqual({
      min: 5,
      max: 6,
    });
  });
});

describe('the figures of forced cold starts', () => {
  const [round] = runRecord('rust', 'cat').rounds;
  const forced = (index: number, waits: readonly number[]) => {
    if (round === undefined) throw new Error('no round');
    return { ...round, index, success: histogramOf(waits) };
  };

  test('the figures of forced cold starts have the wait of the caller, what REPORT shows, and the rest', () => {
    const inits = Array.from({ length: 30 }, (_, index) => 100 + index);
    const server = serverOf(inits.map((init): Row => [-1, init]));
    const rounds = [
      forced(0, [1000]),
      forced(1, [1000]),
      forced(
        -1,
        inits.map((init) => init + 60),
      ),
    ];
    const figures = forcedColdStarts({ coldStarts: { asked: 30 }, rounds }, server);
    expect(figures).toMatchObject({ asked: 30, found: 30, initMs: { p50: 114 }, durationMs: { p50: 124 } });
    expect(figures?.waitMs?.p50).toBeCloseTo(174, 0);
    expect(figures?.unseenMs).toBeCloseTo(50, 0);
    // Ranks 10 and 21 of 30 sorted values, and a part of the way to the next.
    expect(figures?.initMs?.interval?.low).toBeGreaterThan(109);
    expect(figures?.initMs?.interval?.low).toBeLessThan(110);
    expect(figures?.initMs?.interval?.high).toBeGreaterThan(119);
    expect(figures?.initMs?.interval?.high).toBeLessThan(120);
  });

  test('the figures of forced cold starts of fewer than six have no interval', () => {
    const rounds = [forced(-1, [170, 180])];
    const figures = forcedColdStarts(
      { coldStarts: { asked: 2 }, rounds },
      serverOf([
        [-1, 100],
        [-1, 110],
      ]),
    );
    expect(figures?.initMs).toEqual({ p50: 100 });
    expect(figures?.waitMs?.interval).toBeUndefined();
  });

  test('the figures of forced cold starts without rows have the wait alone', () => {
    const server: ServerSide = { state: 'unavailable', code: 'x', reason: 'y' };
    const figures = forcedColdStarts({ coldStarts: { asked: 2 }, rounds: [forced(-1, [170, 180])] }, server);
    expect(Object.keys(figures ?? {})).toEqual(['asked', 'found', 'waitMs']);
  });

  test('the figures of forced cold starts are absent where none were asked for', () => {
    expect(forcedColdStarts({ rounds: [] }, serverOf(ROWS))).toBeUndefined();
  });
});

describe('the cost of a run with forced cold starts', () => {
  test('the cost of a run with forced cold starts has only the cold starts that came by themselves', () => {
    expect(chanceColdStarts(serverOf(ROWS))).toEqual({ count: 2, billedMs: 510 + 410 });
    const prices = PRICES['us-east-1'];
    if (prices === undefined) throw new Error('no prices');
    const run = { ...measured('rust', 'cat', { warm: [10, 10] }), server: serverOf(ROWS) };
    expect(costOf(run, undefined, prices)).toMatchObject({
      coldShare: 0.5,
      meanBilledMs: (510 + 410 + 10 + 10) / 4,
    });
  });
});

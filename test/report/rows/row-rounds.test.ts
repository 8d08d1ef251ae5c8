import { describe, expect, test } from 'vitest';
import { roundsOfRows } from '../../../src/report/rows/row-rounds.ts';

const turn = (index: number, startEpochMs: number, endEpochMs: number, min: number, max = min) => ({
  index,
  startEpochMs,
  endEpochMs,
  accounting: { reachedLambda: { min, max } },
});

describe('the rounds of rows', () => {
  test('the rounds of rows are assigned by count if the number of rows of every round is known, whatever the clocks say', () => {
    // The server's clock is half a second behind the client's estimate of it.
    const starts = [500, 700, 1500, 1700, 2500];
    const rounds = [turn(0, 1000, 1400, 2), turn(1, 2000, 2400, 2), turn(2, 3000, 3400, 1)];
    expect(roundsOfRows(starts, rounds)).toEqual([0, 0, 1, 1, 2]);
  });

  test('the rounds of rows are assigned by the start of their invocations, not by the order of the rows', () => {
    expect(roundsOfRows([2100, 1100, 1200], [turn(1, 1000, 1400, 2), turn(2, 2000, 2400, 1)])).toEqual([
      2, 1, 1,
    ]);
  });

  test('the rounds of rows are the nearest in time if the counts do not fit', () => {
    const rounds = [turn(1, 1000, 1400, 1, 3), turn(2, 2000, 2400, 2), turn(3, 3000, 3400, 2)];
    expect(roundsOfRows([0, 1690, 1710, 2690, 2710, 9000], rounds)).toEqual([1, 1, 2, 2, 3, 3]);
  });

  test('the rounds of rows are one and the same if the run has one round, or does not record its rounds', () => {
    expect(roundsOfRows([5, 6], [turn(1, 0, 10, 9)])).toEqual([1, 1]);
    expect(roundsOfRows([5, 6], [])).toEqual([1, 1]);
  });
});

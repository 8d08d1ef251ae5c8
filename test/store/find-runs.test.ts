import { describe, expect, test } from 'vitest';
import type { RunRecord } from '../../src/model/run.ts';
import { findRuns } from '../../src/store/find-runs.ts';

const run = (benchId: string, route: string, name?: string): RunRecord =>
  ({
    id: `${benchId}-${route}-node`,
    benchId,
    runtime: 'node',
    route,
    ...(name === undefined ? {} : { name }),
  }) as unknown as RunRecord;

const ALL = [
  run('20261126-100000-aaaa', 'cat', 'main'),
  run('20261126-100000-aaaa', 'dog', 'main'),
  run('20261126-110000-bbbb', 'sheep'),
  run('20261126-120000-cccc', 'cat'),
];
const ids = (word: string): string[] => findRuns(ALL, word).map(({ id }) => id);

describe('runs are found', () => {
  test('runs are found by an id of a run or of a bench', () => {
    expect(ids('20261126-100000-aaaa-dog-node')).toEqual(['20261126-100000-aaaa-dog-node']);
    expect(ids('20261126-100000-aaaa')).toHaveLength(2);
  });

  test('runs are found by the beginning of an id, as long as it is of one bench', () => {
    expect(ids('20261126-10')).toHaveLength(2);
    expect(ids('20261126-100000-aaaa-c')).toEqual(['20261126-100000-aaaa-cat-node']);
    expect(() => ids('20261126-1')).toThrow(
      "'20261126-1' is the beginning of 3 benches: 20261126-100000-aaaa, 20261126-110000-bbbb, 20261126-120000-cccc.",
    );
  });

  test('runs are found by a name', () => {
    expect(ids('main')).toHaveLength(2);
    expect(() => ids('mian')).toThrow("There is no run or bench 'mian'. Did you mean main?");
  });

  test('runs are found by age: previous is the one before the latest that loaded one of the same functions', () => {
    expect(ids('latest')).toEqual(['20261126-120000-cccc-cat-node']);
    expect(ids('previous')).toEqual(['20261126-100000-aaaa-cat-node', '20261126-100000-aaaa-dog-node']);
  });

  test('no run is found in an empty folder', () => {
    expect(() => findRuns([], 'latest')).toThrow("There is no run or bench 'latest'.");
  });
});

import { describe, expect, test } from 'vitest';
import { chooseRuns, type ReportOptions } from '../../src/commands/report.ts';
import { ShedbenchError } from '../../src/errors.ts';
import type { RunRecord } from '../../src/model/run.ts';

const HOUR_MS = 3_600_000;
const NOW = Date.parse('2026-11-23T12:00:00Z');

/** What choosing looks at; the rest of a record plays no part. */
function run(id: string, hoursAgo: number, changes: Partial<RunRecord> = {}): RunRecord {
  return {
    id,
    benchId: `bench-of-${id}`,
    runtime: 'rust',
    route: 'cat',
    project: 'sheepshed',
    target: { kind: 'aws', region: 'eu-west-3', accountId: '123456789012' },
    startedAtEpochMs: NOW - hoursAgo * HOUR_MS,
    ...changes,
  } as RunRecord;
}

const ids = (runs: readonly RunRecord[]): string[] => runs.map(({ id }) => id);
const choose = (runs: readonly RunRecord[], options: Partial<ReportOptions> = {}): string[] =>
  ids(chooseRuns(runs, { local: false, runIds: [], ...options }, { now: () => NOW }));

describe('which runs a report is about', () => {
  test('is the latest of each route and runtime', () => {
    const runs = [
      run('old', 3),
      run('wolf', 2, { route: 'wolf' }),
      run('new', 1),
      run('py', 0.5, { runtime: 'python' }),
    ];
    expect(choose(runs)).toEqual(['new', 'wolf', 'py']);
  });

  test('never mixes targets: those of the newest run’s alone', () => {
    const local = { kind: 'local', region: 'us-east-1', accountId: '000000000000' } as const;
    const runs = [run('aws', 2), run('here', 1, { target: local, route: 'dog' })];
    expect(choose(runs)).toEqual(['here']);
    expect(choose(runs, { region: 'eu-west-3' })).toEqual(['aws']);
    expect(choose(runs, { local: true })).toEqual(['here']);
  });

  test('is all since a moment, repeated ones included', () => {
    const runs = [run('a', 5), run('b', 1.5), run('c', 1)];
    expect(choose(runs, { since: '2h' })).toEqual(['b', 'c']);
  });

  test('is what a run’s or a bench’s id names', () => {
    const runs = [run('a', 5, { benchId: 'x' }), run('b', 4, { benchId: 'x' }), run('c', 1)];
    expect(choose(runs, { runIds: ['x'] })).toEqual(['a', 'b']);
    expect(choose(runs, { runIds: ['c'] })).toEqual(['c']);
  });

  test('refuses an id that names nothing', () => {
    expect(() => choose([run('a', 1)], { runIds: ['nope'] })).toThrow(ShedbenchError);
    expect(() => choose([run('a', 1)], { runIds: ['nope'] })).toThrow("There is no run or bench 'nope'.");
  });
});

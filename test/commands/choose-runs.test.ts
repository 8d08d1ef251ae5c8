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
  test('a report is about the latest run of each route and runtime', () => {
    const runs = [
      run('old', 3),
      run('wolf', 2, { route: 'wolf' }),
      run('new', 1),
      run('py', 0.5, { runtime: 'python' }),
    ];
    expect(choose(runs)).toEqual(['new', 'wolf', 'py']);
  });

  test('a report is about all settings of the bench that the latest run belongs to', () => {
    const grid = (id: string, memorySizeMB: number) => run(id, 1, { benchId: 'grid', memorySizeMB });
    const runs = [run('old', 3), grid('small', 128), grid('large', 512)];
    expect(choose(runs)).toEqual(['small', 'large']);
  });

  test('a report is about all settings of a local bench that went on in a new cloud, and of no other bench before it', () => {
    const local = (endpoint: string) =>
      ({ kind: 'local', region: 'us-east-1', accountId: '000000000000', endpoint }) as const;
    const runs = [
      run('other', 3, { route: 'dog', target: local('http://127.0.0.1:1') }),
      run('small', 2, { benchId: 'grid', memorySizeMB: 128, target: local('http://127.0.0.1:1') }),
      run('large', 1, { benchId: 'grid', memorySizeMB: 512, target: local('http://127.0.0.1:2') }),
    ];
    expect(choose(runs)).toEqual(['small', 'large']);
  });

  test('a report never mixes targets: it takes only those of the newest run', () => {
    const local = { kind: 'local', region: 'us-east-1', accountId: '000000000000' } as const;
    const runs = [run('aws', 2), run('here', 1, { target: local, route: 'dog' })];
    expect(choose(runs)).toEqual(['here']);
    expect(choose(runs, { region: 'eu-west-3' })).toEqual(['aws']);
    expect(choose(runs, { local: true })).toEqual(['here']);
  });

  test('a report since a moment is about all runs since then, repeated ones included', () => {
    const runs = [run('a', 5), run('b', 1.5), run('c', 1)];
    expect(choose(runs, { since: '2h' })).toEqual(['b', 'c']);
  });

  test('a report of an id is about the run or the bench that it names', () => {
    const runs = [run('a', 5, { benchId: 'x' }), run('b', 4, { benchId: 'x' }), run('c', 1)];
    expect(choose(runs, { runIds: ['x'] })).toEqual(['a', 'b']);
    expect(choose(runs, { runIds: ['c'] })).toEqual(['c']);
  });

  test('an id that names nothing is refused', () => {
    expect(() => choose([run('a', 1)], { runIds: ['nope'] })).toThrow(ShedbenchError);
    expect(() => choose([run('a', 1)], { runIds: ['nope'] })).toThrow("There is no run or bench 'nope'.");
  });
});

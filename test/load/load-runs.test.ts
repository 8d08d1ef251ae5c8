import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ShedTables } from '../../src/contract/shed-tables.ts';
import { createLoadPlan } from '../../src/load/load-plan.ts';
import { isKept, type LoadJob, loadRuns } from '../../src/load/load-runs.ts';
import { shedJob } from '../../src/load/shed-job.ts';
import type { DeployedRuntime, Deployment } from '../../src/model/deployment.ts';
import type { Route } from '../../src/model/route.ts';
import { commandDeps } from '../command-deps.ts';
import { rawServer } from './support/raw-server.ts';

/** Nothing listens there: the one call of each load is refused at once. */
const NOBODY = 'http://127.0.0.1:9';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shedbench-runs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function world() {
  const deps = commandDeps(folder, { now: Date.now, monotonicMs: () => performance.now() });
  const warnings = () => deps.events.flatMap((event) => (event.type === 'warning' ? [event] : []));
  return { deps, warnings };
}

function job(route: Route, target: Partial<Deployment['target']> = {}): LoadJob {
  const plan = createLoadPlan({ route, parallel: 1, calls: 1, m: 0, n: 0, startAt: '1' });
  const runtime = {
    runtime: 'node',
    tableName: 'sheep',
    functions: { [route]: { functionName: 'f', logGroupName: 'g' } },
  } as unknown as DeployedRuntime;
  const deployment = {
    project: 'sheepshed',
    memorySizeMB: 128,
    target: { kind: 'local', accountId: '000000000000', region: 'us-east-1', ...target },
  } as unknown as Deployment;
  return { plan, ...shedJob(route, deployment, runtime), url: NOBODY };
}

const emptySheds = { count: () => Promise.resolve(0) } as unknown as ShedTables;

describe('an empty shed', () => {
  test.each([
    [{}, ' --local'],
    [{ kind: 'aws', region: 'eu-west-3', profile: 'mine' } as const, ' --region eu-west-3 --profile mine'],
  ])('an empty shed is warned about, with commands for the same target: %j', async (target, flags) => {
    const { deps, warnings } = world();
    await loadRuns([job('wolf', target)], { benchId: 'b', rounds: 1, tables: emptySheds }, deps);
    expect(warnings()).toEqual([
      {
        type: 'warning',
        code: 'empty-shed',
        message: 'The shed of node is empty: the wolf has nothing to scan.',
        hint: `shedbench load --route sheep --runtime node${flags} first, or the whole bench: shedbench bench${flags}`,
      },
    ]);
  });

  test.each(['sheep', 'cat'] as const)('an empty shed causes no warning for the %s', async (route) => {
    const { deps, warnings } = world();
    await loadRuns([job(route)], { benchId: 'b', rounds: 1, tables: emptySheds }, deps);
    expect(warnings()).toEqual([]);
  });
});

test('the next load of a URL says that calls which the last one gave up may still run there', async () => {
  const server = await rawServer(() => undefined);
  try {
    const plan = { ...createLoadPlan({ route: 'cat', parallel: 2, calls: 2 }), timeoutMs: 150 };
    const silent: LoadJob = { plan, runtime: 'server', url: server.url };
    const { deps } = world();
    const told = () => deps.events.filter(({ type }) => type === 'note');
    await loadRuns([silent], { benchId: 'a', rounds: 1 }, deps);
    expect(told()).toEqual([]);
    await loadRuns([silent], { benchId: 'b', rounds: 1 }, deps);
    expect(told()).toMatchObject([{ message: expect.stringContaining('gave up may still run there') }]);
  } finally {
    await server.close();
  }
});

describe('the record of a run', () => {
  test('the record of a run is on disk after every turn, with what the machine did until then', async () => {
    const kept: { rounds: number[]; yardsticks: number; state: string }[] = [];
    const probe = {
      yardstickMs: () => 4,
      read: () => ({ atMs: 0 }),
    };
    const { deps } = world();
    const path = join(folder, '.shedbench', 'runs', 'b-cat-node.json');
    const plan = { ...job('cat').plan, calls: 3 };
    const looking = {
      ...deps,
      // The load ends with its `load-end`; before that the record of the last turn is on disk.
      emit: (event: { readonly type: string }) => {
        if (event.type !== 'load-end') return;
        const { rounds, machine, state } = JSON.parse(readFileSync(path, 'utf8'));
        kept.push({
          rounds: rounds.map(({ index }: { index: number }) => index),
          yardsticks: machine.yardsticks.length,
          state,
        });
      },
    };
    const [run] = await loadRuns([{ ...job('cat'), plan }], { benchId: 'b', rounds: 3, probe }, looking);
    // The yardstick after the last round is in the final record alone.
    expect(kept).toEqual([{ rounds: [1, 2, 3], yardsticks: 3, state: 'complete' }]);
    expect(run?.machine?.yardsticks.map(({ beforeRound, ms }) => [beforeRound, ms])).toEqual([
      [1, 4],
      [2, 4],
      [3, 4],
      [4, 4],
    ]);
  });

  test('the yardsticks in the record of a run have times within the run, also if the wall clock is set back', async () => {
    let backMs = 0;
    const probe = {
      yardstickMs: () => {
        backMs = 3_600_000;
        return 4;
      },
      read: () => ({ atMs: 0 }),
    };
    const deps = { ...world().deps, now: () => Date.now() - backMs };
    const before = Date.now();
    const [run] = await loadRuns([job('cat')], { benchId: 'b', rounds: 2, probe }, deps);
    const times = run?.machine?.yardsticks.map(({ atEpochMs }) => atEpochMs) ?? [];
    expect(times.length).toBeGreaterThan(1);
    for (const atEpochMs of times) expect(atEpochMs).toBeGreaterThan(before - 1);
  });

  test('the record of a run holds the interpreter as soon as the local cloud knows it, and what was enforced for its memory size', async () => {
    const answers = [undefined, '20.20.2'];
    const cloud = {
      pid: process.pid,
      startedAtEpochMs: 0,
      startsAtOnce: 2,
      interpreterOf: () => Promise.resolve(answers.shift()),
      enforcedCpu: async (memorySizeMB: number) => ({
        controlGroupVersion: 1 as const,
        periodUs: 20_000,
        quotaUs: memorySizeMB,
        periods: 2,
        throttledPeriods: 1,
        dynamodbLatency: '5 ms',
      }),
    };
    const plan = { ...job('cat').plan, calls: 3 };
    const base = job('cat');
    if (base.about === undefined) throw new Error('nothing is known of the function');
    const about = { ...base.about, lambdaRuntime: 'nodejs24.x' };
    const [run] = await loadRuns(
      [{ ...base, plan, about }],
      { benchId: 'b', rounds: 3, cloud },
      world().deps,
    );
    expect(run?.interpreter).toBe('20.20.2');
    expect(run?.enforcedCpu).toMatchObject({ quotaUs: run?.memorySizeMB, throttledPeriods: 1 });
    expect(answers).toEqual([]);
  });

  test('the record of a run that can not be written leaves the run to be shown, with the reason', async () => {
    mkdirSync(join(folder, '.shedbench', 'runs', 'b-cat-node.json'), { recursive: true });
    const [run, ...others] = await loadRuns([job('cat')], { benchId: 'b', rounds: 1 }, world().deps);
    expect(others).toEqual([]);
    if (run === undefined) throw new Error('no run');
    expect(isKept(run)).toBe(false);
    expect(run.accounting).toMatchObject({ calls: 1, errors: 1 });
    expect(run.warnings.at(-1)).toMatchObject({
      code: 'run-not-kept',
      message: expect.stringMatching(
        /^The record of this run is not on disk: .*b-cat-node\.json is a folder, not a file\.$/,
      ),
    });
  });

  test('the record of a run that is on disk says nothing of it', async () => {
    const [run] = await loadRuns([job('cat')], { benchId: 'b', rounds: 1 }, world().deps);
    expect(run === undefined ? undefined : isKept(run)).toBe(true);
  });

  test.each([
    ['.shedbench', 'ENOTDIR'],
    [join('.shedbench', 'runs'), 'odd-file'],
  ])(
    'the record of a run is known to have no place before the first call is sent: %s is a file',
    async (place, code) => {
      mkdirSync(dirname(join(folder, place)), { recursive: true });
      writeFileSync(join(folder, place), 'a file');
      const { deps } = world();
      const events: string[] = [];
      await expect(
        loadRuns(
          [job('cat')],
          { benchId: 'b', rounds: 1 },
          { ...deps, emit: (event) => events.push(event.type) },
        ),
      ).rejects.toMatchObject({ code });
      expect(events).toEqual([]);
    },
  );
});

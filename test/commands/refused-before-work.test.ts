import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BenchFunctionsOptions, benchFunctions } from '../../src/commands/bench/bench-functions.ts';
import { bench } from '../../src/commands/bench.ts';
import { compare } from '../../src/commands/compare.ts';
import { forecast } from '../../src/commands/forecast.ts';
import { load } from '../../src/commands/load.ts';
import { report } from '../../src/commands/report.ts';
import type { CommandDeps } from '../../src/model/command.ts';
import { type RunChanges, runRecord } from '../report/fixtures.ts';

/*
 * No target can be opened here: there is no local cloud in the folder, and the environment names no region. A command
 * that first opens its target fails with another error than the expected one.
 */
let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'shedbench-refused-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

const never = new AbortController().signal;
const deps = () =>
  ({
    cwd,
    env: {},
    emit: () => undefined,
    now: () => Date.UTC(2026, 10, 27),
    sleep: async () => undefined,
    interrupt: { first: never, second: never },
    interactive: false,
    random: () => 0.5,
    toolVersion: '0.1.0',
  }) as unknown as CommandDeps;

const BENCH = {
  local: true,
  handlerDirs: [],
  routes: ['cat', 'dog'],
  parallel: 10,
  calls: 60,
  m: 3,
  n: 8,
  startAt: '1',
  failIf: [],
  failIfUnsure: false,
  resumes: false,
  stopWhenFlat: false,
  teardown: false,
  assumeYes: false,
} as const;

describe('bench before any work', () => {
  test.each([
    ['curves over memory with one memory size', { showsCurves: true, memorySizeMB: 512 }, 'no-sweep'],
    [
      'curves over memory with two architectures at one size',
      { showsCurves: true, grid: { architectures: ['arm64', 'x86_64'], memorySizesMB: [512] } },
      'no-sweep',
    ],
    ['more loaders than calls in flight', { from: { loaders: 11 } }, 'too-many-loaders'],
    [
      'a rule about a route that is left out',
      { runtimes: ['node'], failIf: ['wolf:p99>1s'] },
      'unknown-scope',
    ],
    ['an unknown baseline', { runtimes: ['node'], baseline: 'rust' }, 'unknown-baseline'],
  ] as const)('bench refuses %s', async (_, options, code) => {
    const refused = bench({ ...BENCH, ...options }, deps(), async () => undefined);
    await expect(refused).rejects.toMatchObject({ code, exitCode: 2 });
    expect(existsSync(join(cwd, '.shedbench'))).toBe(false);
  });
});

describe('bench --function before any work', () => {
  const refusal = async (options: Partial<BenchFunctionsOptions>) =>
    await benchFunctions({ ...BENCH, functions: ['orders-node', 'orders-rust'], ...options }, deps()).catch(
      (error: unknown) => error,
    );

  test('bench --function refuses a baseline that is none of its functions, and names those', async () => {
    expect(await refusal({ baseline: 'orders-go' })).toMatchObject({
      code: 'unknown-baseline',
      exitCode: 2,
      hint: '--baseline takes one of orders-node, orders-rust',
    });
    expect(await refusal({ baseline: 'orders-rust' })).toMatchObject({ code: 'no-local-cloud' });
  });

  test.each([
    ['a memory size', { memorySizeMB: 512 }],
    ['several memory sizes', { grid: { architectures: [], memorySizesMB: [128, 512] } }],
    ['forced cold starts', { coldStarts: 20 }],
  ])('bench --function refuses %s of a version, whose settings cannot be changed', async (_, options) => {
    expect(await refusal({ functions: ['orders-node:prod'], ...options })).toMatchObject({
      code: 'qualified-function',
      exitCode: 2,
      hint: 'Name the function alone: orders-node',
    });
    expect(await refusal({ functions: ['orders-node:$LATEST'], ...options })).toMatchObject({
      code: 'no-local-cloud',
    });
  });

  test.each([
    ['more rounds than calls', { calls: 5, rounds: 6 }, 'too-many-rounds'],
    ['a region without prices', { priceRegion: 'eu-west-33' }, 'no-prices'],
    ['a rule about another function', { failIf: ['orders-go:p99>1s'] }, 'unknown-scope'],
    ['curves over memory with one memory size', { showsCurves: true }, 'no-sweep'],
  ])('bench --function refuses %s', async (_, options, code) => {
    expect(await refusal(options)).toMatchObject({ code, exitCode: 2 });
  });
});

describe('load before any work', () => {
  const LOAD = {
    local: true,
    insecure: false,
    failIf: [],
    sigv4: false,
    parallel: 1,
    calls: 5,
    functions: ['f:prod'],
  };

  test('load refuses forced cold starts of a version, whose environments would stay', async () => {
    await expect(load({ ...LOAD, coldStarts: 2 }, deps())).rejects.toMatchObject({
      code: 'qualified-function',
      exitCode: 2,
    });
  });

  test('load refuses more rounds than calls', async () => {
    await expect(load({ ...LOAD, rounds: 6 }, deps())).rejects.toMatchObject({ code: 'too-many-rounds' });
  });
});

describe('the commands that read rows, before they do', () => {
  async function keepRun(changes: RunChanges = {}): Promise<string> {
    const run = runRecord('rust', 'cat', changes);
    await mkdir(join(cwd, '.shedbench', 'runs'), { recursive: true });
    await writeFile(join(cwd, '.shedbench', 'runs', `${run.id}.json`), JSON.stringify(run));
    return run.id;
  }

  test('report refuses curves over memory of runs that have one memory size', async () => {
    const id = await keepRun();
    const refused = report({ local: false, runIds: [id], showsCurves: true }, deps());
    await expect(refused).rejects.toMatchObject({ code: 'no-sweep', exitCode: 2 });
    const window = report({ local: true, runIds: [], functions: ['f'], showsCurves: true }, deps());
    await expect(window).rejects.toMatchObject({ code: 'no-sweep', exitCode: 2 });
  });

  test('compare refuses an unknown second side before it reads the first', async () => {
    const id = await keepRun();
    const options = {
      local: false,
      before: id,
      after: 'nonesuch',
      failIf: [],
      failIfUnsure: false,
      force: false,
    };
    await expect(compare(options, deps())).rejects.toMatchObject({ code: 'no-such-run', exitCode: 2 });
  });

  test('forecast refuses runs on AWS', async () => {
    const id = await keepRun();
    await expect(forecast({ local: false, runIds: [id] }, deps())).rejects.toMatchObject({
      code: 'nothing-to-forecast',
      exitCode: 2,
    });
  });
});

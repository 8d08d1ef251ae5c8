import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BenchFunctionsOptions, benchFunctions } from '../../src/commands/bench/bench-functions.ts';
import { bench } from '../../src/commands/bench.ts';
import { type CompareOptions, compare } from '../../src/commands/compare.ts';
import { forecast } from '../../src/commands/forecast.ts';
import { load } from '../../src/commands/load.ts';
import { report } from '../../src/commands/report.ts';
import type { LoadOptions } from '../../src/load/load-options.ts';
import type { CommandDeps } from '../../src/model/command.ts';
import { type RunChanges, runRecord } from '../report/fixtures.ts';
import { FEWEST } from './fewest-options.ts';

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

/** A folder with a build of the shed. */
const NODE = fileURLToPath(new URL('../../handlers/node', import.meta.url));

const BENCH = { ...FEWEST, routes: ['cat', 'dog'] } as const;

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
    ['a rule about a runtime that does not exist', { failIf: ['nodee:p99>1s'] }, 'unknown-scope'],
    ['a baseline that does not exist', { baseline: 'cobol' }, 'unknown-baseline'],
    [
      'a rule about the base of two builds',
      { againstDir: NODE, runtimes: ['node'], failIf: ['node-against:p50>+10%'] },
      'scope-not-judged',
    ],
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
    ['more loaders than calls in flight', { from: { loaders: 8 }, parallel: 2 }, 'too-many-loaders'],
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
    await expect(load({ ...LOAD, calls: 1, rounds: 2 }, deps())).rejects.toThrow(
      '2 rounds need at least 2 calls; there is 1.',
    );
  });

  test.each([
    ['of a route', { functions: undefined, route: 'cat' }],
    ['of a function', { functions: ['f'] }],
    ['of a server', { functions: undefined, url: 'https://a.example/', request: {} }],
  ] as const)('load %s refuses more loaders than calls in flight', async (_, subject) => {
    const { functions: _functions, ...rest } = LOAD;
    const asked = { ...rest, ...subject, from: { loaders: 8 }, parallel: 2 } as LoadOptions;
    await expect(load(asked, deps())).rejects.toMatchObject({ code: 'too-many-loaders', exitCode: 2 });
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

  describe('compare', () => {
    const refused = async (options: Partial<CompareOptions>) =>
      await compare(
        { local: false, before: 'bench-1', failIf: [], failIfUnsure: false, force: false, ...options },
        deps(),
      ).catch((error: unknown) => error);

    test('compare refuses an unknown second side before it reads the first', async () => {
      const before = await keepRun();
      expect(await refused({ before, after: 'nonesuch' })).toMatchObject({
        code: 'no-such-run',
        exitCode: 2,
      });
    });

    test('compare --along refuses runs that have one value along the dimension', async () => {
      await keepRun();
      expect(await refused({ along: 'memory' })).toMatchObject({ code: 'one-value', exitCode: 2 });
    });

    test('compare refuses a function in several settings beside another report', async () => {
      await keepRun();
      await keepRun({ id: 'large', memorySizeMB: 512 });
      expect(await refused({ after: 'large' })).toMatchObject({ code: 'mixed-settings', exitCode: 2 });
    });

    test('compare refuses runs among which there are no two builds', async () => {
      await keepRun();
      expect(await refused({})).toMatchObject({ code: 'no-builds', exitCode: 2 });
    });

    test('compare refuses a rule about the base of two builds, and names the builds that it can judge', async () => {
      await keepRun();
      await keepRun({ id: 'base', runtime: 'rust-against' });
      expect(await refused({ failIf: ['rust-against:p50>+10%'] })).toMatchObject({
        code: 'scope-not-judged',
        exitCode: 2,
        message:
          "--fail-if 'rust-against:p50>+10%' is about rust-against, which is not compared with a base, so the rule can't judge it.",
        hint: 'Builds and routes that rules can judge: rust, cat',
      });
      expect(await refused({ failIf: ['ruts:p50>+10%'] })).toMatchObject({ code: 'unknown-scope' });
    });
  });

  test('forecast refuses runs on AWS', async () => {
    const id = await keepRun();
    await expect(forecast({ local: false, runIds: [id] }, deps())).rejects.toMatchObject({
      code: 'nothing-to-forecast',
      exitCode: 2,
    });
  });
});

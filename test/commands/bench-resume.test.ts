import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BenchOptions, benchOptions } from '../../src/commands/bench/bench-options.ts';
import { bench } from '../../src/commands/bench.ts';
import { gridRecord, unfinishedGrid, writeGrid } from '../../src/store/grids.ts';
import { commandDeps } from '../command-deps.ts';
import { FEWEST } from './fewest-options.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'shedbench-resume-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

/** The options with every member that a bench can have. */
const ALL: BenchOptions = {
  ...FEWEST,
  project: 'shed',
  region: 'us-east-1',
  profile: 'me',
  runtimes: ['node'],
  handlerDirs: ['mine'],
  againstDir: 'theirs',
  lambdaRuntimes: ['node=nodejs22.x'],
  architecture: 'arm64',
  memorySizeMB: 128,
  allowOrigin: '*',
  logRetentionDays: 7,
  asLambda: { dynamodbLatency: { kind: 'scaled', factor: 2 } },
  grid: { architectures: ['arm64'], memorySizesMB: [128, 512] },
  rounds: 3,
  name: 'mine',
  coldStarts: 30,
  warmup: '10s',
  timeoutSeconds: 0.5,
  from: { loaders: 2 },
  failIf: ['p99>250ms'],
  waitSeconds: 0,
  baseline: 'node',
  priceRegion: 'us-east-1',
  percentiles: [50, 99.9],
  showsCurves: false,
};

const SETTING = { memorySizeMB: 128, architecture: 'arm64' as const };
const write = async (options: unknown): Promise<string> => {
  await writeGrid(
    cwd,
    gridRecord({
      benchId: 'b-1',
      state: 'running',
      options,
      settings: [SETTING],
      done: [],
      startedAtEpochMs: 1,
    }),
  );
  return join(cwd, '.shedbench', 'grids');
};

test.each([FEWEST, ALL])(
  'a bench is continued with the options that it was started with',
  async (options) => {
    await write(options);
    expect((await unfinishedGrid(cwd, benchOptions, () => undefined))?.options).toEqual(options);
  },
);

test.each([
  ['a text', '{', 'options is "{", not an object'],
  ['nothing', null, 'options is null, not an object'],
  ['options of another kind', { ...FEWEST, grid: 5 }, 'options.grid is 5, not an object'],
  ['an unknown route', { ...FEWEST, routes: ['cow'] }, 'options.routes[0] is "cow"'],
  ['no connections', { ...FEWEST, parallel: 0 }, 'options.parallel is 0, not a whole number from 1'],
  ['more rounds than a list can have', { ...FEWEST, rounds: 1e12 }, 'options.rounds is 1000000000000'],
  ['a project that leaves its folder', { ...FEWEST, project: '../x' }, 'options.project is "../x"'],
])('bench --resume sets aside a record whose options are %s', async (_name, options, reason) => {
  const folder = await write(options);
  const deps = commandDeps(cwd);
  const resumed = bench({ ...FEWEST, resumes: true }, deps, async () => undefined);
  await expect(resumed).rejects.toMatchObject({ code: 'nothing-to-resume', exitCode: 2 });
  expect(deps.events).toMatchObject([
    { type: 'warning', code: 'document-damaged', message: expect.stringContaining(reason) },
  ]);
  expect(readdirSync(folder)).toEqual(['b-1.json.damaged']);
});

test('bench --resume leaves a record of another version where it is, with a warning', async () => {
  const folder = await write(FEWEST);
  const path = join(folder, 'b-1.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace('shedbench/grid@2', 'shedbench/grid@1'));
  const deps = commandDeps(cwd);
  const resumed = bench({ ...FEWEST, resumes: true }, deps, async () => undefined);
  await expect(resumed).rejects.toMatchObject({ code: 'nothing-to-resume' });
  expect(deps.events).toMatchObject([{ code: 'document-version' }]);
  expect(readdirSync(folder)).toEqual(['b-1.json']);
});

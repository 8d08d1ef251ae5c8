import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gridRecord, unfinishedGrid, writeGrid } from '../../src/store/grids.ts';
import { object } from '../../src/store/shapes.ts';

const anyOptions = object<Readonly<Record<never, never>>>({});

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'shedbench-grids-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function grid(benchId: string, startedAtEpochMs: number, state: 'running' | 'done' = 'running') {
  const settings = [{ memorySizeMB: 128, architecture: 'arm64' as const }];
  return gridRecord({ benchId, state, options: {}, settings, done: [], startedAtEpochMs });
}

test('the grid to go on with is the latest that did not come to its end', async () => {
  expect(await unfinishedGrid(cwd, anyOptions, () => {})).toBeUndefined();
  await writeGrid(cwd, grid('b-2', 2));
  await writeGrid(cwd, grid('b-1', 1));
  await writeGrid(cwd, grid('b-3', 3, 'done'));
  expect((await unfinishedGrid(cwd, anyOptions, () => {}))?.benchId).toBe('b-2');
});

test('a damaged record of a grid is set aside with a warning', async () => {
  await writeGrid(cwd, grid('b-1', 1));
  writeFileSync(join(cwd, '.shedbench', 'grids', 'b-2.json'), '{"schema":"shedbench/grid@2"}');
  const warnings: string[] = [];
  const found = await unfinishedGrid(cwd, anyOptions, (event) => {
    if (event.type === 'warning') warnings.push(event.code);
  });
  expect(found?.benchId).toBe('b-1');
  expect(warnings).toEqual(['document-damaged']);
});

test('a record of a grid under the name of another is set aside with a warning', async () => {
  await writeGrid(cwd, grid('b-1', 1));
  const folder = join(cwd, '.shedbench', 'grids');
  renameSync(join(folder, 'b-1.json'), join(folder, 'b-2.json'));
  const warnings: string[] = [];
  await unfinishedGrid(cwd, anyOptions, (event) => {
    if (event.type === 'warning') warnings.push(event.message);
  });
  expect(warnings).toEqual([
    `The record of a grid ${join(folder, 'b-2.json')} is damaged: its content is that of b-1.json; it is now b-2.json.damaged`,
  ]);
});

test('the id of a bench that is no file name is refused, and nothing is written', async () => {
  await expect(writeGrid(cwd, grid('../b-1', 1))).rejects.toMatchObject({ code: 'bad-run-id', exitCode: 2 });
  expect(readdirSync(cwd)).toEqual([]);
});

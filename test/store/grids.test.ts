import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gridRecord, unfinishedGrid, writeGrid } from '../../src/store/grids.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'shedbench-grids-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function grid(benchId: string, startedAtEpochMs: number, state: 'running' | 'done' = 'running') {
  const settings = [{ memorySizeMB: 128, architecture: 'arm64' as const }];
  return gridRecord({ benchId, state, options: '{}', settings, done: [], startedAtEpochMs });
}

test('the grid to go on with is the latest that did not come to its end', async () => {
  expect(await unfinishedGrid(cwd, () => {})).toBeUndefined();
  await writeGrid(cwd, grid('b-2', 2));
  await writeGrid(cwd, grid('b-1', 1));
  await writeGrid(cwd, grid('b-3', 3, 'done'));
  expect((await unfinishedGrid(cwd, () => {}))?.benchId).toBe('b-2');
});

test('a damaged record of a grid is set aside with a warning', async () => {
  await writeGrid(cwd, grid('b-1', 1));
  writeFileSync(join(cwd, '.shedbench', 'grids', 'b-2.json'), '{"schema":"shedbench/grid@1"}');
  const warnings: string[] = [];
  const found = await unfinishedGrid(cwd, (event) => {
    if (event.type === 'warning') warnings.push(event.code);
  });
  expect(found?.benchId).toBe('b-1');
  expect(warnings).toEqual(['document-damaged']);
});

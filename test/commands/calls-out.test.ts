import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { load } from '../../src/commands/load.ts';
import { commandDeps } from '../command-deps.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'shedbench-calls-out-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

test('a load that is refused keeps the file of calls of an earlier load', async () => {
  const file = join(cwd, 'calls.csv');
  await writeFile(file, 'an earlier load');
  const options = {
    route: 'dog',
    insecure: false,
    failIf: [],
    sigv4: false,
    // No local cloud runs for this folder.
    local: true,
    callsOut: 'calls.csv',
  } as const;
  await expect(load(options, commandDeps(cwd))).rejects.toMatchObject({ code: 'no-local-cloud' });
  expect(await readFile(file, 'utf8')).toBe('an earlier load');
});

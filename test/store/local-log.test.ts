import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openNewLocalLog } from '../../src/store/local-log.ts';
import { localPaths } from '../../src/store/local-state.ts';

let folder: string;
let logFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shedbench-log-'));
  logFile = localPaths(folder).logFile;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a new log is empty, and the log of the previous cloud is kept as local.log.1', async () => {
  for (const text of ['first', 'second']) {
    const log = await openNewLocalLog(folder);
    await log.write(text);
    await log.close();
  }
  expect(readFileSync(logFile, 'utf8')).toBe('second');
  expect(readFileSync(`${logFile}.1`, 'utf8')).toBe('first');
});

test.each(['local.log', 'local.log.1'])(
  'a new log refuses a link in the place of %s by name',
  async (name) => {
    const outside = join(folder, 'outside');
    writeFileSync(outside, 'kept');
    mkdirSync(localPaths(folder).directory);
    const path = join(localPaths(folder).directory, name);
    symlinkSync(outside, path);
    await expect(openNewLocalLog(folder)).rejects.toMatchObject({
      code: 'odd-file',
      exitCode: 2,
      message: `${path} is a symbolic link, not a file.`,
    });
    expect(readFileSync(outside, 'utf8')).toBe('kept');
  },
);

import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeOutput } from '../../src/cli/present-report.ts';
import { OPENED_PAGE } from '../../src/store/opened-page.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'shedbench-page-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

test('the page that --open shows is written into a folder that need not exist yet', async () => {
  await writeOutput(OPENED_PAGE, 'page', { cwd });
  expect(await readFile(join(cwd, '.shedbench', 'report.html'), 'utf8')).toBe('page');
});

test.skipIf(process.platform === 'win32')(
  'the page that --open shows is never written through a link',
  async () => {
    const elsewhere = join(cwd, 'elsewhere');
    await writeFile(elsewhere, 'kept');
    await mkdir(join(cwd, '.shedbench'));
    await symlink(elsewhere, join(cwd, OPENED_PAGE));
    await expect(writeOutput(OPENED_PAGE, 'page', { cwd })).rejects.toMatchObject({
      code: 'odd-file',
      message: `${join(cwd, OPENED_PAGE)} is a symbolic link, not a file.`,
    });
    expect(await readFile(elsewhere, 'utf8')).toBe('kept');
  },
);

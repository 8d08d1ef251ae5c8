import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkReportFlags, writeOutput } from '../../src/cli/present-report.ts';
import { PLACES } from '../../src/store/places.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'shedbench-page-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

test('the page that --open shows is written into a folder that need not exist yet', async () => {
  await writeOutput(PLACES.openedPage, 'page', { cwd });
  expect(await readFile(join(cwd, '.shedbench', 'report.html'), 'utf8')).toBe('page');
});

test.skipIf(process.platform === 'win32')(
  'the page that --open shows is never written through a link',
  async () => {
    const elsewhere = join(cwd, 'elsewhere');
    await writeFile(elsewhere, 'kept');
    await mkdir(join(cwd, '.shedbench'));
    await symlink(elsewhere, join(cwd, PLACES.openedPage));
    await expect(writeOutput(PLACES.openedPage, 'page', { cwd })).rejects.toMatchObject({
      code: 'odd-file',
      message: `${join(cwd, PLACES.openedPage)} is a symbolic link, not a file.`,
    });
    expect(await readFile(elsewhere, 'utf8')).toBe('kept');
  },
);

test('an output file whose folder is missing or that is a folder is refused before the work', async () => {
  await mkdir(join(cwd, 'page.html'));
  const check = (name: string) => () => checkReportFlags({ output: [join(cwd, name)] }, false);
  expect(check('report.html')).not.toThrow();
  expect(check('nowhere/report.html')).toThrow(expect.objectContaining({ code: 'no-such-folder' }));
  expect(check('page.html')).toThrow(
    expect.objectContaining({
      code: 'file-trouble',
      message: `${join(cwd, 'page.html')} is a folder, not a file.`,
      exitCode: 2,
    }),
  );
});

// Root may write everywhere.
test.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
  'an output file that may not be written is refused before the work',
  async () => {
    await writeFile(join(cwd, 'report.html'), '', { mode: 0o444 });
    expect(() => checkReportFlags({ output: [join(cwd, 'report.html')] }, false)).toThrow(
      expect.objectContaining({ code: 'file-trouble', exitCode: 2 }),
    );
  },
);

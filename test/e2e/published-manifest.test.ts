import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { installedFolder } from './installed.ts';

test('the published manifest has no scripts, which npm would run or warn of, and no devDependencies', async () => {
  const installed = join(await installedFolder(), 'node_modules/shedbench/package.json');
  expect(Object.keys(JSON.parse(readFileSync(installed, 'utf8')))).toEqual([
    'name',
    'version',
    'description',
    'license',
    'type',
    'bin',
    'files',
    'engines',
    'keywords',
  ]);
}, 180_000);

const BUILT = ['rust', 'go']
  .map((language) => join('handlers', language, 'prebuilt'))
  .filter((folder) => existsSync(inRepository(folder)));

test.each(BUILT)(
  'the published package has every file of %s',
  async (folder) => {
    const installed = join(await installedFolder(), 'node_modules/shedbench', folder);
    const files = filesIn(inRepository(folder));
    expect(files.length).toBeGreaterThan(0);
    expect(filesIn(installed)).toEqual(files);
  },
  180_000,
);

function inRepository(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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

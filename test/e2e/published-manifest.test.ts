import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';

test('the published manifest has no scripts, which npm would run or warn of, and no devDependencies', () => {
  const installed = join(inject('installedIn'), 'node_modules/shedbench/package.json');
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
});

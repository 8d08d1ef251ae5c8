import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hashOfSources, isBuilt, writeStamp } from '../../build-stamp.mjs';

describe('the stamp of a build', () => {
  let root: string;
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  };
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'shedbench-stamp-test-'));
    for (const name of [
      'src/main.ts',
      'handlers/node/src/cat.ts',
      'package.json',
      'build.mjs',
      'dist/main.js',
    ])
      write(name, 'one');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test('a program without a stamp counts as not built', async () => {
    expect(await isBuilt(root)).toBe(false);
  });

  test('a program counts as built while neither its sources nor dist/ change', async () => {
    await writeStamp(await hashOfSources(root), root);
    expect(await isBuilt(root)).toBe(true);
    write('README.md', 'two');
    expect(await isBuilt(root)).toBe(true);
  });

  test.each([
    ['a source', 'src/main.ts', 'two'],
    ['a new source', 'src/render/table.ts', 'one'],
    ['a source of the handlers', 'handlers/node/src/cat.ts', 'two'],
    ['a script of the build', 'build.mjs', 'two'],
    ['a new script of the build', 'bundle-options.mjs', 'one'],
    ['the list of packages', 'package-lock.json', 'one'],
    ['a built file', 'dist/main.js', 'two'],
    ['a new file among the built ones', 'dist/chunks/a.js', 'one'],
  ])('a program counts as not built after a change of %s', async (_, name, text) => {
    await writeStamp(await hashOfSources(root), root);
    write(name, text);
    expect(await isBuilt(root)).toBe(false);
  });

  test('a program counts as not built if a source changed during the build', async () => {
    const sources = await hashOfSources(root);
    write('src/main.ts', 'two');
    await writeStamp(sources, root);
    expect(await isBuilt(root)).toBe(false);
  });
});

import { execFileSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const SOURCE = fileURLToPath(new URL('../src/compiled-chunks.ts', import.meta.url));

const isRoot = process.getuid?.() === 0;

let folder = '';

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shedbench-chunks-'));
  mkdirSync(join(folder, 'dist', 'chunks'), { recursive: true });
  write('main-1.cjs', 'const { text } = require("./chunks/part-1.cjs"); console.log(text());');
  write('chunks/part-1.cjs', 'exports.text = () => "one";');
  await build({
    stdin: {
      contents: `import { runProgram } from ${JSON.stringify(SOURCE)}; runProgram(__dirname, 'main-1.cjs');`,
      resolveDir: folder,
    },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile: join(folder, 'dist', 'main.cjs'),
    logLevel: 'error',
  });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): void {
  writeFileSync(join(folder, 'dist', name), text);
}

function run(...options: string[]): string {
  const args = [...options, join(folder, 'dist', 'main.cjs')];
  return execFileSync(process.execPath, args, { encoding: 'utf8' }).trim();
}

/** The paths of the files of the cache, without its own folder and those of V8's versions. */
function cached(): { path: string; name: string }[] {
  const cache = join(folder, '.cache');
  if (!existsSync(cache)) return [];
  return readdirSync(cache).flatMap((tag) =>
    readdirSync(join(cache, tag)).map((name) => ({ path: join(cache, tag, name), name })),
  );
}

describe('a program in chunks', () => {
  test('a program in chunks finds its other chunks, modules of Node and the URL of its own file', () => {
    write(
      'main-1.cjs',
      'console.log(require("node:os").EOL === "\\n", module.url, require("./chunks/part-1.cjs").text());',
    );
    expect(run()).toBe(`true ${pathToFileURL(join(folder, 'dist', 'main-1.cjs')).href} one`);
  });

  test('a program in chunks uses at its second start what V8 compiled at its first one', () => {
    expect(run()).toBe('one');
    expect(cached().map(({ name }) => name)).toEqual(['chunks-part-1.cjs', 'main-1.cjs']);
    // V8 notices another length of the text only. A new text has a new name in a build.
    write('chunks/part-1.cjs', 'exports.text = () => "two";');
    expect(run()).toBe('one');
  });

  test('a program in chunks does not write its cache again while it is valid', () => {
    run();
    const before = cached().map(({ path }) => statSync(path).ino);
    run();
    expect(cached().map(({ path }) => statSync(path).ino)).toEqual(before);
  });

  test('a program in chunks replaces a file of its cache that was cut', () => {
    run();
    for (const { path } of cached()) truncateSync(path, 100);
    expect(run()).toBe('one');
    expect(cached().every(({ path }) => statSync(path).size > 100)).toBe(true);
    expect(cached()).toHaveLength(2);
  });

  test('a program in chunks runs without a cache where none can be written', () => {
    writeFileSync(join(folder, '.cache'), 'a file');
    expect(run()).toBe('one');
    expect(readFileSync(join(folder, '.cache'), 'utf8')).toBe('a file');
  });

  test.skipIf(!isRoot)(
    'a program in chunks writes no file into the package of another user, who could not remove it',
    () => {
      chownSync(folder, 12_345, 12_345);
      expect(run()).toBe('one');
      expect(cached()).toEqual([]);
    },
  );

  const setFactor = (factor: number) =>
    `require("node:v8").setFlagsFromString("--semi-space-growth-factor=${factor}");`;

  test('a program in chunks keeps code only for the flags of V8 with which it was compiled', () => {
    write('main-1.cjs', `${setFactor(1)} console.log(require("./chunks/part-1.cjs").text());`);
    expect(run()).toBe('one');
    expect(cached().map(({ name }) => name)).toEqual(['chunks-part-1.cjs']);
    write('chunks/part-1.cjs', 'exports.text = () => "two";');
    expect(run()).toBe('one');
  });

  test('a program in chunks keeps code for each set of flags of V8, if the program restores them at its exit', () => {
    const restore = `process.prependOnceListener("exit", () => { ${setFactor(2)} });`;
    const main = (text: string) =>
      `${setFactor(1)} ${restore} console.log("${text}", require("./chunks/part-1.cjs").text());`;
    write('main-1.cjs', main('one'));
    expect(run()).toBe('one one');
    expect(cached().map(({ name }) => name)).toHaveLength(2);
    write('main-1.cjs', main('two'));
    write('chunks/part-1.cjs', 'exports.text = () => "two";');
    expect(run()).toBe('one one');
  });

  test('a program with a larger young generation uses the code that was compiled without that option', () => {
    write('main-1.cjs', 'console.log(process.execArgv.length, require("./chunks/part-1.cjs").text());');
    expect(run()).toBe('0 one');
    write('chunks/part-1.cjs', 'exports.text = () => "two";');
    expect(run('--max-semi-space-size=32')).toBe('1 one');
    expect(cached()).toHaveLength(2);
  });

  test('a program with a larger young generation keeps its size', () => {
    write(
      'main-1.cjs',
      `let kept = [], most = 0;
      const space = () => require("node:v8").getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
      for (let count = 0; count < 1_000_000; count += 1) {
        kept.push({ count });
        if (kept.length > 100_000) kept = [];
        if (count % 10_000 === 0) most = Math.max(most, space().space_size);
      }
      console.log(most / 2 ** 20);`,
    );
    expect(run('--max-semi-space-size=4')).toBe('8');
  });

  test('a program whose chunk is missing fails with Node’s error', () => {
    rmSync(join(folder, 'dist', 'chunks', 'part-1.cjs'));
    expect(() =>
      execFileSync(process.execPath, [join(folder, 'dist', 'main.cjs')], { stdio: 'pipe' }),
    ).toThrow('ENOENT');
  });
});

import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkNameLengths, discoverRuntimes } from '../../../src/deploy/artifacts/discover-runtimes.ts';
import { withBuilds } from '../../../src/deploy/artifacts/make-artifacts.ts';
import { loadManifest, MANIFEST_FILE } from '../../../src/deploy/artifacts/manifest.ts';
import { ShedbenchError } from '../../../src/errors.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const schema: object = JSON.parse(readFileSync(join(ROOT, 'handlers/shedbench.schema.json'), 'utf8'));
const isValid = new Ajv2020({ strict: true, strictRequired: false }).compile(schema);

const fn = { handler: 'index.handler', files: { 'index.mjs': 'index.mjs' } };
const GOOD = {
  label: 'deno',
  lambdaRuntime: 'provided.al2023',
  architectures: ['arm64', 'x86_64'],
  functions: { cat: fn, sheep: fn, dog: fn, wolf: fn },
};
const TOOL = { name: 'deno', command: ['deno', '--version'], install: 'Deno from https://deno.com' };
const BUILD = { command: ['deno', 'compile'], sources: ['src'], output: 'dist/{arch}', tools: [TOOL] };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shedbench-manifest-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, content: unknown): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

function refusal(action: () => unknown): ShedbenchError {
  try {
    action();
  } catch (error) {
    if (error instanceof ShedbenchError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a manifest', () => {
  test('a manifest is read with its folder, its build resolved', () => {
    const file = write(MANIFEST_FILE, { ...GOOD, build: { ...BUILD, workingFolder: 'src' } });
    mkdirSync(join(folder, 'src'));
    const manifest = loadManifest(file);
    expect(manifest.label).toBe('deno');
    expect(manifest.functions.wolf).toEqual(fn);
    expect(manifest.build?.workingFolder).toBe(join(manifest.folder, 'src'));
    expect(manifest.build?.tools).toEqual([TOOL]);
  });

  test('a manifest of this repository is valid, by the loader and by the schema', () => {
    for (const path of ['handlers/go', 'handlers/node', 'handlers/python', 'handlers/rust']) {
      const file = join(ROOT, path, MANIFEST_FILE);
      expect(loadManifest(file).label).toBe(path.split('/').at(-1));
      expect(isValid(JSON.parse(readFileSync(file, 'utf8')))).toBe(true);
    }
  });

  // Each with the pointer and the expectation that the message must give; the published schema refuses the same.
  test.each<[string, unknown, string, string]>([
    ['no object', [], 'the document', 'an object, not []'],
    ['an unknown member', { ...GOOD, runtime: 'x' }, '/runtime', 'is not known'],
    ['no label', { ...GOOD, label: undefined }, '/label', 'but is missing'],
    ['a label in capitals', { ...GOOD, label: 'Deno' }, '/label', 'not "Deno"'],
    ['a label that begins with a digit', { ...GOOD, label: '2deno' }, '/label', 'lower-case letters'],
    ['a label that is too long', { ...GOOD, label: 'a'.repeat(45) }, '/label', 'at most 44 characters'],
    ['no runtime identifier', { ...GOOD, lambdaRuntime: 'Node 24' }, '/lambdaRuntime', 'provided.al2023'],
    [
      'an unknown architecture',
      { ...GOOD, architectures: ['arm'] },
      '/architectures/0',
      'one of arm64, x86_64',
    ],
    [
      'an architecture twice',
      { ...GOOD, architectures: ['arm64', 'arm64'] },
      '/architectures/1',
      'not yet in the list',
    ],
    ['no architecture', { ...GOOD, architectures: [] }, '/architectures', 'at least one text'],
    [
      'a route too few',
      { ...GOOD, functions: { cat: fn, sheep: fn, dog: fn } },
      '/functions/wolf',
      'missing',
    ],
    [
      'an unknown route',
      { ...GOOD, functions: { ...GOOD.functions, cow: fn } },
      '/functions/cow',
      'cat, sheep, dog, wolf',
    ],
    ['a handler with a blank', withCat({ handler: 'a b' }), '/functions/cat/handler', 'without white space'],
    ['no files', withCat({ files: {} }), '/functions/cat/files', 'at least one file or folder'],
    ['negative SDK bytes', withCat({ sdkBytes: -1 }), '/functions/cat/sdkBytes', 'a whole number of bytes'],
    ['half an SDK byte', withCat({ sdkBytes: 0.5 }), '/functions/cat/sdkBytes', 'a whole number of bytes'],
    [
      'SDK bytes elsewhere',
      withCat({ sdkBytes: '/etc/passwd' }),
      '/functions/cat/sdkBytes',
      'it is absolute',
    ],
    ['a file that is a number', withCat({ files: { a: 1 } }), '/functions/cat/files/a', 'not 1'],
    [
      'a zip name that climbs',
      withCat({ files: { 'a/../b': 'x' } }),
      '/functions/cat/files/a~1..~1b',
      'forward slashes',
    ],
    [
      'an absolute zip name',
      withCat({ files: { '/a': 'x' } }),
      '/functions/cat/files/~1a',
      'forward slashes',
    ],
    [
      'an absolute path',
      withCat({ files: { a: '/etc/passwd' } }),
      '/functions/cat/files/a',
      'it is absolute',
    ],
    ['a build without a command', withBuild({ command: undefined }), '/build/command', 'missing'],
    ['an empty command', withBuild({ command: [] }), '/build/command', 'at least one text'],
    ['a build without sources', withBuild({ sources: undefined }), '/build/sources', 'missing'],
    ['a build without output', withBuild({ output: undefined }), '/build/output', 'missing'],
    [
      'a tool without a hint',
      withBuild({ tools: [{ ...TOOL, install: '' }] }),
      '/build/tools/0/install',
      'not empty',
    ],
    [
      'a version in words',
      withBuild({ tools: [{ ...TOOL, atLeast: 'two' }] }),
      '/build/tools/0/atLeast',
      '1.94.1',
    ],
  ])(
    'a manifest with %s is refused in one line, by the loader and by the schema',
    (_, content, pointer, expected) => {
      const file = write(MANIFEST_FILE, content);
      const error = refusal(() => loadManifest(file));
      expect(error).toMatchObject({ code: 'manifest-invalid', exitCode: 2 });
      expect(error.message.startsWith(`${file}: ${pointer} `)).toBe(true);
      expect(error.message).toContain(expected);
      expect(error.message).not.toContain('\n');
      expect(isValid(JSON.parse(JSON.stringify(content)))).toBe(false);
    },
  );

  test.each([GOOD, { ...GOOD, build: BUILD }, withCat({ files: { '.': 'dist', 'a/b.c': 'x' } })])(
    'a manifest that is good is accepted by both (%#)',
    (content) => {
      expect(loadManifest(write(MANIFEST_FILE, content)).label).toBe('deno');
      expect(isValid(content)).toBe(true);
    },
  );

  test.each([
    ['/functions/cat/files/a', withCat({ files: { a: '../secret' } })],
    ['/functions/cat/files/a', withCat({ files: { a: 'src/../../secret' } })],
    ['/build/output', withBuild({ output: '../dist' })],
    ['/build/sources/0', withBuild({ sources: ['..'] })],
    ['/build/workingFolder', withBuild({ workingFolder: '..' })],
  ])('a manifest whose %s leads out of its folder is refused', (pointer, content) => {
    const file = write(`inner/${MANIFEST_FILE}`, content);
    const error = refusal(() => loadManifest(file));
    expect(error.message).toContain(`${pointer} must be a path inside the manifest’s folder`);
    expect(error.message).toContain('leads out of it');
  });

  test('a manifest whose path leads out of its folder by a symbolic link is refused, also for what is not there yet', () => {
    const file = write(`inner/${MANIFEST_FILE}`, withCat({ files: { a: 'link/not/yet/there' } }));
    mkdirSync(join(folder, 'outside'));
    symlinkSync(join(folder, 'outside'), join(folder, 'inner/link'));
    expect(refusal(() => loadManifest(file)).message).toContain('a symbolic link leads to');
  });

  test('a manifest that builds into its own folder is refused', () => {
    const error = refusal(() => loadManifest(write(MANIFEST_FILE, withBuild({ output: '.' }))));
    expect(error.message).toContain('/build/output must be a folder below');
  });

  test('a manifest that is not JSON or does not exist is refused by name', () => {
    const file = write(MANIFEST_FILE, '{ "label": ');
    expect(refusal(() => loadManifest(file)).message).toContain(`${file} is not JSON: `);
    const missing = join(folder, 'nowhere', MANIFEST_FILE);
    expect(refusal(() => loadManifest(missing))).toMatchObject({ code: 'manifest-unreadable', exitCode: 2 });
  });
});

describe('runtimes', () => {
  test('runtimes are those of the package, then those that --handlers named: a runtime or a folder of them', () => {
    write(`builtin/b/${MANIFEST_FILE}`, { ...GOOD, label: 'b' });
    write(`builtin/a/${MANIFEST_FILE}`, { ...GOOD, label: 'a' });
    write('builtin/no-runtime/README', 'x');
    write(`mine/${MANIFEST_FILE}`, { ...GOOD, label: 'mine' });
    write(`more/z/${MANIFEST_FILE}`, { ...GOOD, label: 'z' });
    const extraDirs = [join(folder, 'mine'), join(folder, 'more')];
    const found = discoverRuntimes({ builtinDir: join(folder, 'builtin'), extraDirs });
    expect([...found.runtimes.keys()]).toEqual(['a', 'b', 'mine', 'z']);
  });

  test('runtimes of one label in several --handlers are builds of one runtime, told apart by a letter', () => {
    write(`builtin/deno/${MANIFEST_FILE}`, GOOD);
    write(`b/${MANIFEST_FILE}`, GOOD);
    write(`a/deno/${MANIFEST_FILE}`, GOOD);
    write(`a/other/${MANIFEST_FILE}`, { ...GOOD, label: 'other' });
    const found = discoverRuntimes({
      builtinDir: join(folder, 'builtin'),
      extraDirs: [join(folder, 'b'), join(folder, 'a')],
    });
    expect([...found.runtimes.keys()]).toEqual(['deno', 'deno-a', 'deno-b', 'other']);
    expect(found.runtimes.get('deno-a')?.folder).toBe(join(folder, 'b'));
    expect(found.buildSets).toEqual([{ label: 'deno', members: ['deno-a', 'deno-b'] }]);
  });

  test('runtimes that --against names stand beside those of the same label, which are compared with them', () => {
    const builtinDir = join(folder, 'builtin');
    write(`builtin/deno/${MANIFEST_FILE}`, GOOD);
    write(`old/${MANIFEST_FILE}`, GOOD);
    const found = discoverRuntimes({ builtinDir, extraDirs: [], againstDir: join(folder, 'old') });
    expect([...found.runtimes.keys()]).toEqual(['deno', 'deno-against']);
    expect(found.buildSets).toEqual([{ label: 'deno', members: ['deno-against', 'deno'] }]);

    // The very same folder: what differs between the two is chance alone.
    const same = discoverRuntimes({ builtinDir, extraDirs: [], againstDir: builtinDir });
    expect([...same.runtimes.keys()]).toEqual(['deno', 'deno-against']);

    write(`alone/${MANIFEST_FILE}`, { ...GOOD, label: 'alone' });
    const error = refusal(() =>
      discoverRuntimes({ builtinDir, extraDirs: [], againstDir: join(folder, 'alone') }),
    );
    expect(error).toMatchObject({ code: 'nothing-against', exitCode: 2 });
  });

  test('runtimes with several builds are asked for by the label that the builds share', () => {
    const buildSets = [{ label: 'deno', members: ['deno-a', 'deno-b'] }];
    expect(withBuilds(['deno', 'rust'], buildSets)).toEqual(['deno-a', 'deno-b', 'rust']);
    expect(withBuilds(undefined, buildSets)).toEqual(['deno-a', 'deno-b']);
    expect(withBuilds(undefined, [])).toBeUndefined();
  });

  test('runtimes of one label are refused, both named', () => {
    const one = write(`builtin/one/${MANIFEST_FILE}`, GOOD);
    const two = write(`mine/two/${MANIFEST_FILE}`, GOOD);
    const folders = { builtinDir: join(folder, 'builtin'), extraDirs: [join(folder, 'mine')] };
    const error = refusal(() => discoverRuntimes(folders));
    expect(error.message).toBe(`Two runtimes are called "deno": ${one} and ${two}.`);
  });

  test('a folder of the package that --handlers names is one runtime with the one of the package', () => {
    const builtinDir = join(folder, 'builtin');
    write(`builtin/deno/${MANIFEST_FILE}`, GOOD);
    const found = discoverRuntimes({ builtinDir, extraDirs: [join(builtinDir, 'deno')] });
    expect([...found.runtimes.keys()]).toEqual(['deno']);
    expect(found.buildSets).toEqual([]);
  });

  test('runtimes named twice by the same folder are one', () => {
    write(`mine/${MANIFEST_FILE}`, GOOD);
    const mine = join(folder, 'mine');
    const found = discoverRuntimes({ builtinDir: join(folder, 'nowhere'), extraDirs: [mine, `${mine}/.`] });
    expect([...found.runtimes.keys()]).toEqual(['deno']);
  });

  test('a folder without any runtime is refused', () => {
    const folders = { builtinDir: folder, extraDirs: [join(folder, 'nowhere')] };
    expect(refusal(() => discoverRuntimes(folders))).toMatchObject({
      code: 'handlers-not-found',
      exitCode: 2,
    });
  });
});

test('project and label share 45 characters', () => {
  expect(() => checkNameLengths('p'.repeat(39), ['python'])).not.toThrow();
  const error = refusal(() => checkNameLengths('p'.repeat(40), ['rust', 'python']));
  expect(error).toMatchObject({ code: 'name-too-long', exitCode: 2 });
  expect(error.message).toContain('"python" have 46 characters together');
});

function withCat(changes: object): object {
  return { ...GOOD, functions: { ...GOOD.functions, cat: { ...fn, ...changes } } };
}

function withBuild(changes: object): object {
  return { ...GOOD, build: { ...BUILD, ...changes } };
}

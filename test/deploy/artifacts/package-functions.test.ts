import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadManifest, MANIFEST_FILE } from '../../../src/deploy/artifacts/manifest.ts';
import { type PackagedRuntime, packageFunctions } from '../../../src/deploy/artifacts/package-functions.ts';
import { runsOnLambda, runsOnThisMachine } from '../../../src/deploy/artifacts/runs-on.ts';
import { reproducibleZip } from '../../../src/deploy/artifacts/zip.ts';
import { unzip } from '../../handlers/support/unzip.ts';
import { elf } from './elf.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shedbench-package-'));
});
afterEach(() => {
  process.env.TZ = undefined;
  rmSync(folder, { recursive: true, force: true });
});

function write(path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

function manifest(
  files: Readonly<Record<string, string>>,
  lambdaRuntime = 'python3.14',
  more: { readonly sdkBytes?: number | string } = {},
): void {
  const recipe = { handler: 'index.handler', files, ...more };
  const functions = { cat: recipe, sheep: recipe, dog: recipe, wolf: recipe };
  const architectures = ['arm64', 'x86_64'];
  write(MANIFEST_FILE, JSON.stringify({ label: 'mine', lambdaRuntime, architectures, functions }));
}

function pack(runsOn = runsOnLambda('arm64'), from = folder): Promise<PackagedRuntime> {
  return packageFunctions({ manifest: loadManifest(join(from, MANIFEST_FILE)), runsOn, how: 'none' }, 'shed');
}

describe('a function’s zip', () => {
  test('a function’s zip holds files and folders under the names that the manifest gives them, sorted, with fixed modes', async () => {
    write('src/z.py', 'z');
    write('src/shed/b.py', 'b');
    write('src/shed/deep/a.py', 'a');
    write('src/shed/__pycache__/b.pyc', 'never packed');
    write('extra/bin', Buffer.from('#!/bin/sh\n'));
    manifest({ 'index.py': 'src/z.py', shed: 'src/shed', bootstrap: 'extra/bin' });
    const { zip } = (await pack()).functions.cat;
    const files = await unzip(zip);
    expect(files.map(({ name, mode }) => [name, mode.toString(8)])).toEqual([
      ['bootstrap', '100755'],
      ['index.py', '100644'],
      ['shed/b.py', '100644'],
      ['shed/deep/a.py', '100644'],
    ]);
    expect(files[1]?.bytes.toString()).toBe('z');
  });

  test('a function’s zip with the name . takes a folder’s content, or a file under its own name, to the root', async () => {
    write('dist/cat/cat.mjs', 'x');
    manifest({ '.': 'dist/cat' });
    expect((await unzip((await pack()).functions.cat.zip)).map((file) => file.name)).toEqual(['cat.mjs']);
    manifest({ '.': 'dist/cat/cat.mjs' });
    expect((await unzip((await pack()).functions.cat.zip)).map((file) => file.name)).toEqual(['cat.mjs']);
  });

  test('a function’s zip is the same in another folder, on another day and in another time zone', async () => {
    write('src/a.py', 'a'.repeat(5000));
    write('src/b.py', 'b');
    manifest({ '.': 'src' });
    process.env.TZ = 'UTC';
    const first = (await pack()).functions.cat;
    const elsewhere = join(folder, 'elsewhere');
    cpSync(join(folder, 'src'), join(elsewhere, 'src'), { recursive: true, mode: 0 });
    cpSync(join(folder, MANIFEST_FILE), join(elsewhere, MANIFEST_FILE));
    utimesSync(join(elsewhere, 'src/a.py'), 1, 1);
    for (const zone of ['Asia/Kolkata', 'America/Los_Angeles', 'Pacific/Kiritimati']) {
      process.env.TZ = zone;
      expect((await pack(undefined, elsewhere)).functions.cat.zip.equals(first.zip)).toBe(true);
    }
  });

  test('a function’s zip carries one time without a zone', async () => {
    const [file] = await unzip(await reproducibleZip([{ name: 'a', bytes: Buffer.from('a'), mode: 0o644 }]));
    // 1980-01-01 12:00:00 as DOS writes it, and no second time stamp in UTC beside it.
    expect(file).toMatchObject({ dosDate: (1 << 5) | 1, dosTime: 12 << 11, hasExtraFields: false });
  });

  test('a function’s zip is named by its content’s hash below project and runtime', async () => {
    write('a.py', 'a');
    manifest({ 'a.py': 'a.py' });
    const { sha256, s3Key, zip, handler, unzippedBytes } = (await pack()).functions.wolf;
    expect(sha256).toBe(createHash('sha256').update(zip).digest('hex'));
    expect(s3Key).toBe(`shed/mine/delete-wolf-ocd-${sha256}.zip`);
    expect({ handler, unzippedBytes }).toEqual({ handler: 'index.handler', unzippedBytes: 1 });
    write('a.py', 'b');
    expect((await pack()).functions.wolf.s3Key).not.toBe(s3Key);
  });

  test('the SDK’s part of a function is what the manifest or the file of its build says, and unknown without either', async () => {
    write('a.py', 'a');
    const sdkBytes = async () => (await pack()).functions.wolf.sdkBytes;
    manifest({ 'a.py': 'a.py' });
    expect(await sdkBytes()).toBeUndefined();
    manifest({ 'a.py': 'a.py' }, undefined, { sdkBytes: 0 });
    expect(await sdkBytes()).toBe(0);
    manifest({ 'a.py': 'a.py' }, undefined, { sdkBytes: 'dist/sdk' });
    await expect(pack()).rejects.toMatchObject({
      code: 'build-incomplete',
      message: expect.stringContaining('dist/sdk is not there'),
    });
    write('dist/sdk', '194050\n');
    expect(await sdkBytes()).toBe(194_050);
    write('dist/sdk', 'many');
    await expect(pack()).rejects.toMatchObject({
      message: expect.stringContaining('does not hold a number'),
    });
  });

  test('a function’s zip follows a link that stays inside the runtime’s folder', async () => {
    write('shared/a.py', 'a');
    mkdirSync(join(folder, 'src'));
    symlinkSync('../shared', join(folder, 'src/linked'));
    manifest({ src: 'src' });
    expect((await unzip((await pack()).functions.cat.zip)).map((file) => file.name)).toEqual([
      'src/linked/a.py',
    ]);
  });

  test('a function’s zip refuses a link in a packed folder that leads out of the runtime’s', async () => {
    write('mine/src/a.py', 'a');
    write('secret', 's');
    symlinkSync('../../secret', join(folder, 'mine/src/b.py'));
    manifest({ src: 'src' });
    cpSync(join(folder, MANIFEST_FILE), join(folder, 'mine', MANIFEST_FILE));
    await expect(pack(undefined, join(folder, 'mine'))).rejects.toMatchObject({
      code: 'path-outside',
      exitCode: 2,
    });
  });

  test('a function’s zip refuses a link to a folder above itself', async () => {
    write('src/a.py', 'a');
    symlinkSync('.', join(folder, 'src/loop'));
    manifest({ src: 'src' });
    await expect(pack()).rejects.toMatchObject({ code: 'path-outside' });
  });

  test('a function’s zip refuses two files of one name', async () => {
    write('one/a.py', '1');
    write('two/a.py', '2');
    manifest({ '.': 'one', 'a.py': 'two/a.py' });
    await expect(pack()).rejects.toMatchObject({ code: 'zip-name-clash', exitCode: 2 });
  });

  test('a function’s zip refuses what is not there, and an empty folder', async () => {
    manifest({ 'a.py': 'a.py' });
    await expect(pack()).rejects.toMatchObject({
      code: 'build-incomplete',
      message: 'mine: a.py is not there.',
    });
    mkdirSync(join(folder, 'src'));
    manifest({ src: 'src' });
    await expect(pack()).rejects.toMatchObject({ code: 'build-incomplete', message: 'mine: src is empty.' });
  });

  test('a function’s zip refuses more than Lambda unzips, saying how much', async () => {
    write('big', '');
    truncateSync(join(folder, 'big'), 262_144_001);
    manifest({ big: 'big' });
    await expect(pack()).rejects.toMatchObject({
      code: 'artifact-too-large',
      message: 'mine-get-cat-ackermann has 262144001 bytes unzipped; Lambda takes at most 262144000.',
    });
  });
});

describe('a bootstrap', () => {
  const withBootstrap = (bytes: Buffer, lambdaRuntime = 'provided.al2023'): void => {
    write('bootstrap', bytes);
    manifest({ bootstrap: 'bootstrap' }, lambdaRuntime);
  };

  test('a bootstrap of the right processor, and a script, are taken', async () => {
    withBootstrap(elf({ machine: 183 }));
    expect((await pack(runsOnLambda('arm64'))).functions.cat.unzippedBytes).toBe(64);
    withBootstrap(Buffer.from('#!/bin/sh\nexit 1\n'));
    expect((await pack(runsOnLambda('arm64'))).functions.cat.unzippedBytes).toBe(17);
  });

  test('a bootstrap of the wrong processor is refused, with the flag that would fit it', async () => {
    withBootstrap(elf({ machine: 62 }));
    await expect(pack(runsOnLambda('arm64'))).rejects.toMatchObject({
      code: 'wrong-architecture',
      exitCode: 4,
      message:
        'mine-get-cat-ackermann: its bootstrap is for Linux on x86_64, but Linux on arm64 will run it.',
      hint: 'Build mine for arm64, or deploy with --arch x86_64.',
    });
  });

  test('a bootstrap for macOS is refused by Lambda and taken by a sandbox on macOS, and the other way round', async () => {
    const machO = Buffer.alloc(64);
    machO.writeUInt32LE(0xfeedfacf, 0);
    machO.writeUInt32LE(0x0100000c, 4);
    withBootstrap(machO);
    await expect(pack(runsOnLambda('arm64'))).rejects.toMatchObject({ code: 'wrong-architecture' });
    expect((await pack(runsOnThisMachine('darwin', 'arm64'))).functions.cat.unzippedBytes).toBe(64);
    withBootstrap(elf({ machine: 183 }));
    await expect(pack(runsOnThisMachine('darwin', 'arm64'))).rejects.toMatchObject({
      code: 'wrong-architecture',
    });
  });

  test('a bootstrap that needs a newer glibc than Lambda’s is refused there, and taken on this machine', async () => {
    withBootstrap(elf({ machine: 62, needs: { 'libc.so.6': ['GLIBC_2.35'] } }));
    await expect(pack(runsOnLambda('x86_64'))).rejects.toMatchObject({
      code: 'glibc-too-new',
      message: 'mine-get-cat-ackermann: its bootstrap needs glibc 2.35; provided.al2023 has 2.34.',
    });
    await expect(pack(runsOnThisMachine('linux', 'x64'))).resolves.toBeDefined();
    withBootstrap(elf({ machine: 62, needs: { 'libc.so.6': ['GLIBC_2.34'] } }));
    await expect(pack(runsOnLambda('x86_64'))).resolves.toBeDefined();
  });

  test('a bootstrap that is not a program, or is missing, is refused', async () => {
    withBootstrap(Buffer.from('hello'));
    await expect(pack()).rejects.toMatchObject({ code: 'not-executable', exitCode: 4 });
    write('main', elf({ machine: 183 }));
    manifest({ main: 'main' }, 'provided.al2023');
    await expect(pack()).rejects.toMatchObject({ code: 'bootstrap-missing', exitCode: 4 });
  });
});

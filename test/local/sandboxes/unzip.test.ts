import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import { BadZip, unzip } from '../../../src/local/sandboxes/unzip.ts';

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'shedbench-unzip-'));
  folder = join(root, 'code');
});
afterEach(() => rm(root, { recursive: true, force: true }));

interface Entry {
  readonly name: string;
  readonly data?: string | Buffer;
  readonly mode?: number;
}

function zip(...entries: Entry[]): Promise<Buffer> {
  const archive = new ZipFile();
  for (const { name, data = '', mode = 0o100644 } of entries) {
    archive.addBuffer(Buffer.from(data), name, { mode });
  }
  archive.end();
  return buffer(archive.outputStream);
}

/** yazl refuses bad names itself: they are put in afterwards, in both headers. */
function renamed(archive: Buffer, from: string, to: string): Buffer {
  if (from.length !== to.length) throw new Error('names must be of one length');
  return Buffer.from(archive.toString('latin1').replaceAll(from, to), 'latin1');
}

describe('unpacking code', () => {
  test('unpacking keeps names, contents and modes, and tells the bytes', async () => {
    const bytes = await unzip(
      await zip(
        { name: 'bootstrap', data: '#!/bin/sh\n', mode: 0o100755 },
        { name: 'lib/deep/a.txt', data: 'hello' },
        { name: 'secret', data: 'x', mode: 0o100600 },
      ),
      folder,
    );
    expect(bytes).toBe(16);
    expect((await readdir(folder)).sort()).toEqual(['bootstrap', 'lib', 'secret']);
    expect(await readFile(join(folder, 'lib/deep/a.txt'), 'utf8')).toBe('hello');
    expect((await stat(join(folder, 'bootstrap'))).mode & 0o777).toBe(0o755);
    expect((await stat(join(folder, 'secret'))).mode & 0o777).toBe(0o600);
  });

  test('unpacking keeps even a mode that nobody can read by, and drops set-user-id', async () => {
    await unzip(
      await zip({ name: 'none', mode: 0o100000 }, { name: 'suid', data: 'x', mode: 0o104755 }),
      folder,
    );
    expect((await stat(join(folder, 'none'))).mode & 0o7777).toBe(0);
    expect((await stat(join(folder, 'suid'))).mode & 0o7777).toBe(0o755);
  });

  test.each(['../evil.js', '/evil1.js', 'a/../../e', '..\\evil1.j'])('unpacking refuses %s', async (name) => {
    const harmless = 'x'.repeat(name.length);
    const archive = renamed(await zip({ name: harmless, data: 'boo' }), harmless, name);
    await expect(unzip(archive, folder)).rejects.toThrow(BadZip);
    expect(await readdir(root)).toEqual(['code']);
    expect(await readdir(folder)).toEqual([]);
  });

  test('unpacking refuses a symbolic link', async () => {
    const archive = await zip({ name: 'link', data: '/etc/passwd', mode: 0o120777 });
    await expect(unzip(archive, folder)).rejects.toThrow('link is a symbolic link');
    expect(await readdir(folder)).toEqual([]);
  });

  test('unpacking refuses a device', async () => {
    const archive = await zip({ name: 'null', mode: 0o020666 });
    await expect(unzip(archive, folder)).rejects.toThrow('null is neither a file nor a folder');
  });

  test('unpacking stops at the limit of bytes, whatever the zip says of its size', async () => {
    const archive = await zip({ name: 'zeros', data: Buffer.alloc(1_000_000) });
    expect(archive.length).toBeLessThan(10_000);
    await expect(unzip(archive, folder, { totalBytes: 999_999, entries: 10 })).rejects.toThrow(
      'Unzipped size must be smaller than 999999 bytes',
    );
    await expect(unzip(archive, folder, { totalBytes: 1_000_000, entries: 10 })).resolves.toBe(1_000_000);
  });

  test('unpacking counts the bytes of all files together', async () => {
    const archive = await zip({ name: 'a', data: 'x'.repeat(60) }, { name: 'b', data: 'x'.repeat(60) });
    await expect(unzip(archive, folder, { totalBytes: 100, entries: 10 })).rejects.toThrow(BadZip);
  });

  test('unpacking refuses a file that has another size than the zip says', async () => {
    const archive = await zip({ name: 'a', data: 'x'.repeat(54_321) });
    const [declared, other] = [54_321, 54_320].map((size) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(size);
      return bytes.toString('latin1');
    });
    await expect(unzip(renamed(archive, declared ?? '', other ?? ''), folder)).rejects.toThrow(
      'a: it has 54321 bytes, and the zip says 54320',
    );
  });

  test('unpacking refuses more entries than allowed', async () => {
    const archive = await zip({ name: 'a' }, { name: 'b' }, { name: 'c' });
    await expect(unzip(archive, folder, { totalBytes: 100, entries: 2 })).rejects.toThrow(
      'more than 2 entries',
    );
  });

  test('unpacking refuses a file where a folder must be', async () => {
    const archive = await zip({ name: 'a', data: 'x' }, { name: 'a/b', data: 'y' });
    await expect(unzip(archive, folder)).rejects.toThrow(/^a\/b: /);
  });

  test('unpacking refuses what is no zip, and a zip that was cut', async () => {
    await expect(unzip(Buffer.from('hello'), folder)).rejects.toThrow(BadZip);
    const archive = await zip({ name: 'a', data: 'x'.repeat(1000) });
    await expect(unzip(archive.subarray(0, archive.length - 10), folder)).rejects.toThrow(BadZip);
  });
});

import { execFileSync } from 'node:child_process';
import {
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { failureOf } from '../../src/failure.ts';
import {
  createWhole,
  documentNames,
  openAfresh,
  openPlain,
  readPlain,
  removeFile,
  removeIfUnchanged,
  setAside,
  setAsideIfUnchanged,
  writeWhole,
} from '../../src/store/files.ts';

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'shedbench-files-'));
  folder = join(root, '.shedbench', 'runs');
  await mkdir(folder, { recursive: true });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(root, { recursive: true, force: true });
});

test('a link at .shedbench that leads to nothing is named, and nothing is written', async () => {
  const linked = join(root, 'elsewhere', '.shedbench');
  await mkdir(join(root, 'elsewhere'));
  await symlink(join(root, 'not-there'), linked);
  const expected = {
    code: 'odd-file',
    exitCode: 2,
    message: `${linked} can't be made, because a link in its path leads to nothing.`,
  };
  await expect(writeWhole(join(linked, 'local.json'), '{}')).rejects.toMatchObject(expected);
  await expect(createWhole(join(linked, 'local.lock'), '{}')).rejects.toMatchObject(expected);
});

/** Lets the next write to a file fail as on a full disk. */
async function fillDisk(): Promise<void> {
  const file = await open(join(root, 'any'), 'w');
  await file.close();
  vi.spyOn(Object.getPrototypeOf(file), 'writeFile').mockRejectedValueOnce(
    Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' }),
  );
}

describe('a write', () => {
  test('a write makes the folder and leaves nothing but the file', async () => {
    const path = join(root, '.shedbench', 'reports', 'a.json');
    await writeWhole(path, 'text', { mode: 0o600 });
    expect(await readPlain(path)).toBe('text');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(root, '.shedbench', 'reports'))).toEqual(['a.json']);
  });

  test('a write on a full disk names the file, leaves no draft and keeps the former text', async () => {
    const path = join(folder, 'a.json');
    await writeWhole(path, 'before');
    await fillDisk();
    const error = await writeWhole(path, 'after').catch((cause: unknown) => cause);
    expect(failureOf(error, false)).toMatchObject({
      code: 'file-trouble',
      message: `${path} can't be used: no space is left on the disk.`,
      exitCode: 2,
    });
    expect(await readdir(folder)).toEqual(['a.json']);
    expect(await readFile(path, 'utf8')).toBe('before');
  });

  test('a write removes the old drafts of processes that are gone, and no others', async () => {
    const gone = '.a.json.4194305-00ff.draft';
    const fresh = '.b.json.4194305-00ff.draft';
    const alive = `.c.json.${process.pid}-00ff.draft`;
    for (const name of [gone, fresh, alive]) await writeFile(join(folder, name), 'half');
    for (const name of [gone, alive]) await utimes(join(folder, name), 1, 1);
    await writeWhole(join(folder, 'd.json'), 'text');
    expect((await readdir(folder)).sort()).toEqual([fresh, alive, 'd.json'].sort());
  });
});

describe('a creation', () => {
  test('of several creations of one file at the same time, one succeeds and its text stays', async () => {
    const path = join(folder, 'a.lock');
    const results = await Promise.all(['1', '2', '3'].map((text) => createWhole(path, text)));
    expect(results.filter(Boolean)).toHaveLength(1);
    expect(await readPlain(path)).toBe(String(results.indexOf(true) + 1));
    expect(await createWhole(path, '4')).toBe(false);
    expect(await readdir(folder)).toEqual(['a.lock']);
  });
});

describe('a removal of a file with a known text', () => {
  test('a removal of a file with a known text leaves a file that was replaced since', async () => {
    const path = join(folder, 'a.lock');
    await createWhole(path, 'new');
    await removeIfUnchanged(path, 'old');
    expect(await readPlain(path)).toBe('new');
    await removeIfUnchanged(path, 'new');
    await removeIfUnchanged(path, 'new');
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a rename of a damaged file with a known text', () => {
  test('a rename of a damaged file with a known text leaves a file that was replaced since', async () => {
    const path = join(folder, 'a.lock');
    await createWhole(path, 'new');
    expect(await setAsideIfUnchanged(path, 'old')).toBeUndefined();
    expect(await readdir(folder)).toEqual(['a.lock']);
    expect(await setAsideIfUnchanged(path, 'new')).toBe('a.lock.damaged');
    expect(await setAsideIfUnchanged(path, 'new')).toBeUndefined();
    expect(await readdir(folder)).toEqual(['a.lock.damaged']);
  });
});

describe('what is no plain file', () => {
  test.each([
    ['a symbolic link', (path: string) => symlink('/etc/hostname', path)],
    ['a pipe', async (path: string) => void execFileSync('mkfifo', [path])],
    ['a folder', (path: string) => mkdir(path)],
  ])('%s in the place of a file is refused by name, for reading and writing', async (kind, make) => {
    const path = join(folder, 'a.json');
    await make(path);
    const refusal = { code: 'odd-file', exitCode: 2, message: `${path} is ${kind}, not a file.` };
    await expect(readPlain(path)).rejects.toMatchObject(refusal);
    await expect(writeWhole(path, 'text')).rejects.toMatchObject(refusal);
    expect(await readdir(folder)).toEqual(['a.json']);
  });

  test('a device is refused by name', async () => {
    await expect(readPlain('/dev/zero')).rejects.toMatchObject({
      message: '/dev/zero is a device, not a file.',
    });
  });

  const every: [string, (path: string) => Promise<unknown>][] = [
    ['a read', readPlain],
    ['an open', openPlain],
    ['a write', (path) => writeWhole(path, 'text')],
    ['a creation', (path) => createWhole(path, 'text')],
    ['an open of an empty file', (path) => openAfresh(path, `${path}.1`)],
    ['a removal', removeFile],
    ['a removal of a known text', (path) => removeIfUnchanged(path, 'x')],
    ['a rename of a damaged file', setAside],
    ['a rename of a known text', (path) => setAsideIfUnchanged(path, 'x')],
  ];

  test.each(every)(
    '%s refuses a link in the place of a folder below .shedbench by name',
    async (_name, use) => {
      const outside = join(root, 'outside', 'deeper');
      await mkdir(outside, { recursive: true });
      await writeFile(join(outside, 'a.json'), 'x');
      const link = join(root, '.shedbench', 'reports');
      await symlink(join(root, 'outside'), link);
      await expect(use(join(link, 'deeper', 'a.json'))).rejects.toMatchObject({
        code: 'odd-file',
        exitCode: 2,
        message: `${link} is a symbolic link, not a folder.`,
      });
      expect(await readdir(outside)).toEqual(['a.json']);
    },
  );

  test.each(every)('%s refuses a link in the place of the file by name', async (_name, use) => {
    await writeFile(join(root, 'outside.json'), 'x');
    const path = join(folder, 'a.json');
    await symlink(join(root, 'outside.json'), path);
    await expect(use(path)).rejects.toMatchObject({
      code: 'odd-file',
      message: `${path} is a symbolic link, not a file.`,
    });
    expect(await readdir(folder)).toEqual(['a.json']);
    expect(await readdir(root)).toEqual(['.shedbench', 'outside.json']);
  });

  test('a list of documents refuses a link in the place of the folder by name', async () => {
    const link = join(root, '.shedbench', 'reports');
    await symlink(tmpdir(), link);
    const refusal = { code: 'odd-file', message: `${link} is a symbolic link, not a folder.` };
    await expect(documentNames(link)).rejects.toMatchObject(refusal);
  });

  test('.shedbench itself may be a link, because its owner made it', async () => {
    await mkdir(join(root, 'elsewhere', 'store'), { recursive: true });
    const linked = join(root, 'elsewhere', '.shedbench');
    await symlink(join(root, 'elsewhere', 'store'), linked);
    await writeWhole(join(linked, 'runs', 'a.json'), 'text');
    expect(await readPlain(join(linked, 'runs', 'a.json'))).toBe('text');
  });
});

test('a file that is not there reads as undefined, and a file in the place of its folder is refused by name', async () => {
  const file = join(folder, 'file');
  await writeFile(file, 'x');
  expect(await readPlain(join(folder, 'none.json'))).toBeUndefined();
  await expect(readPlain(join(file, 'a.json'))).rejects.toMatchObject({
    code: 'odd-file',
    message: `${file} is a file, not a folder.`,
  });
});

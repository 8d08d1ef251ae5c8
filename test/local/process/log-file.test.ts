import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLog } from '../../../src/local/log-file.ts';

let folder: string;
let path: string;
let fd: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shedbench-log-'));
  path = join(folder, 'local.log');
  fd = openSync(path, 'a', 0o600);
});
afterEach(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true, force: true });
});

const open = (fileBytes: number) => createLog(path, { now: () => 0, fd, fileBytes });

describe('the log of the cloud', () => {
  test('the log of the cloud counts a message that repeats instead of writing it again', () => {
    const log = open(10_000);
    for (let i = 0; i < 1_000; i += 1) log('refused');
    log('next');
    expect(readFileSync(path, 'utf8')).toBe(
      '1970-01-01T00:00:00.000Z refused\n1970-01-01T00:00:00.000Z (the last message was repeated 999 times)\n1970-01-01T00:00:00.000Z next\n',
    );
  });

  test('the log of the cloud never takes more than two files of its size, however much is logged', () => {
    const log = open(10_000);
    for (let i = 0; i < 1_000; i += 1) log(`${i} ${'x'.repeat(500)}`);
    expect(statSync(path).size).toBeLessThanOrEqual(10_000);
    expect(statSync(`${path}.1`).size).toBeLessThanOrEqual(10_000);
    expect(readFileSync(path, 'utf8')).toContain('999 x');
  });

  test('the log of the cloud replaces a link in the place of its second file, and does not write through it', () => {
    const outside = join(folder, 'outside');
    writeFileSync(outside, 'kept');
    symlinkSync(outside, `${path}.1`);
    const log = open(1_000);
    for (let i = 0; i < 10; i += 1) log(`${i} ${'x'.repeat(500)}`);
    expect(readFileSync(outside, 'utf8')).toBe('kept');
    expect(readFileSync(`${path}.1`, 'utf8')).toContain('x');
  });

  test('the log of the cloud cuts a message that is too long', () => {
    open(100_000)('x'.repeat(50_000));
    expect(statSync(path).size).toBeLessThan(9_000);
  });
});

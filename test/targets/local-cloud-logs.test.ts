import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { localPaths } from '../../src/store/local-state.ts';
import { lastLines, localCloudLogs } from '../../src/targets/local-cloud-logs.ts';

let folder = '';
let logFile = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shedbench-logs-test-'));
  logFile = localPaths(folder).logFile;
  mkdirSync(localPaths(folder).directory);
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the cloud’s log', () => {
  test('the cloud’s log is printed from its last lines', async () => {
    writeFileSync(logFile, 'one\ntwo\nthree\n');
    const written: string[] = [];
    await localCloudLogs({
      folder,
      lines: 2,
      follow: false,
      write: (text) => written.push(text),
      sleep: never,
    });
    expect(written.join('')).toBe('two\nthree\n');
  });

  test('the cloud’s log that never was is an error that says how to start', async () => {
    await expect(
      localCloudLogs({ folder, lines: 2, follow: false, write: () => undefined, sleep: never }),
    ).rejects.toMatchObject({ code: 'no-local-cloud', exitCode: 3, hint: 'shedbench local start' });
  });

  test.each([
    ['a symbolic link', () => symlinkSync('/etc/hostname', logFile)],
    ['a pipe', () => void execFileSync('mkfifo', [logFile])],
    ['a folder', () => void mkdirSync(logFile)],
  ])('the cloud’s log is refused by name if %s is in its place', async (kind, place) => {
    place();
    await expect(
      localCloudLogs({ folder, lines: 2, follow: false, write: () => undefined, sleep: never }),
    ).rejects.toMatchObject({
      code: 'odd-file',
      exitCode: 2,
      message: `${logFile} is ${kind}, not a file.`,
    });
  });

  test('the cloud’s log is followed, into the log of the next cloud too, until the interrupt', async () => {
    writeFileSync(logFile, 'old\n');
    const written: string[] = [];
    const abort = new AbortController();
    // What happens while the follower sleeps, one sleep after the other.
    const steps = [
      () => appendFileSync(logFile, 'new\n'),
      () => {
        renameSync(logFile, `${logFile}.1`);
        writeFileSync(logFile, 'next cloud\n');
      },
      () => undefined,
      () => abort.abort(),
    ];
    await localCloudLogs({
      folder,
      lines: 10,
      follow: true,
      write: (text) => written.push(text),
      sleep: async (_ms, signal) => {
        steps.shift()?.();
        signal?.throwIfAborted();
      },
      signal: abort.signal,
    });
    expect(written).toEqual(['old\n', 'new\n', 'next cloud\n']);
  });
});

describe('lastLines', () => {
  test.each([
    ['', 3, ''],
    ['a\n', 3, 'a\n'],
    ['a\nb', 1, 'b\n'],
    ['a\n\n', 2, 'a\n\n'],
    ['a\nb\nc\n', 2, 'b\nc\n'],
  ])('the last lines of the log %j are read, at most %i', (text, count, expected) => {
    expect(lastLines(text, count)).toBe(expected);
  });
});

function never(): Promise<void> {
  throw new Error('nothing sleeps here');
}

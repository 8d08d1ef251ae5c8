import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { answer, type RawServer, rawServer } from './support/raw-server.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/shedbench.js', import.meta.url));
let cwd: string;
let server: RawServer;
beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'shedbench-limits-'));
  server = await rawServer(({ socket }) => socket.write(answer(200)));
});
afterEach(async () => {
  await server.close();
  rmSync(cwd, { recursive: true, force: true });
});

/** Runs a load of the built program under a limit of open files. */
async function loadWithin(openFiles: number, ...flags: readonly string[]) {
  const script = `ulimit -n ${openFiles} && exec "$@"`;
  const argv = [
    process.execPath,
    LAUNCHER,
    'load',
    '--route',
    'dog',
    '--url',
    server.url,
    '--json',
    ...flags,
  ];
  const child = spawn('bash', ['-c', script, 'bash', ...argv], { cwd });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout, stderr };
}

describe.skipIf(process.platform === 'win32')('a limit of open files', () => {
  test.each([[[]], [['--threads', '3']]])(
    'a limit of open files lets the connections that opened carry all calls, and one warning names it %j',
    async (flags) => {
      const { code, stdout } = await loadWithin(128, '-p', '300', '-c', '2000', ...flags);
      const [run] = (
        JSON.parse(stdout) as {
          runs: {
            accounting: { calls: number; successes: number };
            warnings: { code: string; message: string; hint: string }[];
          }[];
        }
      ).runs;
      expect(run?.accounting).toMatchObject({ calls: 2000, successes: 2000 });
      expect(run?.warnings).toEqual([
        {
          code: 'open-files',
          message: expect.stringMatching(
            /^This machine lets a program open no more files than 128 \(ulimit -n\): \d+ of 300 connections could be open at once, and carried all calls\.$/,
          ),
          hint: expect.stringMatching(/^ulimit -n 65536 before the load, or -p \d+$/),
        },
      ]);
      expect(code).toBe(0);
    },
  );

  test('connections that a server announced to close, and closes late, need no open files beyond those of -p', async () => {
    await server.close();
    server = await rawServer(({ socket }) => {
      socket.write(answer(200, 'ok', 'Connection: close\r\n'));
      setTimeout(() => socket.end(), 300);
    });
    const { code, stdout } = await loadWithin(128, '-p', '80', '-c', '400');
    const { runs } = JSON.parse(stdout) as { runs: { accounting: object; warnings: object[] }[] };
    expect(runs[0]?.accounting).toMatchObject({ calls: 400, successes: 400, attemptsByError: {} });
    expect(runs[0]?.warnings).toEqual([]);
    expect(code).toBe(0);
  });

  // The main thread needs about 42 files, and each thread two.
  test.each([24, 40, 44, 46, 48, 54, 64])(
    'a load of 4 threads under a limit of %i open files makes all its calls or names the limit',
    async (openFiles) => {
      await server.close();
      server = await rawServer(({ socket }) => socket.end(answer(200)));
      const { code, stdout, stderr } = await loadWithin(openFiles, '--threads', '4', '-c', '20');
      if (code === 2) {
        expect(stderr).toContain('no more open files');
        expect(stderr).not.toMatch(/bug|\n {4}at /);
        return;
      }
      const { runs } = JSON.parse(stdout) as { runs: { accounting: { calls: number } }[] };
      expect(runs[0]?.accounting).toMatchObject({ calls: 20 });
    },
  );
});

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { visibleText } from '../../src/model/visible-text.ts';

const BIN = fileURLToPath(new URL('../../bin/shedbench.js', import.meta.url));
const HOSTILE = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u007f\u202egnp';

let folder: string;
let server: Server;
let port: number;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shedbench-hostile-'));
  server = createServer((_, response) => {
    response.statusCode = 500;
    response.end(HOSTILE);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const loadArguments = (...more: string[]) => [
  BIN,
  'load',
  '--url',
  `http://127.0.0.1:${port}`,
  '--route',
  'dog',
  '-p',
  '1',
  ...more,
];

async function run(args: readonly string[]) {
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { stdout, stderr };
}

describe('a server whose answers are terminal commands', () => {
  test("load shows terminal commands in a server's answers as escapes", async () => {
    const { stdout, stderr } = await run(loadArguments('-c', '3'));
    expect(stdout + stderr).toContain('\\u001b]0;owned');
    for (const output of [stdout, stderr]) expect(output).toBe(visibleText(output));
  });

  test("load --json escapes terminal commands in a server's answers, and the JSON parses to the bytes that were sent", async () => {
    const { stdout } = await run(loadArguments('-c', '3', '--json'));
    expect(stdout).toBe(visibleText(stdout));
    expect(JSON.stringify(JSON.parse(stdout))).toContain('owned');
  });
});

const hasScript = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;

describe('a terminal that reports a width of 0', () => {
  test.skipIf(!hasScript)(
    'a terminal that reports a width of 0 is treated as one of unknown width, and the program ends',
    async () => {
      const command = [process.execPath, ...loadArguments('--duration', '1s')].join(' ');
      const child = spawn('timeout', ['-s', 'KILL', '15', 'script', '-qec', command, '/dev/null'], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'ignore'],
        env: { ...process.env, TERM: 'xterm', CI: '' },
      });
      const ended = new Promise((resolve) => child.once('close', resolve));
      const output = await text(child.stdout);
      const status = await ended;
      // Every call failed, so the load exits 1. A killed one would give 137.
      expect(status).toBe(1);
      expect(output.length).toBeLessThan(1_000_000);
      expect(output).toContain('owned');
    },
  );
});

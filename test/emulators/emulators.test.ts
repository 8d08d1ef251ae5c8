import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { freePort } from '../load/support/raw-server.ts';
import { EMULATORS, type Emulator, endingOf, STEPS, type Step, textOf, whyAbsent } from './emulators.ts';

/**
 * A whole use of the program, unchanged, against the emulators of others: `AWS_ENDPOINT_URL` is all that tells them from AWS.
 * What differs from AWS is written down beside the emulator, and must stay so: an emulator that learns a thing fails here.
 */
const BIN = fileURLToPath(new URL('../../bin/shedbench.js', import.meta.url));
const TEST_TIMEOUT_MS = 240_000;
const START_LIMIT_MS = 60_000;

const COMMANDS: Readonly<Record<Step, readonly string[]>> = {
  plan: ['deploy', '--plan', '--runtime', 'node'],
  deploy: ['deploy', '--runtime', 'node', '--no-probe'],
  // A second deploy changes nothing, and then asks every route.
  probe: ['deploy', '--runtime', 'node'],
  load: ['load', '--route', 'sheep', '-p', '2', '-c', '10'],
  verify: ['verify', '--yes'],
  report: ['report', '--wait', '5'],
  teardown: ['teardown', '--yes'],
};

for (const emulator of EMULATORS) {
  const absent = whyAbsent(emulator);
  test.skipIf(absent !== undefined)(
    `against ${emulator.name} every step works or deviates as it is written down${absent === undefined ? '' : ` (skipped: ${absent})`}`,
    { concurrent: true, timeout: TEST_TIMEOUT_MS },
    async () => {
      const { endpoint, stop } = await start(emulator);
      const cwd = mkdtempSync(join(tmpdir(), 'shedbench-test-'));
      try {
        expect(await endingsOf(emulator, endpoint, cwd)).toEqual(
          Object.fromEntries(STEPS.map((step) => [step, textOf(emulator.endings[step])])),
        );
      } finally {
        await stop();
        rmSync(cwd, { recursive: true, force: true });
      }
    },
  );
}

async function endingsOf(
  { endings }: Emulator,
  endpoint: string,
  cwd: string,
): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const step of STEPS) {
    const expected = endings[step];
    const isLeftOut = expected !== 'works' && 'leftOut' in expected;
    found[step] = isLeftOut ? textOf(expected) : await run([...COMMANDS[step], '--json'], endpoint, cwd);
  }
  return found;
}

test('the table of docs/compatibility.md is that of the tests', () => {
  const doc = readFileSync(new URL('../../docs/compatibility.md', import.meta.url), 'utf8');
  // The formatter pads the cells.
  const rows = doc.split('\n').map((line) => line.split(/\s*\|\s*/).join('|'));
  for (const emulator of EMULATORS) expect(rows).toContain(rowOf(emulator));
});

/** The row of an emulator, with what was seen of it in a version; without a version it was not tried in this repository. */
function rowOf({ name, version, endings }: Emulator): string {
  const cells = STEPS.map((step) => {
    if (version === '') return 'not tried';
    const ending = endings[step];
    if (ending === 'works') return 'works';
    return 'leftOut' in ending ? `left out: ${ending.leftOut}` : `deviates: ${ending.deviation}`;
  });
  return `|${[version === '' ? name : `${name} ${version}`, ...cells].join('|')}|`;
}

/** Runs a command and returns what it came to. */
async function run(args: readonly string[], endpoint: string, cwd: string): Promise<string> {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: cwd,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'eu-west-3',
      AWS_ENDPOINT_URL: endpoint,
    },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('utf8');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
  });
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return endingOf(args[0] ?? '', { exitCode, stdout, stderr });
}

async function start({ name, start: how }: Emulator): Promise<{
  readonly endpoint: string;
  readonly stop: () => Promise<void>;
}> {
  if ('usedBy' in how) throw new Error(`${how.usedBy} uses ${name}`);
  if ('urlVariable' in how) {
    return { endpoint: process.env[how.urlVariable] ?? '', stop: async () => {} };
  }
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const server = spawn(how.command, how.args(port), {
    stdio: 'ignore',
    env: { ...process.env, ...how.env(port) },
  });
  const ended = once(server, 'exit');
  const stop = async (): Promise<void> => {
    server.kill('SIGTERM');
    await ended;
  };
  await untilUp(name, server, `${endpoint}${how.healthPath}`);
  return { endpoint, stop };
}

async function untilUp(name: string, server: ChildProcess, url: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < START_LIMIT_MS; waitedMs += 200) {
    if (server.exitCode !== null) throw new Error(`${name} ended with ${server.exitCode}`);
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok === true) return;
    await sleep(200);
  }
  server.kill('SIGKILL');
  throw new Error(`${name} did not answer within ${START_LIMIT_MS} ms`);
}

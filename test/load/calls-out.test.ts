import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startCallFile } from '../../src/load/engine/call-log.ts';
import { answer, type RawServer, rawServer, reset } from './support/raw-server.ts';
import { load } from './support/run.ts';

interface Line {
  readonly runtime: string;
  readonly call: number;
  readonly intendedEpochMs: number;
  readonly startEpochMs: number;
  readonly latencyMs: number;
  readonly status: number | null;
  readonly error: string | null;
  readonly attempts: number;
  readonly bytes: number;
  readonly connection: number;
}

let folder: string;
let server: RawServer;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shedbench-calls-out-'));
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function linesOf(
  name: string,
  request: Parameters<typeof load>[1],
  url = server.url,
): Promise<string[]> {
  const callsOut = join(folder, name);
  startCallFile(callsOut);
  await load(url, request, { target: { callsOut } });
  const text = readFileSync(callsOut, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text.trimEnd().split('\n');
}

describe('the file of calls', () => {
  test('the file of calls has one JSON object for every call of the measured part, whatever its outcome', async () => {
    server = await rawServer(({ socket, index }) => {
      if (index === 25) reset(socket);
      else socket.write(answer(index === 30 ? 429 : 200));
    });
    const before = Date.now();
    const lines = (await linesOf('calls.ndjson', { calls: 40, warmup: '10', parallel: 1 })).map(
      (line) => JSON.parse(line) as Line,
    );
    expect(lines).toHaveLength(40);
    expect(new Set(lines.map(({ call }) => call)).size).toBe(40);
    expect(lines.map(({ status }) => status).filter((status) => status !== 200)).toEqual([null, 429]);
    expect(lines[15]).toMatchObject({
      error: 'reused-connection-closed',
      bytes: 0,
      attempts: 1,
      connection: 1,
    });
    expect(lines[16]).toMatchObject({ status: 200, error: null, connection: 2 });
    for (const { runtime, intendedEpochMs, startEpochMs, latencyMs, bytes, error } of lines) {
      expect(runtime).toBe('test');
      expect(startEpochMs).toBe(intendedEpochMs);
      expect(startEpochMs).toBeGreaterThan(before - 1);
      expect(latencyMs).toBeGreaterThan(0);
      if (error === null) expect(bytes).toBe(answer(200).length);
    }
  });

  test.each([{ calls: 1 }, { calls: 1, rate: '0.5' }])(
    'a call of %j whose connection could not be opened starts in the file of calls when it began to open',
    async (request) => {
      server = await rawServer(() => undefined);
      const before = Date.now();
      const plan = { ...request, parallel: 1, plan: { timeoutMs: 300 } };
      const [line = ''] = await linesOf('calls.ndjson', plan, server.url.replace('http:', 'https:'));
      const { error, intendedEpochMs, startEpochMs, latencyMs } = JSON.parse(line) as Line;
      expect(error).toBe('handshake-timeout');
      expect(latencyMs).toBeGreaterThan(90);
      expect(intendedEpochMs).toBeGreaterThan(before - 1);
      expect(startEpochMs).toBeGreaterThanOrEqual(intendedEpochMs);
      expect(startEpochMs + latencyMs).toBeLessThan(Date.now() + 1);
    },
  );

  test('the file of calls is CSV with a heading if its name ends in .csv', async () => {
    server = await rawServer(({ socket }) => socket.write(answer(200)));
    const [heading, ...lines] = await linesOf('calls.CSV', { calls: 5, parallel: 2 });
    expect(heading).toBe(
      'runtime,call,intendedEpochMs,startEpochMs,latencyMs,status,error,attempts,bytes,connection',
    );
    expect(lines).toHaveLength(5);
    for (const line of lines) expect(line).toMatch(/^test,\d,[\d.]+,[\d.]+,[\d.]+,200,,1,\d+,[12]$/);
  });

  test('the file of calls holds the lines of all threads, with different numbers for their connections', async () => {
    server = await rawServer(({ socket }) => setTimeout(() => socket.write(answer(200)), 2));
    const lines = (await linesOf('calls.ndjson', { calls: 300, parallel: 4, threads: 2 })).map(
      (line) => JSON.parse(line) as Line,
    );
    expect(lines.map(({ call }) => call).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 300 }, (_, call) => call),
    );
    expect(new Set(lines.map(({ connection }) => connection)).size).toBe(4);
  });

  test.skipIf(process.platform !== 'linux').each([[1], [2]])(
    'a load of %i threads with a file of calls on a full disk gets a warning, and loses no call',
    async (threads) => {
      server = await rawServer(({ socket }) => socket.write(answer(200)));
      const { accounting, warnings } = await load(
        server.url,
        { calls: 1000, parallel: 4, threads },
        { target: { callsOut: '/dev/full' } },
      );
      expect(accounting).toMatchObject({ calls: 1000, successes: 1000 });
      expect(warnings).toEqual([
        {
          code: 'calls-not-written',
          message:
            "The file of calls lacks the last calls: /dev/full can't be used: no space is left on the disk.",
        },
      ]);
    },
  );

  test('the file of calls of an open loop has the intended start of each call beside the actual one', async () => {
    server = await rawServer(({ socket }) => setTimeout(() => socket.write(answer(200)), 30));
    const lines = (await linesOf('calls.ndjson', { rate: '100', calls: 20, parallel: 1 })).map(
      (line) => JSON.parse(line) as Line,
    );
    const [first] = lines;
    lines.forEach(({ intendedEpochMs, startEpochMs }, at) => {
      expect(intendedEpochMs - (first?.intendedEpochMs ?? 0)).toBeCloseTo(at * 10, 1);
      expect(startEpochMs).toBeGreaterThanOrEqual(intendedEpochMs);
    });
    expect((lines.at(-1)?.startEpochMs ?? 0) - (lines.at(-1)?.intendedEpochMs ?? 0)).toBeGreaterThan(100);
  });
});

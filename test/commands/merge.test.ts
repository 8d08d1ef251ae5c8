import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { load } from '../../src/commands/load.ts';
import { merge } from '../../src/commands/merge.ts';
import { listRuns } from '../../src/store/runs.ts';
import { commandDeps } from '../command-deps.ts';
import { answer, type RawServer, rawServer } from '../load/support/raw-server.ts';

let cwd: string;
let server: RawServer;
beforeEach(async () => {
  server = await rawServer(({ socket }) => socket.write(answer(201)));
  cwd = await mkdtemp(join(tmpdir(), 'shedbench-merge-'));
});
afterEach(async () => {
  await server.close();
  await rm(cwd, { recursive: true, force: true });
});

/** Real clocks and random numbers, because ids of two loads in the same second must differ. */
const deps = () =>
  commandDeps(cwd, { now: Date.now, monotonicMs: () => performance.now(), random: Math.random });

/** One machine's load, written as `load --json` prints it. */
async function loadInto(file: string, url: string, startAt: string, calls: number): Promise<void> {
  const options = {
    route: 'sheep',
    parallel: 4,
    calls,
    startAt,
    url,
    insecure: false,
    failIf: [],
    sigv4: false,
    local: false,
  } as const;
  const { data } = await load(options, deps());
  await writeFile(join(cwd, file), `${JSON.stringify(data)}\n`);
}

describe('merge', () => {
  test('two loads of one server are one load with every call of both', async () => {
    await loadInto('a.json', server.url, '1', 30);
    await loadInto('b.json', server.url, '31', 50);
    const { exitCode, data } = await merge({ files: ['a.json', 'b.json'] }, deps());
    expect(exitCode).toBe(0);
    expect(data.runs.map(({ accounting }) => accounting)).toMatchObject([
      { calls: 80, successes: 80, attempts: 80, attemptsByStatus: { 201: 80 } },
    ]);
    expect(data.latencies[0]?.latencyMs?.count).toBe(80);
    expect(data.latencies[0]?.connectMs?.count).toBeGreaterThan(0);
    expect(data.latencies[0]).not.toHaveProperty('handshakeMs');
    const tattoos = server.requests.map((head) => Number(/^POST \/sheeps\/(\d+) /.exec(head)?.[1]));
    expect(tattoos.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 80 }, (_, at) => at + 1));
    // The merged record is kept beside those of the parts.
    expect(
      (await listRuns(cwd, () => undefined)).map(({ mergedFrom }) => mergedFrom?.length ?? 0).sort(),
    ).toEqual([0, 0, 2]);
  });

  test('two loads of a URL are one load, although the name of its request is no file name', async () => {
    const options = {
      parallel: 2,
      calls: 4,
      url: server.url,
      insecure: false,
      failIf: [],
      sigv4: false,
      local: false,
    };
    for (const file of ['a.json', 'b.json']) {
      const { data } = await load(options, deps());
      await writeFile(join(cwd, file), `${JSON.stringify(data)}\n`);
    }
    const { data } = await merge({ files: ['a.json', 'b.json'] }, deps());
    expect(data.runs.map(({ route, accounting }) => [route, accounting.calls])).toEqual([['GET /', 8]]);
  });

  test.each([
    ['a file that is not there', undefined, 'no-such-load'],
    ['a file that is no load', '{"schema":"shedbench/report@3"}', 'not-a-load'],
    ['a load of another version', '{"schema":"shedbench/load@7","runs":[]}', 'load-version'],
    ['a file without runs', '{"schema":"shedbench/load@1","runs":[]}', 'nothing-to-merge'],
  ])('%s is refused with exit 2', async (_what, text, code) => {
    await loadInto('a.json', server.url, '1', 3);
    if (text !== undefined) await writeFile(join(cwd, 'b.json'), text);
    await expect(merge({ files: ['a.json', 'b.json'] }, deps())).rejects.toMatchObject({
      code,
      exitCode: 2,
    });
  });
});

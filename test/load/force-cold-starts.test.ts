import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { COLD_STARTS_SHORT, type ColdStarts, forceColdStarts } from '../../src/load/force-cold-starts.ts';
import { createLoadPlan, type LoadRequest } from '../../src/load/load-plan.ts';
import type { LoadDeps } from '../../src/load/load-result.ts';
import { runLoad } from '../../src/load/run-load.ts';
import { createRunRecord } from '../../src/load/run-record.ts';
import type { RunRecord } from '../../src/model/run.ts';

/** A function that answers as Lambda does: a call that finds no idle environment starts one. */
class FakeFunction {
  /** Whether each call was cold, in the order in which they came. */
  readonly starts: boolean[] = [];
  readonly paths: string[] = [];
  mostAtOnce = 0;
  /** Retirements that do nothing, because the environment is somebody's who never lets go. */
  stubbornRetirements = 0;
  #idle = 0;
  #busy = 0;
  readonly #server: Server = createServer((request, response) => {
    this.paths.push(request.url ?? '');
    const isCold = this.#idle === 0;
    if (!isCold) this.#idle -= 1;
    this.starts.push(isCold);
    this.#busy += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#busy);
    setTimeout(
      () => {
        this.#busy -= 1;
        this.#idle += 1;
        response.writeHead(request.method === 'POST' ? 201 : 200, { 'content-type': 'application/json' });
        response.end('{}');
      },
      isCold ? 40 : 1,
    );
  });

  async open(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  retire(): void {
    if (this.stubbornRetirements > 0) this.stubbornRetirements -= 1;
    else this.#idle = 0;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

const opened: FakeFunction[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
});

async function loaded(request: Partial<LoadRequest> = {}) {
  const lambda = new FakeFunction();
  opened.push(lambda);
  const interrupt = new AbortController();
  const deps: LoadDeps = {
    emit: () => {},
    interrupt: { first: interrupt.signal, second: new AbortController().signal },
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    random: () => 0.5,
    toolVersion: '0.0.0',
  };
  const target = { runtime: 'node', url: await lambda.open() };
  const plan = createLoadPlan({ route: 'cat', parallel: 2, calls: 4, ...request });
  const run: RunRecord = createRunRecord(await runLoad(plan, target, deps), {
    id: 'b-cat-node',
    benchId: 'b',
    toolVersion: '0.0.0',
    target: { kind: 'local' },
    url: target.url,
    runtime: 'node',
  });
  const callsBefore = lambda.starts.length;
  const kept: RunRecord[] = [];
  const force = (overrides: Partial<ColdStarts> = {}) =>
    forceColdStarts(
      [{ run, functionName: 'cat', target }],
      {
        asked: 6,
        atOnce: 2,
        retire: async () => lambda.retire(),
        count: async () => lambda.starts.slice(callsBefore).filter(Boolean).length,
        ...overrides,
      },
      async (record) => {
        kept.push(record);
        return record;
      },
      deps,
    );
  return { lambda, run, force, kept, callsBefore, interrupt };
}

const indices = (run: RunRecord | undefined) => run?.rounds.map(({ index }) => index);

describe('forced cold starts', () => {
  test('forced cold starts come in waves: the environments are ended, then as many calls are in flight as start at once', async () => {
    const { lambda, force, callsBefore } = await loaded();
    lambda.mostAtOnce = 0;
    const [run] = await force();
    expect(lambda.starts.slice(callsBefore)).toEqual([true, true, true, true, true, true]);
    expect(lambda.mostAtOnce).toBe(2);
    expect(indices(run)).toEqual([1, -1, -2, -3]);
    expect(run?.coldStarts).toEqual({ asked: 6 });
    expect(run?.state).toBe('complete');
    expect(run?.warnings).toEqual([]);
  });

  test('forced cold starts stand in no figure of the run itself, and their rows lie within its window', async () => {
    const { run: before, force } = await loaded();
    const [run] = await force();
    expect(run?.accounting).toEqual(before.accounting);
    expect(run?.latency).toEqual(before.latency);
    expect(run?.window.startEpochMs).toBe(before.window.startEpochMs);
    const last = run?.rounds.at(-1);
    expect(run?.window.endEpochMs).toBeGreaterThanOrEqual(last?.endEpochMs ?? Number.POSITIVE_INFINITY);
    expect(last?.success.minMs).toBeGreaterThan(30);
  });

  test('forced cold starts that came warm are repeated until as many are cold as were asked for', async () => {
    const { lambda, force } = await loaded();
    lambda.stubbornRetirements = 2;
    const [run] = await force();
    // The first two waves met the environments of the load: four calls more were needed.
    expect(indices(run)).toEqual([1, -1, -2, -3, -4, -5]);
    expect(run?.warnings).toEqual([]);
  });

  test('forced cold starts are given up after three repeats, with a warning that says how many there are', async () => {
    const { lambda, force, callsBefore } = await loaded();
    lambda.stubbornRetirements = 1000;
    const [run] = await force({ asked: 2 });
    expect(lambda.starts.slice(callsBefore)).toHaveLength(8);
    expect(run?.warnings).toEqual([
      expect.objectContaining({
        code: COLD_STARTS_SHORT,
        message: expect.stringContaining('0 of 2 forced cold starts were cold'),
      }),
    ]);
  });

  test('forced cold starts whose rows can not be counted are not repeated, and a warning says so', async () => {
    const { force } = await loaded();
    const [run] = await force({ count: async () => undefined });
    expect(indices(run)).toEqual([1, -1, -2, -3]);
    expect(run?.warnings).toMatchObject([{ code: 'cold-starts-uncounted' }]);
  });

  test('forced cold starts of the sheep have tattoos that the load did not use', async () => {
    const { lambda, force, callsBefore } = await loaded({ route: 'sheep', startAt: '100' });
    await force();
    const tattoos = lambda.paths.map((path) => path.split('/').at(-1));
    expect(new Set(tattoos).size).toBe(callsBefore + 6);
  });

  test('forced cold starts go on with as many calls as are left in the last wave', async () => {
    const { lambda, force, callsBefore } = await loaded();
    await force({ asked: 5 });
    expect(lambda.starts.slice(callsBefore)).toHaveLength(5);
  });

  test('forced cold starts that an interrupt ends keep the waves until then', async () => {
    const { lambda, force, interrupt, kept } = await loaded();
    let waves = 0;
    const [run] = await force({
      retire: async () => {
        lambda.retire();
        waves += 1;
        if (waves === 2) interrupt.abort();
      },
    });
    expect(indices(run)).toEqual([1, -1]);
    expect(run?.state).toBe('interrupted');
    expect(indices(kept.at(-1))).toEqual([1, -1]);
  });

  test('forced cold starts fail with what the change of the function fails with, and the waves until then are kept', async () => {
    const { force, kept } = await loaded();
    let waves = 0;
    const work = force({
      retire: async () => {
        waves += 1;
        if (waves === 3) throw new Error('access denied');
      },
    });
    await expect(work).rejects.toThrow('access denied');
    expect(indices(kept.at(-1))).toEqual([1, -1, -2]);
  });
});

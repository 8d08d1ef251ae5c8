import { afterEach, describe, expect, test } from 'vitest';
import type { LoadOrder } from '../../../src/load/fleet/orders.ts';
import type { LoadResult } from '../../../src/load/load-result.ts';
import { answer, type RawServer, rawServer } from '../support/raw-server.ts';
import { load } from '../support/run.ts';
import { fleetOf, InProcessLoaders, loadByFleet, sheepServer, upTo } from './support.ts';

const servers: RawServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function sheeps(...args: Parameters<typeof sheepServer>) {
  const server = await sheepServer(...args);
  servers.push(server);
  return server;
}

const lossesOf = ({ fleet }: LoadResult) =>
  (fleet?.loaders ?? []).flatMap(({ number, losses }) => losses.map((loss) => ({ number, ...loss })));
const codesOf = ({ warnings }: LoadResult) => warnings.map(({ code }) => code);

describe('every call is made exactly once', () => {
  test.each([1, 2, 4, 8])(
    '%i loaders make every call of a load that is bounded by a count',
    async (loaders) => {
      const server = await sheeps([201, 201, 400]);
      const result = await loadByFleet(server.url, { calls: 101 }, fleetOf(new InProcessLoaders(), loaders));
      expect(server.tattoos()).toEqual(upTo(101));
      expect(result.accounting).toMatchObject({ calls: 101, attempts: 101, notSent: 0 });
      expect(result.accounting.attemptsByStatus).toEqual({ 201: 68, 400: 33 });
      expect(result.fleet?.loaders.map(({ calls }) => calls).reduce((a, b) => a + b)).toBe(101);
      expect(result.state).toBe('complete');
    },
  );

  test('loaders send the calls of an open loop at the times of the whole schedule', async () => {
    const arrivedMs: number[] = [];
    const server = await rawServer(({ socket }) => {
      arrivedMs.push(performance.now());
      socket.write(answer(201));
    });
    servers.push(server);
    const result = await loadByFleet(
      server.url,
      { rate: '200', calls: 200, parallel: 16 },
      fleetOf(new InProcessLoaders(), 4),
    );
    expect(result.accounting).toMatchObject({ calls: 200, notSent: 0 });
    expect(result.plan.stages).toEqual([{ durationMs: 1000, fromPerSecond: 200, toPerSecond: 200 }]);
    // Whatever the machine, the whole schedule is played, and no loader ahead of it.
    expect((arrivedMs.at(-1) ?? 0) - (arrivedMs[0] ?? 0)).toBeGreaterThan(900);
    expect(result.latency.serviceTime?.count).toBe(200);
  });

  test('loaders share rounds with a warm-up, whose calls have the first numbers', async () => {
    const server = await sheeps();
    const result = await loadByFleet(
      server.url,
      { calls: 40, warmup: '10' },
      fleetOf(new InProcessLoaders(), 3),
      { rounds: 4 },
    );
    expect(server.tattoos()).toEqual(upTo(50));
    expect(result.rounds.map(({ accounting }) => accounting.calls)).toEqual([10, 10, 10, 10, 10]);
    expect(result.accounting.calls).toBe(40);
    // What a loader opens in one round it opens again in the next: each is an invocation of its own.
    expect(result.connections.opened).toBeGreaterThan(result.plan.parallel);
  });

  test('loaders share a phase that is longer than an invocation may be in several waves', async () => {
    const server = await sheeps([201], 20);
    const port = new InProcessLoaders();
    const result = await loadByFleet(server.url, { calls: 120, parallel: 4 }, fleetOf(port, 2, 200));
    expect(port.orders.filter((order) => order.do === 'load').length).toBeGreaterThan(4);
    expect(server.tattoos()).toEqual(upTo(120));
    expect(result.accounting).toMatchObject({ calls: 120, successes: 120 });
    expect(result.state).toBe('complete');
  });

  test('loaders keep the schedule of an open loop over several waves', async () => {
    const server = await sheeps();
    const port = new InProcessLoaders();
    const result = await loadByFleet(
      server.url,
      { rate: '100', calls: 100, parallel: 6 },
      fleetOf(port, 3, 300),
    );
    expect(port.orders.filter((order) => order.do === 'load')).toHaveLength(12);
    expect(server.tattoos()).toEqual(upTo(100));
    expect(result.accounting).toMatchObject({ calls: 100, notSent: 0 });
  });

  test('where time bounds the load, no tattoo is used twice, whichever loader is faster', async () => {
    const server = await sheeps();
    const result = await loadByFleet(
      server.url,
      { duration: '400ms', parallel: 6 },
      fleetOf(new InProcessLoaders(), 3),
      { rounds: 2 },
    );
    const tattoos = server.tattoos();
    expect(new Set(tattoos).size).toBe(tattoos.length);
    expect(result.accounting.calls).toBe(tattoos.length);
    expect(result.state).toBe('complete');
  });
});

test('the same plan from here and from 1, 2 and 4 loaders has equal accounting', async () => {
  const accountingOf = async (loaders: number) => {
    const server = await sheeps([201, 201, 201, 404, 500]);
    const request = { route: 'sheep', calls: 100, parallel: 4 } as const;
    const result =
      loaders === 0
        ? await load(server.url, request)
        : await loadByFleet(server.url, request, fleetOf(new InProcessLoaders(), loaders));
    return result.accounting;
  };
  const here = await accountingOf(0);
  for (const loaders of [1, 2, 4]) expect(await accountingOf(loaders)).toEqual(here);
});

describe('a loader that brings nothing back', () => {
  /** The fate of the loader with this place, 0 to 3. */
  const fateOf =
    (fates: readonly ReturnType<ConstructorParameters<typeof InProcessLoaders>[0] & object>[]) =>
    (order: LoadOrder) =>
      fates[order.share.index];

  test('a lost loader is named, whether it was throttled, ended, late or returned rubbish, and its calls count as not sent', async () => {
    const server = await sheeps();
    const port = new InProcessLoaders(
      fateOf([
        { kind: 'throttled', message: 'TooManyRequestsException: Rate Exceeded.' },
        { kind: 'crashed', message: 'Runtime.ExitError: signal: killed', meter: {} },
        'rubbish',
        'too-late',
      ]),
    );
    const result = await loadByFleet(server.url, { calls: 100, parallel: 10 }, fleetOf(port, 5));
    expect(lossesOf(result)).toMatchObject([
      { number: 1, reason: 'throttled', notSent: 20, maySent: 0 },
      { number: 2, reason: 'crashed', notSent: 20, maySent: 20 },
      { number: 3, reason: 'rubbish', notSent: 20, maySent: 20 },
      { number: 4, reason: 'too-late', notSent: 20, maySent: 0 },
    ]);
    expect(codesOf(result)).toEqual([
      'loader-throttled',
      'loader-crashed',
      'loader-rubbish',
      'loader-too-late',
    ]);
    expect(result.accounting).toMatchObject({ calls: 20, successes: 20, notSent: 80 });
    // What the ended loader and the one with the rubbish may have sent is in no count, but in the interval of the rows.
    expect(result.accounting.reachedLambda).toEqual({ min: 20, max: 60 });
    expect(result.window.closedLateMs).toBeGreaterThan(30_000);
    expect(result.state).toBe('interrupted');
    // The loader with the rubbish did send its calls, and nobody sent them again.
    expect(server.tattoos()).toHaveLength(40);
    expect(new Set(server.tattoos()).size).toBe(40);
  });

  test('the calls of a lost loader to a function may run as long as the function may', async () => {
    const server = await sheeps();
    const port = new InProcessLoaders(fateOf([{ kind: 'lost', message: 'ECONNRESET' }]));
    const invoke = { functionTimeoutMs: 600_000 };
    const result = await loadByFleet(server.url, { calls: 30, invoke }, fleetOf(port, 3));
    expect(result.window.closedLateMs).toBeGreaterThan(600_000);
  });

  test('a lost loader is not invoked again for the same calls', async () => {
    const server = await sheeps();
    const port = new InProcessLoaders(fateOf([{ kind: 'lost', message: 'ECONNRESET' }]));
    const result = await loadByFleet(server.url, { calls: 30 }, fleetOf(port, 3));
    expect(port.orders.filter((order) => order.do === 'load')).toHaveLength(3);
    expect(result.accounting).toMatchObject({ calls: 20, notSent: 10 });
  });

  test('a lost loader takes part in the next round', async () => {
    const server = await sheeps();
    let throttled = 0;
    const port = new InProcessLoaders(({ share }) =>
      share.index === 0 && throttled++ === 0 ? { kind: 'throttled', message: 'Rate Exceeded.' } : undefined,
    );
    const result = await loadByFleet(server.url, { calls: 40 }, fleetOf(port, 2), { rounds: 2 });
    expect(result.rounds.map(({ accounting }) => [accounting.calls, accounting.notSent])).toEqual([
      [10, 10],
      [20, 0],
    ]);
    expect(server.tattoos()).toEqual([...upTo(20).filter((tattoo) => tattoo % 2 === 0), ...upTo(20, 21)]);
  });

  test('a loss costs an open loop only the calls of its wave', async () => {
    const server = await sheeps();
    let lost = 0;
    const port = new InProcessLoaders(({ share }) =>
      share.index === 1 && lost++ === 0 ? { kind: 'crashed', message: 'killed', meter: {} } : undefined,
    );
    const result = await loadByFleet(
      server.url,
      { rate: '100', calls: 80, parallel: 4 },
      fleetOf(port, 2, 400),
    );
    expect(lossesOf(result)).toMatchObject([{ number: 2, notSent: 20, maySent: 20 }]);
    expect(result.accounting).toMatchObject({ calls: 60, notSent: 20 });
  });

  test('a load whose loaders were all lost has failed', async () => {
    const server = await sheeps();
    const port = new InProcessLoaders(() => ({ kind: 'throttled', message: 'Rate Exceeded.' }));
    const result = await loadByFleet(server.url, { calls: 20 }, fleetOf(port, 2));
    expect(result).toMatchObject({ state: 'failed', accounting: { calls: 0, notSent: 20 } });
    expect(server.requests).toEqual([]);
  });
});

describe('an interrupt', () => {
  test('a stop sets the flag that the loaders read, and keeps the results that were returned', async () => {
    const server = await sheeps([201], 30);
    const flag = await rawServer(({ socket }) => socket.write(answer(isRaised ? 200 : 404)));
    servers.push(flag);
    let isRaised = false;
    const port = new InProcessLoaders(() => undefined, {
      url: `${flag.url}/stop`,
      onRaise: () => {
        isRaised = true;
      },
    });
    const first = new AbortController();
    const running = loadByFleet(server.url, { duration: '60s', parallel: 4 }, fleetOf(port, 2), {
      deps: { interrupt: { first: first.signal, second: new AbortController().signal } },
    });
    while (server.requests.length < 20) await new Promise((resolve) => setTimeout(resolve, 20));
    first.abort();
    const result = await running;
    expect(port.raised).toBe(1);
    expect(result.state).toBe('interrupted');
    expect(result.accounting.calls).toBe(server.requests.length);
    expect(result.accounting.successes).toBeGreaterThanOrEqual(20);
  });

  test('a stop between two rounds starts no further round', async () => {
    const server = await sheeps();
    const first = new AbortController();
    const port = new InProcessLoaders((_order, invocation) => {
      // Both loaders met; this is the second of them in the first round.
      if (invocation === 4) first.abort();
      return undefined;
    });
    const result = await loadByFleet(server.url, { calls: 40 }, fleetOf(port, 2), {
      rounds: 4,
      deps: { interrupt: { first: first.signal, second: new AbortController().signal } },
    });
    expect(port.orders.filter((order) => order.do === 'load')).toHaveLength(2);
    expect(result.state).toBe('interrupted');
    expect(result.accounting.calls).toBe(server.requests.length);
  });
});

test('the orders say when all start, and no loader starts before', async () => {
  const arrivedEpochMs: number[] = [];
  const server = await rawServer(({ socket }) => {
    arrivedEpochMs.push(Date.now());
    socket.write(answer(201));
  });
  servers.push(server);
  const port = new InProcessLoaders();
  const result = await loadByFleet(server.url, { calls: 12 }, fleetOf(port, 4));
  const starts = port.orders.flatMap((order) => (order.do === 'load' ? [order.startAtEpochMs] : []));
  expect(starts).toHaveLength(4);
  expect(new Set(starts).size).toBe(1);
  // The clocks of loaders and server are one, of whole milliseconds, and it was read over a way that takes some.
  const errorMs = 1 + (result.fleet?.clockErrorMs ?? 0);
  expect(Math.min(...arrivedEpochMs)).toBeGreaterThanOrEqual((starts[0] ?? 0) - errorMs);
  expect(result.fleet?.clockSpreadMs).toBeLessThanOrEqual(2 * errorMs);
});

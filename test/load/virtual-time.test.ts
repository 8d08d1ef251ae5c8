import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LoadRequest } from '../../src/load/load-plan.ts';
import type { LoadResult } from '../../src/load/load-result.ts';
import { retryAfterMs } from '../../src/load/wire/wire-error.ts';
import { EMPTY_HISTOGRAM, type EncodedHistogram, quantileMs } from '../../src/model/histogram.ts';
import { answer } from './support/raw-server.ts';
import { reply, VirtualWorld } from './support/virtual-world.ts';

let world: VirtualWorld;
beforeEach(() => {
  world = new VirtualWorld();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Half a bucket: what three significant digits may be off. */
const EXACT = 0.0005;

/** Every percentile of the histogram is that of the true values. */
function expectDistribution(histogram: EncodedHistogram, truthMs: readonly number[]): void {
  const sorted = truthMs.toSorted((a, b) => a - b);
  expect(histogram.count).toBe(sorted.length);
  expect(histogram.minMs).toBe(sorted[0]);
  expect(histogram.maxMs).toBe(sorted.at(-1));
  const deviations: string[] = [];
  for (let percent = 0; percent <= 100; percent++) {
    const truth = sorted[Math.max(1, Math.ceil((percent * sorted.length) / 100)) - 1] ?? 0;
    const reported = quantileMs(histogram, percent / 100) ?? Number.NaN;
    const isExact = Math.abs(reported - truth) <= truth * EXACT;
    if (!isExact) deviations.push(`p${percent}: ${reported} for ${truth}`);
  }
  expect(deviations).toEqual([]);
}

/** The accounting of round 0. */
const warmupOf = ({ rounds }: LoadResult) => rounds.find(({ index }) => index === 0)?.accounting;

describe('closed loop', () => {
  test('a constant delay is reported exactly at every percentile', async () => {
    const { latency, elapsedMs, accounting } = await world.load({ calls: 1000 }, () => reply(20));
    expectDistribution(latency.success, Array(1000).fill(20));
    expect(elapsedMs).toBe(2000);
    expect(accounting.successes).toBe(1000);
  });

  test('two delays are reported exactly at every percentile', async () => {
    const delay = (index: number) => (index % 10 === 9 ? 300 : 5);
    const { latency } = await world.load({ calls: 1000 }, ({ index }) => reply(delay(index)));
    expectDistribution(
      latency.success,
      Array.from({ length: 1000 }, (_, index) => delay(index)),
    );
  });

  test('a stall is seen by no more calls than are in flight, which is why the open loop exists', async () => {
    const { latency } = await world.load({ duration: '10s', parallel: 10 }, ({ atMs }) =>
      reply(atMs >= 3000 && atMs < 4000 ? 4000 - atMs + 10 : 10),
    );
    expect(quantileMs(latency.success, 0.99)).toBeCloseTo(10, 1);
    // The connection took 1 ms, so calls start at 1, 11, … and the stall caught those of 3,001 ms.
    expect(latency.success.maxMs).toBe(1009);
  });

  test('the time to open a connection is no part of a latency and is recorded apart', async () => {
    const { latency, elapsedMs } = await world.load({ calls: 20 }, () => reply(30), { connectMs: 500 });
    expectDistribution(latency.success, Array(20).fill(30));
    expectDistribution(latency.connect, Array(10).fill(500));
    expect(elapsedMs).toBe(60);
  });

  test('a load by time starts its last call before its end and waits for it', async () => {
    const { accounting, elapsedMs, state } = await world.load({ duration: '1s', parallel: 2 }, () =>
      reply(300),
    );
    expect(accounting.calls).toBe(8);
    expect({ elapsedMs, state }).toEqual({ elapsedMs: 1200, state: 'complete' });
  });
});

describe('open loop', () => {
  test('calls leave when they are due, and their latency is what the server took', async () => {
    const { latency, elapsedMs, accounting } = await world.load({ rate: '100', duration: '10s' }, () =>
      reply(20),
    );
    expect(world.requests.map(({ atMs }) => atMs - (world.requests[0]?.atMs ?? 0))).toEqual(
      Array.from({ length: 1000 }, (_, call) => call * 10),
    );
    expectDistribution(latency.success, Array(1000).fill(20));
    expect(accounting).toMatchObject({ calls: 1000, notSent: 0, sentLate: 0 });
    // The plan lasts ten seconds, though its last call was due 10 ms before its end.
    expect(elapsedMs).toBe(10_010);
  });

  test('through a stall of the server every call is sent, and each bears its whole delay', async () => {
    const start = { ms: 0 };
    const took = (dueMs: number) => (dueMs >= 3000 && dueMs < 4000 ? 4000 - dueMs : 0) + 10;
    const { latency, accounting } = await world.load(
      { rate: '100', duration: '10s', parallel: 200 },
      ({ atMs, index }) => {
        if (index === 0) start.ms = atMs;
        return reply(took(atMs - start.ms));
      },
    );
    expect(accounting).toMatchObject({ calls: 1000, successes: 1000, notSent: 0 });
    // Connections for the stall are opened when it is there: each of those calls waits 1 ms for its own.
    const truth = Array.from({ length: 1000 }, (_, call) => took(call * 10));
    const p90 = truth.toSorted((a, b) => a - b)[899] ?? 0;
    expect(Math.abs((quantileMs(latency.success, 0.9) ?? 0) - p90)).toBeLessThanOrEqual(1);
    expect(
      Math.abs((quantileMs(latency.success, 0.95) ?? 0) - (truth.toSorted((a, b) => a - b)[949] ?? 0)),
    ).toBeLessThanOrEqual(1);
  });

  test('with too few connections calls are sent in the order in which they were due, and their wait is in the latency', async () => {
    // 4 connections at 50 ms carry 80 of the 100 calls per second.
    const { latency, accounting, instrument } = await world.load(
      { rate: '100', duration: '2s', parallel: 4 },
      () => reply(50),
    );
    const free = [0, 0, 0, 0];
    const truth = Array.from({ length: 200 }, (_, call) => {
      const dueMs = call * 10;
      free.sort((a, b) => a - b);
      const startMs = Math.max(dueMs, free[0] ?? 0);
      free[0] = startMs + 50;
      return startMs + 50 - dueMs;
    });
    expectDistribution(latency.success, truth);
    expectDistribution(latency.serviceTime ?? latency.error, Array(200).fill(50));
    expect(accounting.sentLate).toBe(truth.filter((ms) => ms - 50 > 10).length);
    // None of that is the instrument's own doing.
    expect(instrument.sendLagP99Ms).toBe(0);
  });

  test('calls that still wait five seconds after the plan are counted as not sent', async () => {
    const { accounting, warnings } = await world.load({ rate: '100', duration: '1s', parallel: 1 }, () =>
      reply(200),
    );
    // One connection, a call each 200 ms, from 0 to 6 s exclusive.
    expect(accounting).toMatchObject({ calls: 30, successes: 30, notSent: 70 });
    expect(warnings).toEqual([
      {
        code: 'not-sent',
        message: '70 planned calls were not sent: its only connection was in use.',
        hint: '-p 25 allows more connections. 100/s at 200 ms a call keep 20 busy.',
      },
    ]);
  });

  test('calls that are late because their connection opens slowly are not blamed on too few connections', async () => {
    const plan = { rate: '20', duration: '2s', parallel: 20, keepAlive: false };
    const { accounting, warnings } = await world.load(plan, () => reply(2), { connectMs: 111 });
    expect(accounting).toMatchObject({ calls: 40, successes: 40 });
    expect(accounting.sentLate).toBeGreaterThan(30);
    expect(warnings).toEqual([]);
  });

  test('calls that are late because all connections are opening or carry calls get a warning', async () => {
    const plan = { rate: '20', duration: '2s', parallel: 2, keepAlive: false };
    const { accounting, warnings } = await world.load(plan, () => reply(2), { connectMs: 111 });
    expect(accounting).toMatchObject({ calls: 40, successes: 40 });
    expect(warnings).toMatchObject([
      { code: 'sent-late', message: expect.stringContaining('because all 2 connections were in use') },
    ]);
  });

  test('the k-th call of a ramp is due when the integral of the rate is k', async () => {
    await world.load({ ramp: '10s:0-20', parallel: 50 }, () => reply(1));
    const startMs = world.requests[0]?.atMs ?? 0;
    expect(world.requests).toHaveLength(100);
    world.requests.forEach(({ atMs }, call) => {
      // 20 per second after 10 s: call k at sqrt(k) s; timers are whole ms, and never early.
      const dueMs = Math.sqrt(call) * 1000;
      expect(atMs - startMs).toBeGreaterThanOrEqual(Math.floor(dueMs));
      expect(atMs - startMs).toBeLessThanOrEqual(Math.ceil(dueMs) + 1);
    });
  });
});

describe("the server's clock", () => {
  test("the server's clock is narrowed down by calls that are rare and short as well", async () => {
    const { window, startedAtEpochMs, endedAtEpochMs } = await world.load(
      { rate: '3', duration: '10s' },
      () => ({
        afterMs: 5,
        bytes: answer(200, '{}', `Date: ${new Date(Date.now() + 5).toUTCString()}\r\n`),
      }),
    );
    // The window is as much longer than the load as the clock is in doubt, beside what every window adds.
    const beyondMs = window.endEpochMs - window.startEpochMs - (endedAtEpochMs - startedAtEpochMs);
    expect(beyondMs).toBeLessThan(1000);
  });
});

describe('connections', () => {
  test('connections that were idle for almost as long as the server keeps them are opened anew before the next call', async () => {
    const keptFor = (seconds: number) => () => ({
      afterMs: 10,
      bytes: answer(200, '{}', `Keep-Alive: timeout=${seconds}\r\n`),
    });
    await world.load({ rate: '0.5', calls: 5, parallel: 1 }, keptFor(2));
    expect(world.connections).toBe(5);
    await world.load({ rate: '0.5', calls: 5, parallel: 1 }, keptFor(4));
    expect(world.connections).toBe(6);
  });

  test('connections are used again where the server keeps them for a second only', async () => {
    const { accounting } = await world.load({ calls: 40, parallel: 2 }, () => ({
      afterMs: 10,
      bytes: answer(200, '{}', 'Keep-Alive: timeout=1\r\n'),
    }));
    expect(accounting.successes).toBe(40);
    expect(world.connections).toBe(2);
  });

  test('connections are taken last used first, so that those not needed grow old', async () => {
    // Two calls at once need two connections; then one at a time needs but one of them.
    await world.load({ ramp: '1s:20,10s:1', parallel: 5 }, () => ({
      afterMs: 90,
      bytes: answer(200, '{}', 'Keep-Alive: timeout=3\r\n'),
    }));
    expect(world.connections).toBe(2);
  });
});

describe('warm-up', () => {
  test('warm-up runs at the first rate above 0 of a ramp that begins with a silence', async () => {
    for (const warmup of ['20', '2s']) {
      const result = await world.load({ ramp: '1s:0,1s:10', warmup, parallel: 4 }, () => reply(10));
      expect(warmupOf(result)).toMatchObject({ calls: 20, successes: 20 });
      expect(result.accounting).toMatchObject({ calls: 10, notSent: 0 });
    }
  });

  test('warm-up by calls is round 0, in no figure of the run and inside its window', async () => {
    const result = await world.load({ calls: 50, warmup: '30' }, ({ index }) => reply(index < 30 ? 900 : 10));
    expect(result.accounting.calls).toBe(50);
    expect(result.elapsedMs).toBe(50);
    expectDistribution(result.latency.success, Array(50).fill(10));
    const [warmup, measured] = result.rounds;
    expect(warmup).toMatchObject({
      index: 0,
      turn: 1,
      elapsedMs: 2700,
      accounting: { calls: 30, successes: 30 },
    });
    expectDistribution(warmup?.success ?? EMPTY_HISTOGRAM, Array(30).fill(900));
    expect(measured).toMatchObject({ index: 1, turn: 1, elapsedMs: 50, accounting: { calls: 50 } });
    // The measurement follows at once: rows are told apart by their times, not by a pause.
    expect((world.requests[30]?.atMs ?? 0) - (world.requests[29]?.atMs ?? 0)).toBe(900);
    expect(result.startedAtEpochMs % 100_000).toBe(world.requests[0]?.atMs);
  });

  test('warm-up by time counts its failures', async () => {
    const result = await world.load({ calls: 20, warmup: '1s' }, ({ index }) =>
      index === 3 ? { afterMs: 100, bytes: answer(500) } : reply(100),
    );
    expect(warmupOf(result)).toMatchObject({ calls: 100, successes: 99, unexpected: 1 });
    expect(result.accounting).toMatchObject({ calls: 20, unexpected: 0 });
  });

  test('warm-up leaves no status, error, latency, sample or bin of time behind', async () => {
    const plan = { calls: 20, warmup: '40', timeoutSeconds: 1 };
    const rough = ({ index }: { index: number }) => {
      if (index % 4 === 0) return { afterMs: 700, bytes: answer(500, '{"message":"warm"}') };
      if (index % 4 === 1) return { afterMs: 5, bytes: answer(429) };
      return index % 4 === 2 ? ('silence' as const) : reply(40_000);
    };
    const result = await world.load(plan, (request) => (request.index < 40 ? rough(request) : reply(10)));
    const { accounting, latency, unexpectedSamples, timeline } = result;
    expect(warmupOf(result)).toMatchObject({ calls: 40, successes: 0 });
    world = new VirtualWorld();
    const cold = await world.load({ calls: 20, timeoutSeconds: 1 }, () => reply(10));
    expect({ accounting, latency, unexpectedSamples, timeline }).toEqual({
      accounting: cold.accounting,
      // Connections are those of the warm-up as well.
      latency: {
        ...cold.latency,
        connect: latency.connect,
        firstByte: latency.firstByte,
      },
      unexpectedSamples: cold.unexpectedSamples,
      timeline: cold.timeline,
    });
  });

  test('warm-up runs at the first rate in the open loop', async () => {
    const result = await world.load({ rate: '10', duration: '1s', warmup: '2s' }, () => reply(5));
    expect(warmupOf(result)).toMatchObject({ calls: 20, successes: 20 });
    expect(result.accounting.calls).toBe(10);
    const gaps = world.requests.slice(1, 20).map(({ atMs }, at) => atMs - (world.requests[at]?.atMs ?? 0));
    expect(gaps).toEqual(Array(19).fill(100));
  });
});

describe('retries', () => {
  test('retries come after pauses that double, with jitter from the random source', async () => {
    const { accounting } = await world.load(
      { calls: 1, parallel: 1, retries: 3 },
      () => ({ afterMs: 10, bytes: answer(503) }),
      { random: () => 0.5 },
    );
    const times = world.requests.map(({ atMs }) => atMs);
    expect(times.map((at) => at - (times[0] ?? 0))).toEqual([0, 35, 95, 205]);
    expect(accounting).toMatchObject({ calls: 1, unexpected: 1, attempts: 4, retries: 3 });
  });

  test('retries have a latency for each attempt in the closed loop and for the whole call in the open loop', async () => {
    const flaky = ({ index }: { index: number }) =>
      index === 0 ? { afterMs: 10, bytes: answer(503) } : reply(10);
    const closed = await world.load({ calls: 1, retries: 1 }, flaky);
    expectDistribution(closed.latency.success, [10]);
    world.requests.length = 0;
    const open = await world.load({ rate: '1', calls: 1, retries: 1 }, flaky);
    expectDistribution(open.latency.success, [10 + 25 + 10]);
  });
});

describe('Retry-After', () => {
  const refused = (value: string) => ({ afterMs: 10, bytes: answer(429, '{}', `Retry-After: ${value}\r\n`) });
  const gaps = () => world.requests.slice(1).map(({ atMs }, at) => atMs - (world.requests[at]?.atMs ?? 0));

  test('Retry-After in seconds is the shortest pause before the next attempt', async () => {
    await world.load({ calls: 1, retries: 2 }, ({ index }) => (index < 2 ? refused('1') : reply(10)));
    expect(gaps()).toEqual([1010, 1010]);
  });

  test.each([408, 425, 429, 500, 502, 503, 504])(
    'a call that was answered by %i is retried',
    async (status) => {
      const { accounting } = await world.load({ calls: 1, retries: 1 }, ({ index }) =>
        index === 0 ? { afterMs: 10, bytes: answer(status) } : reply(10),
      );
      expect(accounting).toMatchObject({ successes: 1, retries: 1 });
    },
  );

  test('Retry-After as a date is read as well', async () => {
    const at = new Date(Math.ceil(Date.now() / 1000) * 1000 + 3000);
    await world.load({ calls: 1, retries: 1 }, ({ index }) =>
      index < 1 ? refused(at.toUTCString()) : reply(10),
    );
    // The request left at 1 ms, its answer came 10 ms later.
    expect(world.requests[1]?.atMs).toBe(3000);
  });

  test.each([
    ['Sunday, 06-Nov-94 08:49:40 GMT', 3000],
    ['Sun Nov  6 08:49:40 1994', 3000],
    ['1.5', 1500],
    ['1.5.1', 0],
    ['-1', 0],
  ])('Retry-After as %j asks for %i ms, in every time zone', (text, pauseMs) => {
    vi.stubEnv('TZ', 'America/New_York');
    expect(retryAfterMs(text, Date.UTC(1994, 10, 6, 8, 49, 37))).toBe(pauseMs);
  });

  test('Retry-After that asks for more than a minute ends the call, and a warning says so', async () => {
    const { accounting, warnings } = await world.load({ calls: 1, retries: 2 }, () => refused('3600'));
    expect(accounting).toMatchObject({ calls: 1, unexpected: 1, attempts: 1 });
    expect(warnings.map(({ message }) => message)).toContain(
      'Calls were not retried, because the server asked by Retry-After for a pause of up to 3,600 s. A load waits a minute at most.',
    );
  });

  test('Retry-After that can not be read changes nothing', async () => {
    await world.load({ calls: 1, retries: 1 }, ({ index }) => (index < 1 ? refused('soon') : reply(10)));
    expect(gaps()).toEqual([35]);
  });
});

describe('a machine without a free local port', () => {
  test('a machine without a free local port sends all calls over the connections that it has, and one warning says so', async () => {
    const { accounting, warnings } = await world.load({ calls: 100, parallel: 10 }, () => reply(5), {
      ports: 4,
    });
    expect(accounting).toMatchObject({ calls: 100, successes: 100, attemptsByError: {} });
    expect(warnings).toEqual([
      {
        code: 'local-ports',
        message:
          'This machine has no more local ports for connections to one server: 4 of 10 connections could be open at once, and carried all calls.',
        hint: 'a wider range of ports (Linux: sysctl net.ipv4.ip_local_port_range), or -p 4',
      },
    ]);
  });

  test('a machine without a free local port fails the calls whose connection it never opens', async () => {
    const { accounting } = await world.load({ calls: 20, parallel: 10 }, () => reply(5), { ports: 0 });
    expect(accounting).toMatchObject({ calls: 20, attemptsByError: { EADDRNOTAVAIL: 20 } });
  });
});

describe('a limit of open files', () => {
  /** Announces that it closes the connection, but never does. */
  const leavesOpen = () => ({ afterMs: 5, bytes: answer(200, '{}', 'Connection: close\r\n') });

  test('connections that only wait for the end by the server are closed before a limit of open files takes any from use', async () => {
    const { accounting, connections, warnings } = await world.load(
      { calls: 1000, parallel: 10 },
      leavesOpen,
      { openFiles: () => 10 },
    );
    expect(accounting).toMatchObject({ calls: 1000, successes: 1000, attemptsByError: {} });
    expect(connections).toMatchObject({ opened: 1000, failed: 0 });
    expect(warnings).toEqual([]);
    // A call takes 5 ms and its connection 1 ms, or 2 ms if it is opened a second time.
    expect(world.nowMs()).toBeLessThan(100 * 8 + 200);
  });

  test('an open loop at a limit of open files fails no call, and its warnings name the same remedy', async () => {
    const { accounting, warnings } = await world.load(
      { rate: '1000', duration: '2s', parallel: 20 },
      leavesOpen,
      { openFiles: () => 4 },
    );
    expect(accounting.attemptsByError).toEqual({});
    expect(accounting.calls + accounting.notSent).toBe(2000);
    expect(warnings.map(({ code, hint }) => ({ code, hint }))).toEqual([
      { code: 'open-files', hint: 'ulimit -n 65536 before the load, or -p 4' },
      { code: accounting.notSent > 0 ? 'not-sent' : 'sent-late', hint: 'ulimit -n 65536 before the load' },
    ]);
    expect(warnings[1]?.message).toContain('all 4 connections that this machine allows were in use');
  });

  test('connections that a passing shortage of open files took from use come back', async () => {
    const { accounting, warnings } = await world.load({ duration: '30s', parallel: 16 }, () => reply(1000), {
      openFiles: () => (world.nowMs() < 5000 ? 2 : 100),
    });
    expect(accounting.attemptsByError).toEqual({});
    // 16 connections make 16 calls a second, once they are all back.
    expect(accounting.calls).toBeGreaterThan(16 * 18);
    expect(warnings.map(({ code }) => code)).toEqual(['connect-EMFILE']);
  });
});

describe('a name server that does not answer', () => {
  test.each<[Partial<LoadRequest>, number]>([
    [{ duration: '4s' }, 4000],
    [{ duration: '4s', rate: '100' }, 4000],
    [{ duration: '4s', warmup: '10' }, 4000],
    [{ duration: '50ms' }, 1000],
    [{ calls: 5, timeoutSeconds: 3 }, 3000],
    [{ calls: 5 }, 10_000],
  ])(
    'a load of %j gives up after %i ms without a call that one look-up would fail',
    async (request, afterMs) => {
      const { accounting, state, warnings } = await world.load(request, () => reply(1), {
        isNameServerSilent: true,
      });
      expect(world.nowMs()).toBeGreaterThanOrEqual(afterMs);
      expect(world.nowMs()).toBeLessThan(afterMs + 200);
      expect({ state, calls: accounting.calls }).toEqual({ state: 'failed', calls: 0 });
      expect(warnings[0]).toEqual({
        code: 'target-unreachable',
        message:
          'No connection to virtual.test could be opened (lookup-timeout): the load was given up. The name in virtual.test could not be looked up in time: no DNS server answered.',
        hint: 'Check the network connection.',
      });
    },
  );
});

describe('a server that takes no connection', () => {
  test('a server that takes no connection does not make a load by time longer than its time and the second in which connections are prepared', async () => {
    const { accounting, state } = await world.load({ duration: '3s' }, () => reply(1), {
      connectMs: 1_000_000,
    });
    expect(world.nowMs()).toBeLessThan(5000);
    expect(Object.keys(accounting.attemptsByError)).toEqual(['connect-timeout']);
    expect({ successes: accounting.successes, state }).toEqual({ successes: 0, state: 'complete' });
  });

  test('a server that takes no connection does not make a load by time wait for the last retries', async () => {
    const { accounting } = await world.load({ duration: '2s', retries: 2 }, () => reply(1), {
      connectMs: 1_000_000,
    });
    // One second of preparation, two of the load, and the next check of timeouts.
    expect(world.nowMs()).toBeLessThanOrEqual(3200);
    expect(accounting).toMatchObject({ successes: 0, calls: accounting.errors });
  });

  test('a server that takes no connection does not make an open loop wait for late calls', async () => {
    const { accounting } = await world.load({ rate: '5', duration: '3s' }, () => reply(1), {
      connectMs: 1_000_000,
    });
    expect(world.nowMs()).toBeLessThan(5000);
    expect(accounting.calls + accounting.notSent).toBe(15);
    expect(accounting.successes).toBe(0);
  });

  test('a server that takes no connection is not hidden by the generator being called the bottleneck', async () => {
    const { instrument } = await world.load({ duration: '3s' }, () => reply(1), { connectMs: 1_000_000 });
    expect(instrument.bottleneck).toBeUndefined();
  });
});

describe('timeouts', () => {
  test('an answer that comes after the time limit of its attempt is a timeout', async () => {
    const { accounting, latency } = await world.load({ calls: 60, parallel: 20, timeoutSeconds: 1 }, () =>
      reply(1050),
    );
    expect(accounting.attemptsByError).toEqual({ timeout: 60 });
    expect(latency.error.maxMs).toBeLessThanOrEqual(1005);
  });

  test('an answer that comes after the time limit is a timeout also if the next check is not due yet', async () => {
    // Checks are at least 5 ms apart. The first ends the first call, and the other answers come before the second.
    const { accounting } = await world.load(
      { rate: '500', calls: 3, parallel: 3, timeoutSeconds: 1 },
      ({ index }) => reply(index === 0 ? 1050 : 1002),
    );
    expect(accounting.attemptsByError).toEqual({ timeout: 3 });
  });

  test('an answer within the time limit of its attempt is a success', async () => {
    const { accounting } = await world.load({ calls: 60, parallel: 20, timeoutSeconds: 1 }, () =>
      reply(1000),
    );
    expect(accounting).toMatchObject({ successes: 60, attemptsByError: {} });
  });

  test('an answer that the load generator reads late because it stood still is a success', async () => {
    const { accounting } = await world.load({ calls: 1, timeoutSeconds: 1 }, () => {
      setTimeout(() => vi.setSystemTime(Date.now() + 3000), 49);
      return reply(50);
    });
    expect(accounting).toMatchObject({ successes: 1, attemptsByError: {} });
  });

  test.each([
    { warmup: '100', at: 50, warned: [] },
    { warmup: '100', at: 150, warned: ['stood-still'] },
  ])(
    'a standstill is warned about only if it was in the measured part: %j',
    async ({ warmup, at, warned }) => {
      const plan = { rate: '100', duration: '2s', warmup, parallel: 10 };
      const { warnings } = await world.load(plan, ({ index }) => {
        if (index === at) vi.setSystemTime(Date.now() + 3000);
        return reply(2);
      });
      expect(warnings.map(({ code }) => code)).toEqual(warned);
    },
  );

  test('timeouts give an attempt up within a hundredth of a second', async () => {
    const { accounting, latency, window, endedAtEpochMs } = await world.load(
      { calls: 1, timeoutSeconds: 5 },
      () => 'silence',
    );
    expect(accounting.attemptsByError).toEqual({ timeout: 1 });
    expect(latency.error.maxMs).toBeGreaterThan(5000);
    expect(latency.error.maxMs).toBeLessThanOrEqual(5010);
    expect(window.closedLateMs).toBe(Math.ceil(35_000 - latency.error.maxMs));
    expect(window.endEpochMs).toBe(endedAtEpochMs + 1000 + 500 + window.closedLateMs);
  });

  test('a 504 keeps the window open as a timeout does, and a plain failure closes it at once', async () => {
    const late = await world.load({ calls: 2 }, ({ index }) =>
      index === 0 ? { afterMs: 29_000, bytes: answer(504) } : reply(10),
    );
    expect(late.window.closedLateMs).toBe(6000);
    const prompt = await world.load({ calls: 1 }, () => ({ afterMs: 10, bytes: answer(500) }));
    expect(prompt.window.closedLateMs).toBe(0);
  });
});

describe('an interrupt', () => {
  test('an interrupt that is the first starts no new call, and cuts those in flight after two seconds', async () => {
    setTimeout(() => world.first.abort(), 1050);
    const { accounting, state, elapsedMs, latency } = await world.load(
      { calls: 100, parallel: 4 },
      ({ index }) => (index === 2 ? 'silence' : reply(100)),
    );
    expect(state).toBe('interrupted');
    expect(accounting.attemptsByError).toEqual({ interrupted: 1 });
    expect(accounting.calls).toBeLessThan(40);
    expect(accounting.successes).toBe(accounting.calls - 1);
    expect(latency.success.maxMs).toBe(100);
    expect(elapsedMs).toBeLessThan(3100);
    expect(accounting.reachedLambda).toEqual({ min: accounting.calls - 1, max: accounting.calls });
  });

  test('an interrupt that is the second cuts the calls in flight at once', async () => {
    setTimeout(() => world.first.abort(), 500);
    setTimeout(() => world.second.abort(), 600);
    const { accounting, state } = await world.load({ calls: 100, parallel: 4 }, () => reply(60_000));
    expect({ state, errors: accounting.attemptsByError }).toEqual({
      state: 'interrupted',
      errors: { interrupted: 4 },
    });
    expect(world.nowMs()).toBeLessThan(1000);
  });

  test('an interrupt while the last calls are in flight cuts the load short, unless these calls still end', async () => {
    setTimeout(() => world.first.abort(), 500);
    const cut = await world.load({ calls: 4, parallel: 4 }, () => reply(60_000));
    expect({ state: cut.state, calls: cut.accounting.calls }).toEqual({ state: 'interrupted', calls: 4 });
    world = new VirtualWorld();
    setTimeout(() => world.first.abort(), 500);
    const ended = await world.load({ calls: 4, parallel: 4 }, () => reply(1000));
    expect({ state: ended.state, successes: ended.accounting.successes }).toEqual({
      state: 'complete',
      successes: 4,
    });
  });

  test('an interrupt before the start keeps every call from being sent', async () => {
    world.first.abort();
    const { accounting, state } = await world.load({ calls: 10 }, () => reply(1));
    expect({ calls: accounting.calls, state }).toEqual({ calls: 0, state: 'interrupted' });
    expect(world.requests).toHaveLength(0);
  });

  test('an interrupt during the warm-up keeps the measurement from following', async () => {
    setTimeout(() => world.first.abort(), 250);
    const result = await world.load({ calls: 10, warmup: '100' }, () => reply(100));
    const { accounting, state } = result;
    expect({ calls: accounting.calls, state }).toEqual({ calls: 0, state: 'interrupted' });
    expect(warmupOf(result)?.calls).toBeGreaterThan(0);
    expect(warmupOf(result)?.calls).toBeLessThan(100);
  });

  test('an interrupt ends a call that waits for its next attempt as its last attempt did', async () => {
    setTimeout(() => world.first.abort(), 30);
    const { accounting } = await world.load(
      { calls: 1, retries: 5 },
      () => ({ afterMs: 10, bytes: answer(503) }),
      {
        random: () => 1,
      },
    );
    expect(accounting).toMatchObject({ calls: 1, unexpected: 1, attempts: 1, retries: 0 });
  });

  test('an interrupt of an open loop counts calls that were due and unsent, and not those that lay ahead', async () => {
    setTimeout(() => world.first.abort(), 1000);
    const { accounting, state } = await world.load({ rate: '100', duration: '10s', parallel: 1 }, () =>
      reply(100),
    );
    expect(state).toBe('interrupted');
    expect(accounting.calls).toBe(10);
    expect(accounting.notSent).toBe(90);
  });
});

describe('the end of the time', () => {
  test('the end of the time ends retries too: a call that waits for one ends as its last attempt did', async () => {
    const { accounting, elapsedMs } = await world.load(
      { duration: '1s', parallel: 4, retries: 10 },
      () => ({ afterMs: 10, bytes: answer(429) }),
      { random: () => 0.9 },
    );
    expect(accounting.successes).toBe(0);
    expect(accounting.retries).toBeGreaterThan(4);
    // One look of the sweep, and one attempt that was under way.
    expect(elapsedMs).toBeLessThan(1200);
  });

  test('an interrupt that ends retries cuts the load short, though no call was left to begin', async () => {
    setTimeout(() => world.first.abort(), 400);
    const { accounting, state } = await world.load(
      { calls: 3, parallel: 3, retries: 10 },
      () => ({ afterMs: 10, bytes: answer(503) }),
      { random: () => 0.9 },
    );
    expect(accounting).toMatchObject({ calls: 3, unexpected: 3 });
    expect(state).toBe('interrupted');
  });

  test('the end of a round does not end retries: they continue in the next round', async () => {
    const refusedOnce = new Set<string>();
    const session = (runtime: string) =>
      world.session({ calls: 30, parallel: 1, retries: 3 }, ({ index }) => {
        const key = `${runtime}${index}`;
        const isFirst = index % 2 === 0 && !refusedOnce.has(key);
        refusedOnce.add(key);
        return { afterMs: 40, bytes: answer(isFirst ? 500 : 200) };
      });
    const results = await world.play([session('a'), session('b')], { rounds: 6 });
    for (const { accounting } of results) expect(accounting).toMatchObject({ calls: 30, successes: 30 });
  });

  test('an open loop whose tattoos end before its plan says so', async () => {
    const { accounting, warnings } = await world.load(
      { route: 'sheep', rate: '100', calls: 100, warmup: '1s', startAt: '18446744073709551466' },
      () => ({ afterMs: 5, bytes: answer(201) }),
    );
    expect(accounting.calls).toBe(50);
    expect(warnings.map(({ code }) => code)).toContain('numbers-exhausted');
  });
});

describe('several in turn', () => {
  test('turns alternate, never overlap, and each load gets its whole plan', async () => {
    const seen: { who: string; from: number; to: number }[] = [];
    const session = (who: string, delayMs: number) =>
      world.session(
        { calls: 100, parallel: 10 },
        ({ atMs }) => {
          seen.push({ who, from: atMs, to: atMs + delayMs });
          return reply(delayMs);
        },
        { runtime: who },
      );
    const [a, b] = await world.play([session('a', 50), session('b', 100)], { rounds: 3 });
    expect([a?.accounting.calls, b?.accounting.calls]).toEqual([100, 100]);
    // Each round of 33 or 34 calls takes ten in parallel four times the delay.
    expect([a?.elapsedMs, b?.elapsedMs]).toEqual([600, 1200]);
    const ofB = seen.filter(({ who }) => who === 'b');
    const overlaps = seen
      .filter(({ who }) => who === 'a')
      .flatMap((x) => ofB.filter((y) => x.to > y.from && y.to > x.from).map((y) => [x, y]));
    expect(overlaps).toEqual([]);
    const turns = seen
      .toSorted((x, y) => x.from - y.from)
      .filter(({ who }, at, all) => all[at - 1]?.who !== who);
    // In the second and third round b is first.
    expect(turns.map(({ who }) => who)).toEqual(['a', 'b', 'a', 'b', 'a']);
    expect(a?.rounds.map(({ index, turn, accounting }) => [index, turn, accounting.calls])).toEqual([
      [1, 1, 34],
      [2, 2, 33],
      [3, 2, 33],
    ]);
    expect(b?.rounds.map(({ turn }) => turn)).toEqual([2, 1, 1]);
    for (const [round, of] of (a?.rounds ?? []).entries()) {
      expect(of.endEpochMs - of.startEpochMs).toBe(of.elapsedMs);
      expect(of.success.count).toBe(of.accounting.calls);
      // A round begins when the one before is over, for all loads.
      const next = a?.rounds[round + 1];
      if (next !== undefined)
        expect(next.startEpochMs).toBeGreaterThanOrEqual(b?.rounds[round]?.endEpochMs ?? 0);
    }
  });

  test('with few calls in flight, loads take turns several times in a round, in the order A B B A', async () => {
    const seen: string[] = [];
    const told: string[] = [];
    const session = (who: string) =>
      world.session(
        { calls: 40, parallel: 2 },
        () => {
          seen.push(who);
          return reply(10);
        },
        { runtime: who },
      );
    const [a, b] = await world.play([session('a'), session('b')], {
      rounds: 2,
      afterTurn: async (load, { accounting }) => {
        told.push(`${load}: ${accounting.calls}`);
      },
    });
    // A round has 20 calls of each load: two slices of 10, which is 5 for each call in flight.
    expect(seen.join('')).toBe(
      ['a', 'b', 'b', 'a', 'a', 'b', 'b', 'a'].map((who) => who.repeat(10)).join(''),
    );
    // The slices of a round are one turn, whose length leaves out the slices of the other load.
    for (const result of [a, b]) {
      expect(
        result?.rounds.map(({ index, turn, accounting, elapsedMs, success }) => ({
          index,
          turn,
          calls: accounting.calls,
          elapsedMs,
          successes: success.count,
        })),
      ).toEqual([
        { index: 1, turn: result === a ? 1 : 2, calls: 20, elapsedMs: 100, successes: 20 },
        { index: 2, turn: result === a ? 1 : 2, calls: 20, elapsedMs: 100, successes: 20 },
      ]);
      expect(result).toMatchObject({ state: 'complete', elapsedMs: 200 });
    }
    expect(a?.rounds[0]).toMatchObject({ endEpochMs: (a?.rounds[0]?.startEpochMs ?? 0) + 200 });
    // Slices that are shorter than the time between two looks are told at their ends.
    const looks = world.events.flatMap((event) =>
      event.type === 'load-progress' && event.runtime === 'a' ? [event.progress.callsDone] : [],
    );
    expect(looks).toEqual([20, 40]);
    // A record is written after the warm-up and once a round, not once a slice.
    expect(told).toEqual(['0: 0', '1: 0', '1: 20', '0: 20', '1: 40', '0: 40']);
  });

  test('more rounds than calls leave some rounds empty, and no call is lost', async () => {
    const [result] = await world.play([world.session({ calls: 2, parallel: 2 }, () => reply(5))], {
      rounds: 4,
    });
    expect(result?.rounds.map(({ accounting }) => accounting.calls)).toEqual([1, 0, 1]);
    expect(result?.state).toBe('complete');
  });

  test('what was measured is told after every turn, as interrupted until the last', async () => {
    const told: string[] = [];
    const rounds: number[] = [];
    const session = (runtime: string) =>
      world.session({ calls: 4, parallel: 1, warmup: '2' }, () => reply(5), { runtime });
    await world.play([session('a'), session('b')], {
      rounds: 2,
      beforeRound: (round) => {
        rounds.push(round);
      },
      afterTurn: async (load, { state, accounting, rounds }) => {
        told.push(`${load} ${state} ${accounting.calls} of ${rounds.length} phases`);
      },
    });
    expect(told).toEqual([
      '0 interrupted 0 of 1 phases',
      '1 interrupted 0 of 1 phases',
      '0 interrupted 2 of 2 phases',
      '1 interrupted 2 of 2 phases',
      '1 complete 4 of 3 phases',
      '0 complete 4 of 3 phases',
    ]);
    expect(rounds).toEqual([1, 2, 3]);
  });

  test('an interrupt ends the turn at hand, and no other follows', async () => {
    const session = (runtime: string) =>
      world.session({ calls: 100, parallel: 1 }, () => reply(10), { runtime });
    setTimeout(() => world.first.abort(), 305);
    const [a, b] = await world.play([session('a'), session('b')], { rounds: 10 });
    expect(a?.state).toBe('interrupted');
    // Each round has two slices of 5 calls of each load, a b b a: the interrupt falls into the second one of b.
    expect(a?.rounds.map(({ accounting }) => accounting.calls)).toEqual([10, 5]);
    expect(b?.rounds.map(({ accounting }) => accounting.calls)).toEqual([10, 6]);
  });

  test('each load by time has its whole time, without the turns of the others', async () => {
    const results = await world.play(
      ['a', 'b'].map((runtime) =>
        world.session({ duration: '3s', parallel: 1 }, () => reply(100), { runtime }),
      ),
      { rounds: 3 },
    );
    for (const { accounting, elapsedMs } of results) {
      expect(accounting.calls).toBe(30);
      expect(elapsedMs).toBe(3000);
    }
  });

  test('in the open loop each round goes on where the schedule stopped', async () => {
    const results = await world.play(
      ['a', 'b'].map((runtime) =>
        world.session({ rate: '10', duration: '3s' }, () => reply(10), { runtime }),
      ),
      { rounds: 3 },
    );
    for (const { accounting, latency } of results) {
      expect(accounting).toMatchObject({ calls: 30, notSent: 0 });
      expectDistribution(latency.success, Array(30).fill(10));
    }
    const bins = results.map(({ timeline }) => timeline.bins.reduce((sum, bin) => sum + bin.successes, 0));
    expect(bins).toEqual([30, 30]);
  });

  test('rounds do not hide that a server is overloaded: what was late in one is late in the next', async () => {
    // One connection of 100 ms carries half of 20/s; the rest waits, and is given up five seconds after the plan.
    const request = { rate: '20', duration: '20s', parallel: 1 };
    const [alone] = await world.play([world.session(request, () => reply(100))]);
    const [sliced] = await world.play(
      ['a', 'b'].map((runtime) => world.session(request, () => reply(100), { runtime })),
      { rounds: 20 },
    );
    expect(alone?.accounting.notSent).toBeGreaterThan(100);
    // Each round may end with a call that began in it: at most that much is made beyond.
    expect(sliced?.accounting.notSent).toBeGreaterThan((alone?.accounting.notSent ?? 0) - 25);
    // None of it is the instrument's own doing.
    expect(sliced?.instrument.sendLagP99Ms).toBe(0);
    const p90 = (result: LoadResult | undefined) =>
      quantileMs(result?.latency.success ?? EMPTY_HISTOGRAM, 0.9) ?? 0;
    expect(p90(sliced)).toBeGreaterThan(p90(alone) * 0.85);
  });

  test('a load that is interrupted during the turn of another counts what it still had to send', async () => {
    const request = { rate: '20', duration: '20s', parallel: 1 };
    const sessions = ['a', 'b'].map((runtime) => world.session(request, () => reply(100), { runtime }));
    setTimeout(() => world.first.abort(), 5500);
    const [a] = await world.play(sessions, { rounds: 20 });
    expect(a?.accounting.notSent).toBeGreaterThan(20);
  });

  test('a round without calls is played to its end: the rate of a slow schedule is kept', async () => {
    const startMs = world.nowMs();
    const results = await world.play(
      ['a', 'b'].map((runtime) => world.session({ rate: '1', duration: '6s' }, () => reply(5), { runtime })),
      { rounds: 6 },
    );
    for (const { accounting, elapsedMs, timeline } of results) {
      expect({ calls: accounting.calls, elapsedMs }).toEqual({ calls: 6, elapsedMs: 6000 });
      expect(timeline.bins).toHaveLength(51);
    }
    expect(world.nowMs() - startMs).toBeGreaterThanOrEqual(12_000);
  });

  test('a silence at the end of a ramp is played', async () => {
    const startMs = world.nowMs();
    const { elapsedMs, accounting } = await world.load({ ramp: '1s:20,4s:0', parallel: 10 }, () => reply(5));
    expect({ elapsedMs, calls: accounting.calls }).toEqual({ elapsedMs: 5000, calls: 20 });
    expect(world.nowMs() - startMs).toBeGreaterThanOrEqual(5000);
  });

  test('a silence in the schedule stays one in the timeline', async () => {
    const request = { ramp: '1s:10,2s:0,1s:10', parallel: 2 };
    const rates = () =>
      world.events.flatMap((event) => (event.type === 'load-progress' ? event.progress.ratePerSecond : []));
    const successesOf = (result: LoadResult | undefined) =>
      result?.timeline.bins.map(({ successes }) => successes) ?? [];
    const [whole] = await world.play([world.session(request, () => reply(10))]);
    const [sliced] = await world.play(
      ['a', 'b'].map((runtime) => world.session(request, () => reply(10), { runtime })),
      { rounds: 4 },
    );
    expect(successesOf(sliced)).toEqual(successesOf(whole));
    expect(Math.max(...rates())).toBeLessThanOrEqual(20);
  });
});

describe('the live view', () => {
  test('the live view has at most ten looks a second, each with what is done and left, and then the end', async () => {
    await world.load({ calls: 200, parallel: 2 }, () => reply(20));
    const [start, ...rest] = world.events;
    const end = rest.pop();
    expect(start).toEqual({
      type: 'load-start',
      runtime: 'virtual',
      route: 'dog',
      mode: 'closed',
      parallel: 2,
      calls: 200,
    });
    expect(rest).toHaveLength(20);
    expect(rest[9]).toEqual({
      type: 'load-progress',
      runtime: 'virtual',
      route: 'dog',
      progress: {
        phase: 'measure',
        // Those of the look's own millisecond are yet to come.
        callsDone: 98,
        callsPlanned: 200,
        successes: 98,
        unexpected: 0,
        errors: 0,
        p50Ms: 20,
        p99Ms: 20,
        ratePerSecond: 100,
        elapsedMs: 1000,
        leftMs: 1020,
      },
    });
    expect(end).toMatchObject({
      type: 'load-end',
      interrupted: false,
      progress: { callsDone: 200, successes: 200, ratePerSecond: 100, elapsedMs: 2000 },
    });
  });

  test('the live view of a load by time shows the time left by the clock', async () => {
    await world.load({ duration: '2s', parallel: 1 }, () => reply(10));
    const looks = world.events.filter((event) => event.type === 'load-progress');
    expect(looks[4]?.progress.leftMs).toBe(1500);
    expect(looks[4]?.progress.callsPlanned).toBeUndefined();
  });
});

import { afterEach, describe, expect, test } from 'vitest';
import type { ProgressEvent } from '../../src/model/events.ts';
import { quantileMs } from '../../src/model/histogram.ts';
import { type DelayServer, type Delays, delayServer } from './support/delay-server.ts';
import { load, testDeps } from './support/run.ts';

// Real sockets and clocks. A busy machine adds any delay to a latency and takes none away, so only lower bounds hold
// here. The exact values are those of virtual-time.test.ts, and `npm run bench:load` measures what the machine adds.

const servers: DelayServer[] = [];
async function serve(delays: Delays): Promise<DelayServer> {
  const server = await delayServer(delays);
  servers.push(server);
  return server;
}
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** No latency is shorter than what the server took, to a thousandth for the clocks of two processes. */
function expectAtLeast(actualMs: number | undefined, truthMs: number): void {
  expect(actualMs).toBeGreaterThanOrEqual(truthMs * 0.999);
}

describe('closed loop', () => {
  test('a constant delay is reported no faster than it is, and typically no slower', async () => {
    const server = await serve({ kind: 'constant', ms: 100 });
    const { latency, accounting } = await load(server.url, { calls: 100, parallel: 10 });
    expect(accounting.successes).toBe(100);
    expectAtLeast(latency.success.minMs, 100);
    expectAtLeast(quantileMs(latency.success, 0.5), 100);
  });

  test('the percentiles of two delays change where their shares do', async () => {
    const server = await serve({ kind: 'bimodal', ms: 50, everyTenthMs: 600 });
    const { latency } = await load(server.url, { calls: 200, parallel: 20 });
    expectAtLeast(quantileMs(latency.success, 0.5), 50);
    expectAtLeast(quantileMs(latency.success, 0.92), 600);
  });

  test('a load by time waits for the calls in flight at its end and counts them', async () => {
    const server = await serve({ kind: 'constant', ms: 400 });
    const { accounting, elapsedMs, plan } = await load(server.url, { duration: '700ms', parallel: 3 });
    expect(plan.calls).toBeUndefined();
    // Starts at 0 and 400 ms, on three connections.
    expect(accounting).toMatchObject({ calls: 6, successes: 6 });
    expect(elapsedMs).toBeGreaterThanOrEqual(800);
    expect(await server.requests()).toBe(6);
  });
});

test('a generator that stood still reads what arrived before it judges, and says that it stood still', async () => {
  const server = await serve({ kind: 'constant', ms: 50 });
  let hasSlept = false;
  const emit = (event: ProgressEvent) => {
    if (hasSlept || event.type !== 'load-progress' || event.progress.successes === 0) return;
    hasSlept = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1600);
  };
  const { accounting, warnings } = await load(
    server.url,
    { duration: '1s', parallel: 4, plan: { timeoutMs: 1000 } },
    { deps: { emit } },
  );
  expect(accounting.attemptsByError).toEqual({});
  expect(warnings.map(({ code }) => code)).toContain('stood-still');
});

describe('open loop', () => {
  test('the planned calls are sent at the planned rate', async () => {
    const server = await serve({ kind: 'constant', ms: 20 });
    const { accounting, elapsedMs, latency } = await load(server.url, {
      rate: '100',
      duration: '1s',
      parallel: 50,
    });
    expect(accounting).toMatchObject({ calls: 100, successes: 100, notSent: 0 });
    expectAtLeast(elapsedMs, 1000);
    expectAtLeast(quantileMs(latency.success, 0.5), 20);
    expectAtLeast(latency.serviceTime === undefined ? undefined : quantileMs(latency.serviceTime, 0.5), 20);
  });

  test('through a stall the whole plan is sent, and latency counts from the intended start', async () => {
    // 3 s at 200/s, nothing answered from 1 s to 2 s: a third of the calls waits, evenly from 0 to 1 s.
    const server = await serve({ kind: 'stall', ms: 1, fromMs: 1000, untilMs: 2000 });
    const { accounting, latency } = await load(server.url, { rate: '200', duration: '3s', parallel: 20 });
    expect(accounting).toMatchObject({ calls: 600, successes: 600, notSent: 0 });
    // With 20 connections most of the waiting is here, not at the server: a closed loop would not have seen it.
    expect(accounting.sentLate).toBeGreaterThan(150);
    const waitedMs = (q: number) => ((q - 2 / 3) / (1 / 3)) * 1000;
    // A hundredth of the calls is sent so late by a busy machine that it misses the stall.
    for (const q of [0.8, 0.9, 0.95]) expectAtLeast(quantileMs(latency.success, q), waitedMs(q - 0.01));
    expectAtLeast(quantileMs(latency.success, 0.5), 1);
    const service = latency.serviceTime;
    // The waiting of most calls is no part of the service time.
    expect(service === undefined ? undefined : quantileMs(service, 0.8)).toBeLessThan(
      quantileMs(latency.success, 0.8) ?? 0,
    );
  });

  test('connections are opened as they are needed, up to the limit', async () => {
    const server = await serve({ kind: 'constant', ms: 200 });
    const { connections } = await load(server.url, { rate: '50', duration: '1s', parallel: 100 });
    expect(connections.opened).toBeGreaterThanOrEqual(10);
    expect(connections.opened).toBeLessThan(50);
  });
});

describe('several threads', () => {
  test('several threads share the calls of a load exactly, with one histogram and one accounting', async () => {
    const server = await serve({ kind: 'constant', ms: 20 });
    const { accounting, connections, latency, instrument, rounds } = await load(server.url, {
      calls: 301,
      parallel: 7,
      threads: 3,
      warmup: '50',
    });
    expect(accounting).toMatchObject({ calls: 301, successes: 301 });
    expect(rounds[0]).toMatchObject({ index: 0, accounting: { calls: 50, successes: 50 } });
    expect(connections.opened).toBe(7);
    expect(latency.success.count).toBe(301);
    expectAtLeast(quantileMs(latency.success, 0.5), 20);
    expect(instrument.threads).toBe(3);
    expect(await server.requests()).toBe(351);
  });

  test('several threads share the schedule of an open loop call by call', async () => {
    const server = await serve({ kind: 'constant', ms: 5 });
    const { accounting, elapsedMs } = await load(server.url, {
      rate: '200',
      duration: '1s',
      parallel: 20,
      threads: 2,
    });
    expect(accounting).toMatchObject({ calls: 200, successes: 200, notSent: 0 });
    expectAtLeast(elapsedMs, 1000);
  });

  test('several threads end together at an interrupt and keep what was measured', async () => {
    const server = await serve({ kind: 'constant', ms: 20 });
    const first = new AbortController();
    const deps = testDeps({
      interrupt: { first: first.signal, second: new AbortController().signal },
      emit: (event) => {
        if (event.type === 'load-progress' && event.progress.successes > 0) first.abort();
      },
    });
    const { accounting, state } = await load(
      server.url,
      { duration: '60s', parallel: 4, threads: 2 },
      { deps },
    );
    expect(state).toBe('interrupted');
    expect(accounting.successes).toBeGreaterThan(0);
    expect(accounting.calls).toBe(await server.requests());
  });
});

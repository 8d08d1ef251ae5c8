import { describe, expect, test } from 'vitest';
import { quantileMs } from '../../../src/model/histogram.ts';
import { load } from '../support/run.ts';
import { expectAtLeast, serve } from './serve.ts';

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

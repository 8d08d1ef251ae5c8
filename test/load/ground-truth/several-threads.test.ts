import { describe, expect, test } from 'vitest';
import { quantileMs } from '../../../src/model/histogram.ts';
import { load, testDeps } from '../support/run.ts';
import { expectAtLeast, serve } from './serve.ts';

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

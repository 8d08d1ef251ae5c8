import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ProgressEvent } from '../../../src/model/events.ts';
import { quantileMs } from '../../../src/model/histogram.ts';
import { load } from '../support/run.ts';
import { expectAtLeast, serve } from './serve.ts';

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
  // The server polls on a thread of this process. A process that is stopped takes no CPU time on any thread.
  const cpu = vi.spyOn(process, 'cpuUsage').mockReturnValue({ user: 0, system: 0 });
  onTestFinished(() => cpu.mockRestore());
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

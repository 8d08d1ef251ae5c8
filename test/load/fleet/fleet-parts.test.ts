import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Phase } from '../../../src/load/engine/engine.ts';
import { fleetSize, waveMsOf } from '../../../src/load/fleet/fleet-size.ts';
import { meterOf } from '../../../src/load/fleet/invoke-loader.ts';
import { LoaderClocks, readClock } from '../../../src/load/fleet/loader-clocks.ts';
import { decodeOrder, encodeOrder, packAnswer } from '../../../src/load/fleet/orders.ts';
import { readReply } from '../../../src/load/fleet/read-reply.ts';
import { planMsOf, plannedCalls, waveOf } from '../../../src/load/fleet/wave.ts';
import { createLoadPlan, type LoadRequest } from '../../../src/load/load-plan.ts';

const plan = (request: Partial<LoadRequest>) => createLoadPlan({ route: 'dog', ...request });

describe('the number of loaders', () => {
  test.each<[Partial<LoadRequest>, number]>([
    [{ parallel: 100 }, 1],
    [{ parallel: 1000, calls: 10_000 }, 4],
    [{ parallel: 400, rate: '10000', duration: '1m' }, 4],
    [{ parallel: 3, rate: '10000', duration: '1m' }, 3],
  ])('the plan %j determines the number of loaders', (request, loaders) => {
    expect(fleetSize(plan(request), undefined)).toBe(loaders);
  });

  test.each<[Partial<LoadRequest>, number, string]>([
    [{ parallel: 4 }, 5, 'too-many-loaders'],
    [{ parallel: 100, calls: 7 }, 8, 'too-many-loaders'],
    [{ parallel: 2000, calls: 5000 }, 2, 'too-few-loaders'],
    [{ parallel: 10, threads: 2 }, 2, 'not-from-loaders'],
    [{ parallel: 10, stopWhen: ['errors>5'] }, 2, 'not-from-loaders'],
    [{ parallel: 10, timeoutSeconds: 900 }, 2, 'not-from-loaders'],
  ])('%j from %i loaders is refused as %s', (request, loaders, code) => {
    expect(() => fleetSize(plan(request), loaders)).toThrow(expect.objectContaining({ code, exitCode: 2 }));
  });

  test('a wave leaves room for the last answers within the 15 minutes of an invocation', () => {
    expect(waveMsOf({ timeoutMs: 35_000 })).toBe(780_000);
    expect(waveMsOf({ timeoutMs: 600_000 })).toBe(240_000);
  });
});

describe('waves', () => {
  const closed: Phase = {
    kind: 'measure',
    limit: 110,
    durationMs: Number.POSITIVE_INFINITY,
    measuredBeforeMs: 0,
    planLeftMs: Number.POSITIVE_INFINITY,
  };
  const stages = [{ durationMs: 10_000, fromPerSecond: 10, toPerSecond: 10 }];
  const open: Phase = {
    ...closed,
    limit: 0,
    durationMs: 0,
    open: { stages, calls: 100, fromMs: 0, toMs: 10_000, numberedFrom: 5 },
  };

  test('the shares of all loaders together are the calls of the phase, each once', () => {
    for (const [phase, first] of [
      [closed, 10],
      [open, 0],
    ] as const) {
      for (const loaders of [1, 3, 7, 100, 130]) {
        const shares = Array.from(
          { length: loaders },
          (_, index) => plannedCalls(phase, first + index, loaders) ?? Number.NaN,
        );
        expect(shares.reduce((a, b) => a + b, 0)).toBe(100);
      }
    }
  });

  test('the waves of an open loop follow one another without a gap in the schedule', () => {
    const first = waveOf(open, { planMs: 0, elapsedMs: 0 }, 4000);
    const last = waveOf(open, { planMs: 8000, elapsedMs: 8100 }, 4000);
    expect(first.open).toMatchObject({ fromMs: 0, toMs: 4000 });
    expect(last.open).toMatchObject({ fromMs: 8000, toMs: 10_000 });
    expect(last.measuredBeforeMs).toBe(8100);
    expect(planMsOf(open)).toBe(10_000);
    // Calls 0, 3, … 39 are due before 4 s.
    expect(plannedCalls(first, 0, 3)).toBe(14);
  });

  test('a closed loop that ends by time has no planned number of calls', () => {
    expect(plannedCalls({ ...closed, durationMs: 1000 }, 10, 2)).toBeUndefined();
  });
});

describe('the clocks of loaders', () => {
  test('the difference of two clocks is known to half of the time that the messages were under way', () => {
    const exchange = {
      sentEpochMs: 1000,
      receivedEpochMs: 6030,
      answeredEpochMs: 6230,
      returnedEpochMs: 1240,
    };
    expect(readClock(exchange)).toEqual({ offsetMs: 5010, errorMs: 20 });
  });

  test('each environment counts by its most exact reading, and the spread is the difference between environments', () => {
    const clocks = new LoaderClocks();
    clocks.add('a', { offsetMs: 900, errorMs: 400 });
    clocks.add('a', { offsetMs: 10, errorMs: 5 });
    expect(clocks.spread).toBeUndefined();
    clocks.add('b', { offsetMs: 13, errorMs: 7 });
    expect(clocks.best).toEqual({ offsetMs: 10, errorMs: 5 });
    expect(clocks.spread).toEqual({ spreadMs: 3, errorMs: 7 });
  });
});

describe('orders and answers', () => {
  test('an order keeps infinite limits when it is sent as JSON', () => {
    const order = {
      do: 'load',
      phase: { limit: Number.POSITIVE_INFINITY, durationMs: 5 },
      field: 'Infinity',
    } as never;
    expect(decodeOrder(JSON.parse(encodeOrder(order)))).toEqual(order);
  });

  test('an order keeps the bytes of request bodies when it is sent as JSON', () => {
    const bytes = Buffer.from([0, 0x7b, 0xc3, 0xa9, 0xff]);
    const order = { do: 'load', setup: { contents: [{ body: bytes }, { body: new Uint8Array(bytes) }] } };
    const decoded = decodeOrder(JSON.parse(encodeOrder(order as never)));
    expect(decoded).toEqual({ do: 'load', setup: { contents: [{ body: bytes }, { body: bytes }] } });
  });

  const answered = (payload: string) => readReply({ kind: 'answered', payload, meter: {} });

  test('the answer of a loader that is ready is read as the loader wrote it', () => {
    const self = { environment: 'e', isCold: true, receivedEpochMs: 1, answeredEpochMs: 2 };
    expect(answered(JSON.stringify(packAnswer({ ...self, is: 'met' })))).toEqual({ ...self, is: 'met' });
  });

  test.each([
    ['no JSON', 'Internal Server Error'],
    ['nothing', 'null'],
    ['no archive', '{"gzip":"bm90IGd6aXA="}'],
    ['no answer', JSON.stringify({ gzip: gzipSync('{"is":"loaded"}').toString('base64') })],
    ['an unknown answer', JSON.stringify({ gzip: gzipSync('{"is":"sorry"}').toString('base64') })],
  ])('an answer is unreadable if it is %s', (_what, payload) => {
    expect(answered(payload)).toMatchObject({ is: 'lost', reason: 'rubbish' });
  });

  test('an answer is unreadable if a length in it is negative, and the message names the length', () => {
    const odd = { environment: 'e', isCold: true, receivedEpochMs: 1, answeredEpochMs: 2, elapsedMs: -1 };
    const text = JSON.stringify({ ...odd, is: 'loaded' });
    const payload = JSON.stringify({ gzip: gzipSync(text).toString('base64') });
    expect(answered(payload)).toMatchObject({
      is: 'lost',
      reason: 'rubbish',
      message: 'elapsedMs is -1, not a number from 0 to 10^15',
    });
  });

  test('the log tail of an invocation says what it was billed, and what its cold start took', () => {
    const cold =
      'START RequestId: a Version: $LATEST\nREPORT RequestId: a\tDuration: 1000.10 ms\tBilled Duration: 1230 ms\tMemory Size: 1769 MB\tMax Memory Used: 80 MB\tInit Duration: 229.04 ms\t\n';
    expect(meterOf(cold)).toEqual({ billedMs: 1230, initMs: 229.04 });
    expect(meterOf('')).toEqual({});
  });
});

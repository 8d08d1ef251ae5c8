import { describe, expect, test } from 'vitest';
import {
  createPatience,
  MAX_OUTAGE_MS,
  type PatienceDeps,
  retryDelayMs,
} from '../../../src/deploy/stacks/patience.ts';
import type { ProgressEvent } from '../../../src/model/events.ts';
import { FakeClock } from '../fake/clock.ts';
import { serviceError } from '../fake/fake-cloudformation.ts';

const refused = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
const serverError = () =>
  Object.assign(serviceError('InternalFailure', 'the database is gone'), {
    $metadata: { httpStatusCode: 500 },
  });
const throttled = () => serviceError('Throttling', 'Rate exceeded');

function world(target: PatienceDeps['target'] = { kind: 'aws' }) {
  const clock = new FakeClock();
  const events: ProgressEvent[] = [];
  const deps = {
    now: clock.now,
    sleep: clock.sleep,
    random: () => 1,
    emit: (event: ProgressEvent) => events.push(event),
  };
  return { clock, events, patience: createPatience({ ...deps, target }) };
}

/** A call that fails so often before it answers. */
function failing(times: number, error: () => Error) {
  let calls = 0;
  return {
    calls: () => calls,
    attempt: async (): Promise<string> => {
      calls += 1;
      if (calls <= times) throw error();
      return 'answer';
    },
  };
}

describe('patience', () => {
  test('patience waits longer and longer, up to fifteen seconds, never less than half of that', () => {
    expect([0, 1, 2, 3, 4, 5, 9].map((failures) => retryDelayMs(failures, 1))).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000,
    ]);
    expect(retryDelayMs(9, 0)).toBe(7_500);
  });

  test('patience says once that an outage began and once that it is over, with its length', async () => {
    const { patience, events } = world();
    const { signal } = new AbortController();
    await patience.call(failing(4, throttled).attempt, signal);
    expect(events).toEqual([
      {
        type: 'warning',
        code: 'throttled',
        message: 'AWS refuses for too many requests (Throttling); asking less often, for up to 15 minutes',
      },
      { type: 'note', message: 'AWS answers again, after 8 s' },
    ]);
  });

  test('patience says nothing where nothing fails', async () => {
    const { patience, events } = world();
    await patience.call(failing(0, throttled).attempt, new AbortController().signal);
    expect(events).toEqual([]);
  });

  test('patience does not repeat what was answered with a plain error', async () => {
    const { patience } = world();
    const call = failing(1, () => serviceError('ValidationError', 'no'));
    await expect(patience.call(call.attempt, new AbortController().signal)).rejects.toThrow('no');
    expect(call.calls()).toBe(1);
  });

  test('patience ends after fifteen minutes', async () => {
    const { patience, clock } = world();
    const startedMs = clock.now();
    const call = failing(Number.POSITIVE_INFINITY, refused);
    await expect(patience.call(call.attempt, new AbortController().signal)).rejects.toThrow('ECONNREFUSED');
    expect(clock.now() - startedMs).toBeGreaterThanOrEqual(MAX_OUTAGE_MS);
    expect(clock.now() - startedMs).toBeLessThan(MAX_OUTAGE_MS + 16_000);
  });

  test('patience does not wait for a process of this machine that has ended', async () => {
    const { patience } = world({ kind: 'endpoint', endpoint: 'http://127.0.0.1:4566' });
    const call = failing(1, refused);
    await expect(patience.call(call.attempt, new AbortController().signal)).rejects.toThrow('ECONNREFUSED');
    expect(call.calls()).toBe(1);
  });

  test('patience does not wait after a server error of the local cloud, and says nothing', async () => {
    const { patience, events } = world({ kind: 'local', endpoint: 'http://127.0.0.1:4566' });
    const call = failing(1, serverError);
    await expect(patience.call(call.attempt, new AbortController().signal)).rejects.toThrow(
      'the database is gone',
    );
    expect(call.calls()).toBe(1);
    expect(events).toEqual([]);
  });

  test('patience names the endpoint, the error and the longest wait where an endpoint answers with server errors', async () => {
    const { patience, events } = world({ kind: 'endpoint', endpoint: 'http://127.0.0.1:4566' });
    await patience.call(failing(1, serverError).attempt, new AbortController().signal);
    expect(events).toEqual([
      {
        type: 'warning',
        code: 'aws-unavailable',
        message:
          'http://127.0.0.1:4566 answers with server errors (InternalFailure); trying again for up to 15 minutes',
      },
      { type: 'note', message: 'http://127.0.0.1:4566 answers again, after 1 s' },
    ]);
  });

  test('patience ends with the signal', async () => {
    const { patience } = world();
    const controller = new AbortController();
    const call = failing(Number.POSITIVE_INFINITY, () => {
      controller.abort();
      return refused();
    });
    await expect(patience.call(call.attempt, controller.signal)).rejects.toThrow('ECONNREFUSED');
    expect(call.calls()).toBe(1);
  });
});

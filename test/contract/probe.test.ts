import { afterEach, describe, expect, test } from 'vitest';
import { PROBE_TATTOO, type ProbeDeps, type ProbeResult, probeApi } from '../../src/contract/probe.ts';
import type { ProgressEvent } from '../../src/model/events.ts';
import { type FakeAnswer, FakeShed, json } from './fake-shed.ts';

let shed: FakeShed | undefined;

afterEach(async () => {
  await shed?.close();
  shed = undefined;
});

interface Probed {
  readonly result?: ProbeResult;
  readonly error?: unknown;
  readonly events: readonly ProgressEvent[];
  readonly pausesMs: readonly number[];
}

async function probe(made: FakeShed, url?: string, patience: Partial<ProbeDeps> = {}): Promise<Probed> {
  shed = made;
  const apiUrl = url ?? (await made.listen());
  const events: ProgressEvent[] = [];
  const pausesMs: number[] = [];
  let now = 0;
  const outcome = await probeApi(
    { runtime: 'fake', apiUrl },
    {
      table: made.table(),
      emit: (event) => events.push(event),
      monotonicMs: () => now,
      sleep: async (ms) => {
        pausesMs.push(ms);
        now += ms;
      },
      ...patience,
    },
  ).then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
  return { ...outcome, events, pausesMs };
}

/** A shed whose first answers are others, one per request. */
class Stuttering extends FakeShed {
  readonly #first: (FakeAnswer | 'hang-up')[];

  constructor(...first: (FakeAnswer | 'hang-up')[]) {
    super();
    this.#first = first;
  }

  override async answer(method: string, path: string, query: URLSearchParams): Promise<FakeAnswer> {
    const next = this.#first.shift();
    if (next === undefined) return super.answer(method, path, query);
    return next === 'hang-up' ? new Promise<FakeAnswer>(() => this.dropConnections()) : next;
  }
}

describe('the probe at the end of a deploy', () => {
  test('the probe at the end of a deploy calls every function once and leaves no trace', async () => {
    const made = new FakeShed();
    const { result, events, pausesMs } = await probe(made);
    expect(result).toEqual({ sheep: 0, wolfCalled: true, attempts: 4, durationMs: 0 });
    expect(made.requests).toEqual([
      'GET /v1/dog',
      'GET /v1/cat?m=0&n=0',
      'DELETE /v1/wolf',
      `POST /v1/sheeps/${PROBE_TATTOO}`,
    ]);
    expect(made.sheep.size).toBe(0);
    expect(events).toEqual([]);
    expect(pausesMs).toEqual([]);
  });

  test('the probe at the end of a deploy sends no wolf where the dog counts sheep', async () => {
    const made = new FakeShed();
    await made.table().put([{ tattoo: '1', weight: '159999999983' }]);
    const { result } = await probe(made);
    expect(result).toEqual({ sheep: 1, wolfCalled: false, attempts: 3, durationMs: 0 });
    expect([...made.sheep.keys()]).toEqual(['1']);
  });

  test('the probe at the end of a deploy tries 403, 5xx and broken connections again, with growing pauses, and says so once', async () => {
    const made = new Stuttering(
      json(403, { message: 'Missing Authentication Token' }),
      json(502, { message: 'Internal server error' }),
      'hang-up',
    );
    const { result, events, pausesMs } = await probe(made);
    expect(result).toEqual({ sheep: 0, wolfCalled: true, attempts: 7, durationMs: 3_500 });
    expect(pausesMs).toEqual([500, 1_000, 2_000]);
    expect(events).toEqual([
      {
        type: 'note',
        message:
          'fake is not ready yet (GET /dog: 403 {"message":"Missing Authentication Token"}); trying for up to two minutes',
      },
    ]);
  });

  test('the probe at the end of a deploy gives up after two minutes and names the call and the answer', async () => {
    class Down extends FakeShed {
      override async answer(): Promise<FakeAnswer> {
        return json(500, { message: 'Internal server error' });
      }
    }
    const { error, pausesMs } = await probe(new Down());
    expect(error).toMatchObject({
      code: 'probe-failed',
      exitCode: 3,
      message:
        'The API of fake does not work: GET /dog should answer 200 {"count":…}, it answered 500 {"message":"Internal server error"}',
    });
    const waitedMs = pausesMs.reduce((sum, ms) => sum + ms, 0);
    expect(waitedMs).toBeGreaterThan(105_000);
    expect(waitedMs).toBeLessThanOrEqual(120_000);
  });

  test('the probe at the end of a deploy gives up on an API that can not be reached', async () => {
    const gone = new FakeShed();
    const url = await gone.listen();
    await gone.close();
    const { error } = await probe(new FakeShed(), url);
    expect(error).toMatchObject({ code: 'probe-failed', exitCode: 3 });
    expect(String(error)).toMatch(/The API of fake does not answer GET \/dog: .*ECONNREFUSED/);
  });

  test('the probe at the end of a deploy without patience does not try a refused connection again, and says what to type', async () => {
    const gone = new FakeShed();
    const url = await gone.listen();
    await gone.close();
    const { error, pausesMs, events } = await probe(new FakeShed(), url, {
      patienceMs: 0,
      unreachableHint: 'shedbench local logs',
    });
    expect(error).toMatchObject({ code: 'probe-failed', hint: 'shedbench local logs' });
    expect(pausesMs).toEqual([]);
    expect(events).toEqual([]);
  });

  test('the probe at the end of a deploy reports the failed call, not the failed removal of its sheep', async () => {
    class Broken extends FakeShed {
      override async answer(method: string, path: string, query: URLSearchParams): Promise<FakeAnswer> {
        return method === 'POST' ? json(418, {}) : super.answer(method, path, query);
      }
    }
    const table = { remove: () => Promise.reject(new Error('no database')) };
    const { error, events } = await probe(new Broken(), undefined, { table });
    expect(String(error)).toContain(`POST /sheeps/${PROBE_TATTOO} should answer 201`);
    expect(events).toEqual([
      {
        type: 'warning',
        code: 'probe-sheep-left',
        message: `The sheep ${PROBE_TATTOO} of the probe may be left in the shed of fake: no database`,
      },
    ]);
  });

  test('the probe at the end of a deploy does not try a wrong answer again', async () => {
    const made = new Stuttering(json(200, { count: 'none' }));
    const { error, pausesMs } = await probe(made);
    expect(error).toMatchObject({ code: 'probe-failed' });
    expect(pausesMs).toEqual([]);
    expect(made.requests).toEqual(['GET /v1/dog']);
  });

  test('the probe at the end of a deploy leaves a sheep that stood there before under the same tattoo', async () => {
    const made = new FakeShed();
    await made.table().put([{ tattoo: PROBE_TATTOO, weight: '80000000000' }]);
    const { result } = await probe(made);
    expect(result?.wolfCalled).toBe(false);
    expect([...made.sheep.keys()]).toEqual([PROBE_TATTOO]);
  });

  test('the probe at the end of a deploy removes its sheep though the answer that told of it was lost', async () => {
    class Forgetful extends FakeShed {
      #lost = false;
      override async postSheep(text: string): Promise<FakeAnswer> {
        const answer = await super.postSheep(text);
        if (this.#lost) return answer;
        this.#lost = true;
        return json(504, { message: 'Endpoint request timed out' });
      }
    }
    const made = new Forgetful();
    const { result } = await probe(made);
    expect(result?.attempts).toBe(5);
    expect(made.sheep.size).toBe(0);
  });

  test('the probe at the end of a deploy removes its sheep also when the sheep function answers wrongly', async () => {
    class Odd extends FakeShed {
      override async postSheep(text: string): Promise<FakeAnswer> {
        await super.postSheep(text);
        return json(200, {});
      }
    }
    const made = new Odd();
    const { error } = await probe(made);
    expect(error).toMatchObject({ code: 'probe-failed' });
    expect(made.sheep.size).toBe(0);
  });
});

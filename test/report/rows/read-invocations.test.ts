import { describe, expect, test } from 'vitest';
import type { InsightsPort, InsightsRow, QueryRequest } from '../../../src/report/rows/insights-port.ts';
import {
  columnsOf,
  parseTelemetry,
  readInvocations,
  telemetryQuery,
} from '../../../src/report/rows/read-invocations.ts';
import { FakeWorld, NOON } from '../fixtures.ts';

const line = (changes: object = {}) =>
  JSON.stringify({
    event_type: 'performance',
    function_name: 'sheepshed-rust-get-dog-count',
    duration: 3.2,
    cpu_total_time: 1.1,
    shedbench: { queued_time: 0.2, waits: [['Scan', 1.5, 0.7]] },
    ...changes,
  });

/** CloudWatch Logs with fixed answers, one for each question; the last one stays. */
class Answers implements InsightsPort {
  readonly asked: QueryRequest[] = [];
  readonly #answers: readonly (readonly InsightsRow[] | Error)[];

  constructor(answers: readonly (readonly InsightsRow[] | Error)[]) {
    this.#answers = answers;
  }

  async startQuery(request: QueryRequest): Promise<string> {
    this.asked.push(request);
    const answer = this.#answerAt(this.asked.length - 1);
    if (answer instanceof Error) throw answer;
    return String(this.asked.length - 1);
  }

  async getQueryResults(queryId: string) {
    const answer = this.#answerAt(Number(queryId));
    return { status: 'Complete' as const, rows: answer instanceof Error ? [] : answer };
  }

  async stopQuery(): Promise<void> {}

  async logGroupCreatedAt(): Promise<undefined> {
    return undefined;
  }

  #answerAt(index: number): readonly InsightsRow[] | Error {
    return this.#answers[Math.min(index, this.#answers.length - 1)] ?? [];
  }
}

const rowAt = (secondsAfterNoon: number, changes: object = {}): InsightsRow => ({
  '@timestamp': `2026-11-23 12:00:${String(secondsAfterNoon).padStart(2, '0')}.000`,
  '@message': line(changes),
});

const RUN = {
  functionName: 'sheepshed-rust-get-dog-count',
  rounds: [
    { index: 0, startEpochMs: NOON },
    { index: 1, startEpochMs: NOON + 10_000 },
  ] as never,
};
const WINDOW = { startEpochSeconds: NOON / 1000, endEpochSeconds: NOON / 1000 + 60 };

async function read(port: Answers, expected: number) {
  const world = new FakeWorld();
  const columns = await readInvocations(
    { port, context: { kind: 'local', region: 'us-east-1' } },
    RUN,
    WINDOW,
    expected,
    world.deps,
  );
  return { columns, slept: world.slept };
}

describe('a line of CloudWatch Lambda Insights', () => {
  test('a line of CloudWatch Lambda Insights contains the CPU time of an invocation and its waits for the database', () => {
    expect(parseTelemetry(line())).toEqual({
      durationMs: 3.2,
      cpuMs: 1.1,
      queuedMs: 0.2,
      waits: [{ operation: 'Scan', startMs: 1.5, ms: 0.7 }],
    });
  });

  test('a line of CloudWatch Lambda Insights says for which request a connection was opened', () => {
    const waits = [
      ['Scan', 1, 2, 1],
      ['Scan', 4, 2],
    ];
    expect(parseTelemetry(line({ shedbench: { waits } }))?.waits).toEqual([
      { operation: 'Scan', startMs: 1, ms: 2, opensConnection: true },
      { operation: 'Scan', startMs: 4, ms: 2 },
    ]);
  });

  test('a line of CloudWatch Lambda Insights contains the CPU time of an init', () => {
    const parsed = parseTelemetry(line({ init_duration: 90, shedbench: { init_cpu_time: 60, waits: [] } }));
    expect(parsed?.init).toEqual({ durationMs: 90, cpuMs: 60 });
  });

  test.each(['', 'no JSON', '{"duration":3}', '{"duration":"3","cpu_total_time":1}', '[]', 'null'])(
    'a line of CloudWatch Lambda Insights with other content is ignored: %j',
    (text) => {
      expect(parseTelemetry(text)).toBeUndefined();
    },
  );

  test('a line of CloudWatch Lambda Insights without the member of the local cloud, as AWS writes it, has no waits', () => {
    expect(parseTelemetry(line({ shedbench: undefined }))).toEqual({
      durationMs: 3.2,
      cpuMs: 1.1,
      queuedMs: 0,
      waits: [],
    });
  });
});

describe('the invocations of a run', () => {
  test('the invocations of a run are queried by the name of its function, the latest first', async () => {
    const port = new Answers([[rowAt(20)]]);
    await read(port, 1);
    expect(port.asked[0]).toMatchObject({
      logGroupNames: ['/aws/lambda-insights'],
      query: telemetryQuery('sheepshed-rust-get-dog-count'),
      limit: 10_000,
    });
  });

  test('the invocations of a run leave out the warm ones of the warm-up, and keep its cold starts', async () => {
    const cold = { init_duration: 9, shedbench: { init_cpu_time: 4, waits: [] } };
    const { columns } = await read(new Answers([[rowAt(20), rowAt(5), rowAt(4, cold)]]), 3);
    expect(columns?.initMs).toEqual([9, null]);
  });

  test('the invocations of a run are waited for while lines are missing, since they come after the REPORT lines', async () => {
    const { columns, slept } = await read(new Answers([[], [rowAt(20), rowAt(21)]]), 2);
    expect(columns?.cpuMs).toHaveLength(2);
    expect(slept).toContain(250);
  });

  test('the invocations of a run whose lines never come are waited for at most one second', async () => {
    const { columns, slept } = await read(new Answers([[]]), 2);
    expect(columns).toBeUndefined();
    expect(slept.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(1000);
  });

  test('the invocations of a run are unknown where no such line was ever written', async () => {
    const missing = Object.assign(new Error('no group'), { name: 'ResourceNotFoundException' });
    expect((await read(new Answers([missing]), 2)).columns).toBeUndefined();
  });

  test('the invocations of a long run are a sample that is spread evenly over it', () => {
    const many = Array.from({ length: 2400 }, (_, index) => ({
      durationMs: index,
      cpuMs: 1,
      queuedMs: 0,
      waits: [],
    }));
    const { durationMs = [] } = columnsOf(many) ?? {};
    expect(durationMs).toHaveLength(240);
    expect(durationMs[0]).toBe(5);
    expect(durationMs.at(-1)).toBe(2395);
  });
});

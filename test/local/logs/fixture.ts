import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { LogStore, Service } from '../../../src/local/seams.ts';
import { createLogs } from '../../../src/local/services/logs/service.ts';

export const NOW_MS = 1_700_000_000_000;
export const ACCOUNT = '123456789012';
export const REGION = 'eu-west-3';

/** An answer's body, or its error. */
export type Body = Record<string, unknown>;

export interface TestLogs {
  readonly store: LogStore;
  readonly service: Service;
  readonly logged: string[];
  setNow(epochMs: number): void;
  /** Calls an operation and returns its output. @throws LogsError */
  call(operation: string, input?: Body): Promise<Body>;
  /** Calls an operation that must fail, and returns its error. */
  fail(operation: string, input?: Body): Promise<Body>;
  /** Waits for a query's end and returns its first page. */
  finish(queryId: unknown): Promise<Body>;
  /** Starts a query and waits for its end. */
  query(input: Body): Promise<Body>;
}

export class LogsError extends Error {
  override readonly name = 'LogsError';
  readonly body: Body;

  constructor(body: Body) {
    super(`${String(body.__type)}: ${String(body.message)}`);
    this.body = body;
  }
}

/** CloudWatch Logs behind its wire protocol, with a clock that stands. */
export function testLogs(): TestLogs {
  let now = NOW_MS;
  const logged: string[] = [];
  const { store, service } = createLogs({
    accountId: ACCOUNT,
    region: REGION,
    now: () => now,
    log: (message) => logged.push(message),
  });
  const call = async (operation: string, input: Body = {}): Promise<Body> => {
    const response = await service.handle({
      method: 'POST',
      path: '/',
      query: new URLSearchParams(),
      headers: { 'x-amz-target': `Logs_20140328.${operation}` },
      body: Buffer.from(JSON.stringify(input)),
      requestId: randomUUID(),
    });
    const body = JSON.parse(response.body.toString()) as Body;
    if (response.status !== 200) throw new LogsError({ ...body, status: response.status });
    return body;
  };
  const finish = async (queryId: unknown): Promise<Body> => {
    for (;;) {
      const results = await call('GetQueryResults', { queryId });
      if (results.status !== 'Scheduled' && results.status !== 'Running') return results;
      await delay(1);
    }
  };
  return {
    store,
    service,
    logged,
    setNow: (epochMs) => {
      now = epochMs;
    },
    call,
    fail: async (operation, input) => {
      const outcome = await call(operation, input).catch((error: unknown) => error);
      if (outcome instanceof LogsError) return outcome.body;
      throw new Error(`${operation} did not fail: ${JSON.stringify(outcome)}`);
    },
    finish,
    query: async (input) => finish((await call('StartQuery', input)).queryId),
  };
}

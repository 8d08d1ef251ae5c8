import { compileQuery } from '../../../src/local/insights/compile-query.ts';
import type { RecordSource } from '../../../src/local/insights/record.ts';
import { type QueryOutcome, type ResultField, runQuery } from '../../../src/local/insights/run-query.ts';

export const ACCOUNT = '123456789012';

export interface FixtureEvent {
  readonly timestampMs: number;
  readonly message: string;
  readonly stream?: string;
}

/** Events as a source of records; they arrive in the order given, 2 s after their time. */
export function source(group: string, events: readonly FixtureEvent[]): RecordSource {
  const at = (index: number): FixtureEvent => {
    const event = events[index];
    if (event === undefined) throw new RangeError(`no event ${index}`);
    return event;
  };
  return {
    log: `${ACCOUNT}:${group}`,
    count: events.length,
    timestampMs: (index) => at(index).timestampMs,
    ingestionTimeMs: (index) => at(index).timestampMs + 2_000,
    stream: (index) => at(index).stream ?? 'stream',
    message: (index) => at(index).message,
    byteLength: (index) => Buffer.byteLength(at(index).message),
    pointer: (index) => `${group}#${index}`,
  };
}

export interface ReportLine {
  readonly requestId?: string;
  readonly durationMs: string;
  readonly billedMs: number;
  readonly initMs?: string;
  readonly memoryMB?: number;
  readonly maxMemoryMB: number;
  readonly status?: string;
}

/** A REPORT line as Lambda writes it. */
export function report(line: ReportLine): string {
  return (
    `REPORT RequestId: ${line.requestId ?? '11111111-2222-3333-4444-555555555555'}\tDuration: ${line.durationMs} ms\t` +
    `Billed Duration: ${line.billedMs} ms\tMemory Size: ${line.memoryMB ?? 128} MB\t` +
    `Max Memory Used: ${line.maxMemoryMB} MB\t` +
    (line.initMs === undefined ? '' : `Init Duration: ${line.initMs} ms\t`) +
    (line.status === undefined ? '' : `Status: ${line.status}\t`) +
    '\n'
  );
}

/** Runs a query over everything, without pauses. */
export async function run(
  query: string,
  sources: readonly RecordSource[],
  input: {
    readonly startMs?: number;
    readonly endMs?: number;
    readonly limit?: number;
    readonly nowEpochMs?: number;
  } = {},
): Promise<QueryOutcome> {
  return runQuery(
    compileQuery(query),
    {
      sources,
      startMs: input.startMs ?? 0,
      endMs: input.endMs ?? 8e15,
      nowEpochMs: input.nowEpochMs ?? 0,
      limit: input.limit ?? 10_000,
    },
    async () => {},
    () => 0,
  );
}

/** The rows of an outcome, each as a plain object. */
export function rows(outcome: QueryOutcome): Record<string, string>[] {
  return Array.from({ length: outcome.rowCount }, (_, index) => asObject(outcome.row(index)));
}

function asObject(fields: readonly ResultField[]): Record<string, string> {
  return Object.fromEntries(fields.map(({ field, value }) => [field, value]));
}

/** The value that one event gives an expression; undefined when it is missing. */
export async function evaluate(expression: string, message = 'hello'): Promise<string | undefined> {
  const outcome = await run(`fields ${expression} as result | display result`, [
    source('g', [{ timestampMs: 1_700_000_000_000, message }]),
  ]);
  return asObject(outcome.row(0)).result;
}

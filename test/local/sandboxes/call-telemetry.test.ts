import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  type CallOrigin,
  CallTelemetry,
  type MeasuredCall,
  TELEMETRY_LOG_GROUP,
} from '../../../src/local/sandboxes/call-telemetry.ts';
import type { LogEvent } from '../../../src/local/seams.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const ORIGIN: CallOrigin = {
  functionName: 'shed-rust-post-sheep-random',
  versionName: '$LATEST',
  logStream: '2026/11/26/[$LATEST]0123',
  environment: 7,
  memorySizeMB: 128,
};
const CALL: MeasuredCall = {
  requestId: 'r-1',
  traceId: 'Root=1-2-3',
  endedAtEpochMs: 1_790_000_000_000,
  endMs: 1000,
  durationMs: 10,
  maxMemoryUsedMB: 32,
  cpuMs: 2.5,
  queuedMs: 0.25,
  timeslices: 3,
  initMs: undefined,
  initCpuMs: undefined,
};

function open() {
  let nowMs = 1000;
  const written: { group: string; stream: string; line: Record<string, unknown> }[] = [];
  const groups: string[] = [];
  const telemetry = new CallTelemetry(
    {
      append: (group, stream, events: readonly LogEvent[]) => {
        for (const { message } of events) {
          written.push({ group, stream, line: JSON.parse(message) as Record<string, unknown> });
        }
        return true;
      },
      createLogGroup: (name) => groups.push(name),
      logGroupExists: (name) => groups.includes(name),
    },
    () => nowMs,
  );
  const pass = (ms: number) => {
    nowMs += ms;
    vi.advanceTimersByTime(ms);
  };
  return { telemetry, written, groups, pass };
}

test('a call becomes one line of Lambda Insights, with its CPU time and its requests to the database', () => {
  const { telemetry, written, groups, pass } = open();
  telemetry.add(ORIGIN, CALL);
  telemetry.addRequests([
    { environment: 7, operation: 'PutItem', startMs: 992, endMs: 995, opensConnection: false },
    { environment: 8, operation: 'Scan', startMs: 993, endMs: 996, opensConnection: false },
    { environment: 7, operation: 'DescribeTable', startMs: 900, endMs: 901, opensConnection: false },
  ]);
  expect(written).toEqual([]);
  pass(250);
  expect(groups).toEqual([TELEMETRY_LOG_GROUP]);
  expect(written).toEqual([
    {
      group: TELEMETRY_LOG_GROUP,
      stream: ORIGIN.logStream,
      line: {
        event_type: 'performance',
        function_name: ORIGIN.functionName,
        version: '$LATEST',
        request_id: 'r-1',
        trace_id: 'Root=1-2-3',
        duration: 10,
        billed_duration: 10,
        billed_mb_ms: 1280,
        cold_start: false,
        used_memory_max: 32,
        total_memory: 128,
        memory_utilization: 25,
        cpu_total_time: 2.5,
        shedbench: { queued_time: 0.25, timeslices: 3, waits: [['PutItem', 2, 3]] },
      },
    },
  ]);
});

test('a cold start tells its init, which is billed', () => {
  const { telemetry, written, pass } = open();
  telemetry.add(ORIGIN, { ...CALL, initMs: 90.5, initCpuMs: 80 });
  pass(250);
  expect(written[0]?.line).toMatchObject({
    cold_start: true,
    init_duration: 90.5,
    billed_duration: 101,
    shedbench: { init_cpu_time: 80 },
  });
});

test('a call that ended just now waits until the database has told of its requests', () => {
  const { telemetry, written, pass } = open();
  telemetry.add(ORIGIN, CALL);
  pass(200);
  telemetry.add(ORIGIN, { ...CALL, requestId: 'r-2', endMs: 1200 });
  pass(50);
  expect(written.map(({ line }) => line.request_id)).toEqual(['r-1']);
  pass(250);
  expect(written.map(({ line }) => line.request_id)).toEqual(['r-1', 'r-2']);
});

test('the end of the cloud writes what is left', () => {
  const { telemetry, written } = open();
  telemetry.add(ORIGIN, CALL);
  telemetry.close();
  expect(written).toHaveLength(1);
});

test('calls of one environment that follow each other closely each get their own requests, and a connection that was opened is marked', () => {
  const { telemetry, written } = open();
  telemetry.add(ORIGIN, CALL);
  telemetry.add(ORIGIN, { ...CALL, requestId: 'r-2', endMs: 1010, durationMs: 9 });
  telemetry.addRequests([
    { environment: 7, operation: 'Scan', startMs: 1003, endMs: 1006, opensConnection: true },
    { environment: 7, operation: 'PutItem', startMs: 991, endMs: 994, opensConnection: false },
    { environment: 7, operation: 'GetItem', startMs: 1007, endMs: 1012, opensConnection: false },
    { environment: 7, operation: 'DeleteItem', startMs: 1007, endMs: 1009, opensConnection: false },
  ]);
  telemetry.close();
  expect(written.map(({ line }) => line.shedbench)).toEqual([
    { queued_time: 0.25, timeslices: 3, waits: [['PutItem', 1, 3]] },
    {
      queued_time: 0.25,
      timeslices: 3,
      waits: [
        ['Scan', 2, 3, 1],
        // The function had its answer before the database read the clock: the wait ends with the call.
        ['GetItem', 6, 3],
        ['DeleteItem', 6, 2],
      ],
    },
  ]);
});

test("a caller's trace id with quotation marks stays one value of the line", () => {
  const { telemetry, written } = open();
  telemetry.add(ORIGIN, { ...CALL, traceId: 'Root=1-"2\\' });
  telemetry.close();
  expect(written[0]?.line.trace_id).toBe('Root=1-"2\\');
});

test('a time is written in ms with up to three decimals, as JSON writes numbers', () => {
  const { telemetry, written, pass } = open();
  const times = [0, 0.0004, 0.0005, 0.001, 0.01, 0.1, 0.25, 0.9996, 1, 9.999, 10.05, 100.5, 30_000.125];
  for (const ms of times) telemetry.add(ORIGIN, { ...CALL, cpuMs: ms, queuedMs: ms });
  pass(250);
  const rounded = times.map((ms) => Math.round(ms * 1000) / 1000);
  expect(written.map(({ line }) => line.cpu_total_time)).toEqual(rounded);
  expect(written.map(({ line }) => line.shedbench)).toEqual(
    rounded.map((ms) => ({ queued_time: ms, timeslices: 3, waits: [] })),
  );
});

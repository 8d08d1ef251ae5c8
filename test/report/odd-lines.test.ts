import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { Report } from '../../src/model/report.ts';
import { collectReport } from '../../src/report/collect-report.ts';
import { createInsightsPort } from '../../src/report/rows/insights-client.ts';
import { NOON, runRecord } from './fixtures.ts';
import { type LocalLogs, openLocalLogs } from './local-logs.ts';

/** Makes a report from lines as in the logs of real accounts, with the local Insights: JSON, repeated and broken lines. */
let logs: LocalLogs | undefined;
afterEach(async () => {
  await logs?.close();
  logs = undefined;
});

const GROUP = '/aws/lambda/sheepshed-rust-get-cat-ackermann';

interface Line {
  readonly text: string;
  readonly stream?: string;
}

async function report(lines: readonly Line[], calls: number): Promise<Report> {
  const figures = { durationMs: 0, billedMs: 0, memoryMB: 0 };
  const events = lines.map(({ text, stream }, index) => ({
    ...figures,
    atEpochMs: NOON + 1000 + index,
    text,
    ...(stream === undefined ? {} : { logStream: stream }),
  }));
  const now = () => NOON + 60_000;
  logs = await openLocalLogs({ [GROUP]: events }, now);
  const runs = [runRecord('rust', 'cat', { accounting: { calls } })];
  return collectReport(
    { runs, logs: createInsightsPort(logs.client), toolVersion: '0.1.0', waitMs: 0 },
    {
      emit: () => {},
      signal: new AbortController().signal,
      now,
      sleep: async (ms) => {
        await sleep(Math.min(ms, 5));
      },
    },
  );
}

function id(index: number): string {
  return `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
}

function line(index: number, durationMs: string, billedMs: number, more = ''): string {
  return `REPORT RequestId: ${id(index)}\tDuration: ${durationMs} ms\tBilled Duration: ${billedMs} ms\tMemory Size: 128 MB\tMax Memory Used: 40 MB\t${more}\n`;
}

function json(index: number, durationMs: number, billedMs: number, more = ''): string {
  return `{"time":"2026-11-23T12:00:01.000Z","type":"platform.report","record":{"requestId":"${id(index)}","metrics":{"durationMs":${durationMs},"billedDurationMs":${billedMs},"memorySizeMB":128,"maxMemoryUsedMB":41${more}},"status":"success"}}`;
}

describe('cold starts in unusual log lines', () => {
  test('a call whose init failed and was repeated is a cold start, with the time of both inits', async () => {
    const { problems, runs } = await report(
      [
        { text: 'INIT_REPORT Init Duration: 9999.50 ms\tPhase: init\tStatus: timeout\n', stream: 'a' },
        { text: line(1, '1500.00', 1500), stream: 'a' },
        { text: line(2, '10.00', 10), stream: 'a' },
        { text: line(3, '12.00', 12), stream: 'b' },
      ],
      3,
    );
    expect(runs[0]?.server).toMatchObject({
      crossCheck: { state: 'agrees' },
      completeness: { verdict: 'complete' },
      cold: { count: 1, durationMs: { mean: 11_499.5 }, initMs: { mean: 9999.5 }, billedMs: { mean: 1500 } },
      warm: { count: 2, durationMs: { mean: 11 } },
    });
    expect(problems.map(({ code, exitCode }) => [code, exitCode])).toEqual([['init-repeated', 0]]);
    expect(problems[0]?.message).toContain('in 1 of 1 cold start the init failed');
  });

  test('a failed init is also found in JSON logs, and a successful one is not counted as failed', async () => {
    const init = (phase: string, status: string, durationMs: number) =>
      `{"time":"2026-11-23T12:00:00.000Z","type":"platform.initReport","record":{"initializationType":"on-demand","phase":"${phase}","status":"${status}","metrics":{"durationMs":${durationMs}}}}`;
    const { problems, runs } = await report(
      [
        { text: init('init', 'timeout', 9999.5), stream: 'a' },
        { text: json(1, 1500, 1500), stream: 'a' },
        { text: json(2, 10, 10), stream: 'a' },
        { text: init('init', 'success', 200), stream: 'b' },
        { text: json(3, 12, 212, ',"initDurationMs":200'), stream: 'b' },
        { text: init('invoke', 'error', 20), stream: 'c' },
        { text: json(4, 14, 14), stream: 'c' },
      ],
      4,
    );
    expect(runs[0]?.server).toMatchObject({
      crossCheck: { state: 'agrees' },
      completeness: { verdict: 'complete' },
      cold: { count: 2, durationMs: { min: 212, max: 11_499.5 }, billedMs: { mean: 856 } },
      warm: { count: 2, durationMs: { mean: 12 } },
    });
    expect(problems.map(({ code, exitCode }) => [code, exitCode])).toEqual([['init-repeated', 0]]);
  });

  test('a start that SnapStart restored is also read from JSON logs', async () => {
    const { problems, runs } = await report(
      [
        { text: json(1, 100, 100, ',"restoreDurationMs":474.16,"billedRestoreDurationMs":75') },
        { text: json(2, 20, 20) },
      ],
      2,
    );
    expect(runs[0]?.server).toMatchObject({
      crossCheck: { state: 'agrees' },
      cold: { count: 1, durationMs: { mean: 574.16 }, initMs: { mean: 474.16 }, billedMs: { mean: 175 } },
      warm: { count: 1 },
    });
    expect(problems.map(({ code }) => code)).toEqual(['restored-starts']);
  });

  test('a REPORT line with X-Ray ids, a status and an error type is read like any other', async () => {
    const xray = '\nXRAY TraceId: 1-5f1e8a5d-1234567890abcdef\tSegmentId: 12ab\tSampled: true\t';
    const { problems, runs } = await report(
      [
        { text: line(1, '100.00', 300, `Init Duration: 200.00 ms\t${xray}`) },
        { text: line(2, '20.00', 20, xray) },
        { text: line(3, '30.00', 30, 'Status: error\tError Type: Runtime.ExitError') },
        { text: line(4, '3000.00', 3000, 'Status: timeout') },
      ],
      4,
    );
    expect(runs[0]?.server).toMatchObject({
      crossCheck: { state: 'agrees' },
      cold: { count: 1, durationMs: { mean: 300 }, initMs: { mean: 200 } },
      warm: { count: 3, errors: 1, timeouts: 1 },
    });
    expect(problems).toEqual([]);
  });

  test('an INIT_REPORT line of the phase invoke does not count as another cold start', async () => {
    const { problems, runs } = await report(
      [
        {
          text: 'INIT_REPORT Init Duration: 20.00 ms\tPhase: invoke\tStatus: error\tError Type: Runtime.ExitError\n',
        },
        { text: line(1, '10.00', 10) },
      ],
      1,
    );
    expect(runs[0]?.server).toMatchObject({ warm: { count: 1 } });
    expect(problems).toEqual([]);
  });

  test('a start that SnapStart restored is a cold start of Restore + Duration, and its billed restore is part of the cost', async () => {
    const { problems, runs } = await report(
      [
        { text: line(1, '100.00', 100, 'Restore Duration: 474.16 ms\tBilled Restore Duration: 75 ms\t') },
        { text: line(2, '20.00', 20) },
      ],
      2,
    );
    expect(runs[0]?.server).toMatchObject({
      crossCheck: { state: 'agrees' },
      cold: { count: 1, durationMs: { mean: 574.16 }, initMs: { mean: 474.16 }, billedMs: { mean: 175 } },
      warm: { count: 1 },
    });
    expect(problems.map(({ code }) => code)).toEqual(['restored-starts']);
  });

  test('the report says that an init was not billed, and its cost includes only what was billed', async () => {
    const { problems, runs } = await report(
      [
        { text: line(1, '100.00', 100, 'Init Duration: 300.00 ms\t') },
        { text: line(2, '100.00', 400, 'Init Duration: 300.00 ms\t') },
      ],
      2,
    );
    expect(runs[0]?.server).toMatchObject({ cold: { count: 2, billedMs: { mean: 250 } } });
    expect(problems.map(({ code }) => code)).toEqual(['init-not-billed']);
    expect(problems[0]?.message).toContain('1 of 2 cold starts was billed for less');
  });
});

describe('logs in other forms', () => {
  test('every row is read if half of them are JSON and half are text, and both queries agree', async () => {
    const { problems, runs } = await report(
      [
        { text: line(1, '10.00', 10) },
        { text: json(2, 30, 330, ',"initDurationMs":300') },
        { text: json(3, 20, 20) },
        { text: json(4, 3000, 3000).replace('"success"', '"timeout"') },
      ],
      4,
    );
    expect(problems).toEqual([]);
    expect(runs[0]?.server).toMatchObject({
      crossCheck: { state: 'agrees' },
      completeness: { found: 4, verdict: 'complete' },
      cold: { count: 1, durationMs: { mean: 330 }, initMs: { mean: 300 } },
      warm: { count: 3, timeouts: 1, errors: 0, durationMs: { mean: 1010 }, memoryMB: { max: 41 } },
    });
  });

  test('a log that contains every line twice is the problem duplicate-log', async () => {
    const lines = [1, 2, 3].map((index) => ({ text: line(index, '10.00', 10) }));
    const { problems, runs } = await report([...lines, ...lines], 3);
    expect(runs[0]?.server).toMatchObject({ completeness: { found: 3, duplicates: 3 }, warm: { count: 3 } });
    expect(problems.map(({ code }) => code)).toEqual(['duplicate-log']);
  });

  test('a line that is there twice does not make up for a missing one', async () => {
    const lines = [1, 2, 3, 4, 5, 6, 7, 8, 9, 9].map((index) => ({ text: line(index, '10.00', 10) }));
    const { problems, runs } = await report(lines, 10);
    expect(runs[0]?.server).toMatchObject({ completeness: { found: 9, missing: 1, duplicates: 1 } });
    expect(problems.map(({ code }) => code)).toEqual(['rows-missing', 'duplicate-rows']);
  });

  test('a truncated line is counted as unreadable, and the others are measured', async () => {
    const { problems, runs } = await report(
      [
        { text: line(1, '10.00', 10) },
        { text: `REPORT RequestId: ${id(2)}\tDur` },
        { text: line(3, '20.00', 20) },
      ],
      3,
    );
    expect(runs[0]?.server).toMatchObject({
      warm: { count: 2, durationMs: { mean: 15 } },
      completeness: { found: 3, unreadable: 1 },
    });
    expect(problems.map(({ code }) => code)).toEqual(['unreadable-rows']);
  });

  test('the problem of a log group without lines names another log group of the function as a possible cause', async () => {
    const { problems } = await report([], 3);
    expect(problems).toMatchObject([{ code: 'no-rows', hint: expect.stringContaining('LoggingConfig') }]);
    expect(problems[0]?.message).toContain('the function logs to another group');
  });
});

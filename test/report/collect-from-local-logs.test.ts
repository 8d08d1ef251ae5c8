import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { collectReport } from '../../src/report/collect-report.ts';
import { createInsightsPort } from '../../src/report/rows/insights-client.ts';
import type { FakeLine } from './fake-insights.ts';
import { NOON, reportLines, runRecord } from './fixtures.ts';
import { type LocalLogs, openLocalLogs } from './local-logs.ts';

let logs: LocalLogs | undefined;
afterEach(async () => {
  await logs?.close();
  logs = undefined;
});

const deps = {
  emit: () => {},
  signal: new AbortController().signal,
  now: () => NOON + 60_000,
  sleep: async (ms: number) => {
    await sleep(Math.min(ms, 20));
  },
};

describe('the report over the local cloud and the AWS SDK', () => {
  test('the report over the local cloud and the AWS SDK gets every row of several functions, and both queries agree', async () => {
    const runs = [runRecord('rust', 'cat'), runRecord('my-python', 'wolf')];
    logs = await openLocalLogs(
      {
        '/aws/lambda/sheepshed-rust-get-cat-ackermann': reportLines({
          seed: 1,
          count: 100,
          cold: 7,
          typicalMs: 20,
        }),
        '/aws/lambda/sheepshed-my-python-delete-wolf-ocd': reportLines({
          seed: 2,
          count: 100,
          cold: 3,
          typicalMs: 900,
        }),
      },
      deps.now,
    );
    const report = await collectReport(
      { runs, logs: createInsightsPort(logs.client), toolVersion: '0.1.0' },
      deps,
    );
    expect(report.problems).toEqual([]);
    const sides = report.runs.map(({ server }) => server);
    for (const side of sides) {
      expect(side).toMatchObject({
        state: 'measured',
        source: 'rows',
        completeness: { verdict: 'complete', found: 100 },
        crossCheck: { state: 'agrees' },
      });
    }
    expect(sides.map((side) => side.state === 'measured' && [side.warm?.count, side.cold?.count])).toEqual([
      [93, 7],
      [97, 3],
    ]);
    expect(report.runs[0]?.memorySizeMB).toBe(128);
  });

  test('the report over the local cloud and the AWS SDK counts timeouts and errors apart', async () => {
    const lines: FakeLine[] = reportLines({ seed: 1, count: 100, cold: 0, typicalMs: 20 }).map(
      (line, index) => ({
        ...line,
        ...(index < 3 ? { status: 'timeout' as const } : index < 5 ? { status: 'error' as const } : {}),
      }),
    );
    logs = await openLocalLogs({ '/aws/lambda/sheepshed-rust-get-cat-ackermann': lines }, deps.now);
    const report = await collectReport(
      { runs: [runRecord('rust', 'cat')], logs: createInsightsPort(logs.client), toolVersion: '0.1.0' },
      deps,
    );
    expect(report.runs[0]?.server).toMatchObject({
      warm: { count: 100, timeouts: 3, errors: 2 },
      crossCheck: { state: 'agrees' },
    });
  });

  test('the report over the local cloud and the AWS SDK knows when a log group was created, and none whose name only begins alike', async () => {
    logs = await openLocalLogs({ '/aws/lambda/sheepshed-rust-get-cat-ackermann': [] }, deps.now);
    const port = createInsightsPort(logs.client);
    const createdAt = (name: string) => port.logGroupCreatedAt(name, deps.signal);
    expect(await createdAt('/aws/lambda/sheepshed-rust-get-cat-ackermann')).toBe(NOON);
    expect(await createdAt('/aws/lambda/sheepshed-rust-get-cat')).toBeUndefined();
  });

  test('the report over the local cloud and the AWS SDK names a log group that is missing and keeps the other', async () => {
    logs = await openLocalLogs(
      {
        '/aws/lambda/sheepshed-rust-get-cat-ackermann': reportLines({
          seed: 1,
          count: 100,
          cold: 7,
          typicalMs: 20,
        }),
      },
      deps.now,
    );
    const report = await collectReport(
      {
        runs: [runRecord('rust', 'cat'), runRecord('node', 'cat')],
        logs: createInsightsPort(logs.client),
        toolVersion: '0.1.0',
      },
      deps,
    );
    expect(report.problems.map(({ code, runIds, exitCode }) => ({ code, runIds, exitCode }))).toEqual([
      { code: 'log-group-missing', runIds: ['node-cat'], exitCode: 3 },
    ]);
    expect(report.runs.map(({ server }) => server.state)).toEqual(['measured', 'unavailable']);
  });

  test('the report over the local cloud and the AWS SDK reads the lines of the JSON format, and tells a group without any line', async () => {
    logs = await openLocalLogs({ '/aws/lambda/sheepshed-rust-get-cat-ackermann': [] }, deps.now);
    const ask = async () =>
      await collectReport(
        {
          runs: [runRecord('rust', 'cat', { accounting: { calls: 1 } })],
          logs: createInsightsPort((logs as LocalLogs).client),
          toolVersion: '0.1.0',
          waitMs: 0,
        },
        deps,
      );
    expect((await ask()).problems.map(({ code }) => code)).toEqual(['no-rows']);
    const { client } = logs;
    const { PutLogEventsCommand, CreateLogStreamCommand } = await import('@aws-sdk/client-cloudwatch-logs');
    const group = { logGroupName: '/aws/lambda/sheepshed-rust-get-cat-ackermann', logStreamName: 's' };
    await client.send(new CreateLogStreamCommand(group));
    await client.send(
      new PutLogEventsCommand({
        ...group,
        logEvents: [
          {
            timestamp: NOON + 5000,
            message:
              '{"time":"2026-11-23T12:00:05.000Z","type":"platform.report","record":{"requestId":"1","status":"success","metrics":{"durationMs":1.5,"billedDurationMs":2,"memorySizeMB":128,"maxMemoryUsedMB":40}}}',
          },
        ],
      }),
    );
    const report = await ask();
    expect(report.problems).toEqual([]);
    expect(report.runs[0]?.server).toMatchObject({
      crossCheck: { state: 'agrees' },
      warm: { count: 1, durationMs: { mean: 1.5 }, billedMs: { mean: 2 }, memoryMB: { mean: 40 } },
    });
  });
});

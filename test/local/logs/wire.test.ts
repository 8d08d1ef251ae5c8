import { devNull } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLogs } from '../../../src/local/services/logs/service.ts';
import { report } from '../insights/fixture.ts';
import { PUBLISHED, PUBLISHED_OLDER } from '../insights/published.ts';
import { ACCESS_KEY_ID, ACCOUNT_ID, type OpenDoor, openDoor, SECRET_ACCESS_KEY } from '../open-door.ts';
import { PythonClients, WITHOUT_AWS_CLI, WITHOUT_BOTO3 } from '../python-clients.ts';

/** The time limit of a client. Starting a Python interpreter takes long on a busy machine. */
const CLIENT_TIMEOUT_MS = 60_000;
const BOTO3_SCRIPT = fileURLToPath(new URL('./logs_boto3.py', import.meta.url));
const GROUP = '/aws/lambda/sheepshed-python-get-dog-count';

let door: OpenDoor;
let python: PythonClients;

beforeAll(async () => {
  door = await openDoor({
    region: 'eu-west-3',
    services: (log) => [
      createLogs({ accountId: ACCOUNT_ID, region: 'eu-west-3', now: Date.now, log }).service,
    ],
  });
  python = new PythonClients({
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    AWS_ACCESS_KEY_ID: ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY: SECRET_ACCESS_KEY,
    AWS_DEFAULT_REGION: 'eu-west-3',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_PAGER: '',
    AWS_ENDPOINT_URL: door.endpoint,
  });
});

afterAll(async () => {
  await python.close();
  await door.close();
});

const now = Date.now();
const EVENTS = [
  { timestamp: now - 30_000, message: 'START RequestId: a Version: $LATEST\n' },
  {
    timestamp: now - 29_000,
    message: report({ durationMs: '600.50', billedMs: 1_100, initMs: '499.25', maxMemoryMB: 76 }),
  },
  { timestamp: now - 20_000, message: report({ durationMs: '10.00', billedMs: 10, maxMemoryMB: 76 }) },
  { timestamp: now - 10_000, message: report({ durationMs: '30.00', billedMs: 30, maxMemoryMB: 77 }) },
];

/** The rows that both clients must read. One query groups by Lambda and coldStart, the older one by Lambda alone. */
const NEWER_ROWS = [
  {
    Lambda: 'python-get-dog-count',
    coldStart: '1',
    count: '1',
    avgDuration: '1099.75',
    avgBilled: '1100',
    avgRam: '72.4792',
  },
  {
    Lambda: 'python-get-dog-count',
    coldStart: '0',
    count: '2',
    avgDuration: '20',
    avgBilled: '20',
    avgRam: '72.9561',
  },
];
const OLDER_ROWS = [
  { Lambda: 'python-get-dog-count', count: '3', avgDuration: '213.5', avgBilled: '380', avgRam: '72.7971' },
];

describe('boto3, a client that shares no code with this project', () => {
  test.skipIf(WITHOUT_BOTO3 !== '')(
    `boto3 runs both published queries, and reads errors as it reads those of AWS${WITHOUT_BOTO3}`,
    async () => {
      const given = JSON.stringify({ group: GROUP, events: EVENTS, queries: [PUBLISHED, PUBLISHED_OLDER] });
      const out = JSON.parse(await python.script(BOTO3_SCRIPT, given)) as {
        rejected: unknown;
        groups: Record<string, unknown>[];
        events: number;
        results: { status: string; statistics: Record<string, number>; rows: Record<string, string>[] }[];
        error: unknown;
        missing: string;
        tags: unknown;
        left: number;
      };
      expect(out.rejected).toBeNull();
      expect(out.groups).toMatchObject([
        {
          logGroupName: GROUP,
          retentionInDays: 7,
          arn: `arn:aws:logs:eu-west-3:${ACCOUNT_ID}:log-group:${GROUP}:*`,
          logGroupArn: `arn:aws:logs:eu-west-3:${ACCOUNT_ID}:log-group:${GROUP}`,
        },
      ]);
      expect(out.events).toBe(3);
      expect(
        out.results.map(({ status, statistics }) => [
          status,
          statistics.recordsMatched,
          statistics.recordsScanned,
        ]),
      ).toEqual([
        ['Complete', 3, 4],
        ['Complete', 3, 4],
      ]);
      expect(out.results[0]?.rows).toMatchObject(NEWER_ROWS);
      expect(out.results[1]?.rows).toMatchObject(OLDER_ROWS);
      expect(out.error).toMatchObject({
        code: 'MalformedQueryException',
        compile: { location: { startCharOffset: 11, endCharOffset: 17 } },
      });
      expect(out.missing).toMatch(/ResourceNotFoundException.*'\/nowhere' does not exist/);
      expect(out.tags).toEqual({ 'shedbench:project': 'sheepshed' });
      expect(out.left).toBe(0);
    },
    2 * CLIENT_TIMEOUT_MS,
  );
});

describe('the AWS CLI', () => {
  test.skipIf(WITHOUT_AWS_CLI !== '')(
    `the AWS CLI runs the published query${WITHOUT_AWS_CLI}`,
    async () => {
      const aws = (...args: string[]) => python.aws('logs', '--output', 'json', ...args);
      const group = `${GROUP}-cli`;
      await aws('create-log-group', '--log-group-name', group);
      await aws('create-log-stream', '--log-group-name', group, '--log-stream-name', 's');
      await aws(
        'put-log-events',
        ...['--log-group-name', group, '--log-stream-name', 's', '--log-events', JSON.stringify(EVENTS)],
      );
      const seconds = Math.floor(now / 1_000);
      const { queryId } = JSON.parse(
        await aws(
          'start-query',
          ...['--log-group-name', group, '--query-string', PUBLISHED],
          ...['--start-time', String(seconds - 3_600), '--end-time', String(seconds + 600)],
        ),
      ) as { queryId: string };
      const results = async () => JSON.parse(await aws('get-query-results', '--query-id', queryId));
      await expect.poll(results, { timeout: CLIENT_TIMEOUT_MS }).toMatchObject({ status: 'Complete' });
      const answer = (await results()) as { results: { field: string; value: string }[][] };
      expect(
        answer.results.map((row) => Object.fromEntries(row.map(({ field, value }) => [field, value]))),
      ).toMatchObject(NEWER_ROWS.map((row) => ({ ...row, Lambda: `${row.Lambda}-cli` })));
    },
    5 * CLIENT_TIMEOUT_MS,
  );
});

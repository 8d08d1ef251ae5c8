import { execFile } from 'node:child_process';
import { devNull } from 'node:os';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { createLogs } from '../../../src/local/services/logs/service.ts';
import { AwsCli, WITHOUT_AWS_CLI } from '../aws-cli.ts';
import { report } from '../insights/fixture.ts';
import { PUBLISHED, PUBLISHED_OLDER } from '../insights/published.ts';
import { ACCESS_KEY_ID, ACCOUNT_ID, type OpenDoor, openDoor, SECRET_ACCESS_KEY } from '../open-door.ts';

const run = promisify(execFile);
/** The time limit of a client. Starting a Python interpreter takes long on a busy machine. */
const CLIENT_TIMEOUT_MS = 60_000;
const GROUP = '/aws/lambda/sheepshed-python-get-dog-count';

let door: OpenDoor;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  door = await openDoor({
    region: 'eu-west-3',
    services: (log) => [
      createLogs({ accountId: ACCOUNT_ID, region: 'eu-west-3', now: Date.now, log }).service,
    ],
  });
  env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    AWS_ACCESS_KEY_ID: ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY: SECRET_ACCESS_KEY,
    AWS_DEFAULT_REGION: 'eu-west-3',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_PAGER: '',
    SHED_ENDPOINT: door.endpoint,
  };
});

afterAll(() => door.close());

/** Runs a client that is not part of this project. If it is not installed, the test is skipped with that reason. */
async function client(context: TestContext, program: string, args: readonly string[]): Promise<string> {
  try {
    return (await run(program, [...args], { env, timeout: CLIENT_TIMEOUT_MS })).stdout;
  } catch (error) {
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
    const absent = code === 'ENOENT' || code === 127 || /No module named '?(boto3|botocore)/.test(stderr);
    if (absent) context.skip(`${program} is not installed: an independent client can't be tried`);
    throw new Error(`${program} ${args[0]} failed: ${stderr}`, { cause: error });
  }
}

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

const PYTHON = `
import boto3, json, os, sys, time
logs = boto3.client('logs', endpoint_url=os.environ['SHED_ENDPOINT'])
given = json.loads(sys.argv[1])
group = given['group']
logs.create_log_group(logGroupName=group, tags={'shedbench:project': 'sheepshed'})
logs.put_retention_policy(logGroupName=group, retentionInDays=7)
logs.create_log_stream(logGroupName=group, logStreamName='stream')
put = logs.put_log_events(logGroupName=group, logStreamName='stream', logEvents=given['events'])
groups = [page for page in logs.get_paginator('describe_log_groups').paginate(logGroupNamePrefix=group)][0]['logGroups']
events = [event for page in logs.get_paginator('filter_log_events').paginate(logGroupName=group, filterPattern='REPORT') for event in page['events']]
def query(text):
    now = int(time.time())
    started = logs.start_query(logGroupNames=[group], startTime=now - 3600, endTime=now + 60, queryString=text)
    while True:
        answer = logs.get_query_results(queryId=started['queryId'])
        if answer['status'] not in ('Scheduled', 'Running'):
            return {'status': answer['status'], 'statistics': answer['statistics'],
                    'rows': [{cell['field']: cell['value'] for cell in row} for row in answer['results']]}
        time.sleep(0.05)
results = [query(text) for text in given['queries']]
try:
    logs.start_query(logGroupName=group, startTime=0, endTime=1, queryString='fields a | unnest b')
    error = None
except logs.exceptions.MalformedQueryException as thrown:
    error = {'code': thrown.response['Error']['Code'], 'compile': thrown.response['queryCompileError']}
try:
    logs.start_query(logGroupName='/nowhere', startTime=0, endTime=1, queryString='fields a')
    missing = None
except logs.exceptions.ResourceNotFoundException as thrown:
    missing = str(thrown)
tags = logs.list_tags_for_resource(resourceArn=groups[0]['logGroupArn'])['tags']
logs.delete_log_group(logGroupName=group)
print(json.dumps({'rejected': put.get('rejectedLogEventsInfo'), 'groups': groups, 'events': len(events),
                  'results': results, 'error': error, 'missing': missing, 'tags': tags,
                  'left': len(logs.describe_log_groups()['logGroups'])}))
`;

describe('boto3, a client that shares no code with this project', () => {
  test(
    'boto3 runs both published queries, and reads errors as it reads those of AWS',
    async (context) => {
      const given = JSON.stringify({ group: GROUP, events: EVENTS, queries: [PUBLISHED, PUBLISHED_OLDER] });
      const out = JSON.parse(await client(context, 'python3', ['-c', PYTHON, given])) as {
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
      const cli = new AwsCli(env);
      const aws = (...args: string[]) =>
        cli.run('logs', '--endpoint-url', door.endpoint, '--output', 'json', ...args);
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
      await cli.close();
      expect(
        answer.results.map((row) => Object.fromEntries(row.map(({ field, value }) => [field, value]))),
      ).toMatchObject(NEWER_ROWS.map((row) => ({ ...row, Lambda: `${row.Lambda}-cli` })));
    },
    5 * CLIENT_TIMEOUT_MS,
  );
});

import { mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLocalCloud, stopLocalCloud } from '../../../src/targets/local-cloud.ts';
import { isSameProcess } from '../../../src/targets/process-identity.ts';
import { zip } from '../zip.ts';
import { type FuzzLimits, type FuzzResult, fuzzLocal, send } from './fuzz-local.ts';

/** The longest line that a function may log on this cloud without being cut. */
const LONG_LINE_BYTES = 40_000;

/** Starts a cloud of its own with a table, a bucket and a log group, fuzzes it, looks whether it still lives, ends it. */
export async function fuzzOwnCloud(seed: number, count: number, limits: FuzzLimits): Promise<FuzzResult> {
  const folder = mkdtempSync(join(tmpdir(), 'shedbench-fuzz-'));
  const deps = { folder, now: Date.now, sleep: async (ms: number) => sleep(ms), emit: () => undefined };
  try {
    const { state } = await startLocalCloud({ ...deps, toolVersion: '0.0.0' });
    const agent = new Agent({ keepAlive: true });
    const make = async (service: string, target: string, input: unknown): Promise<void> => {
      const headers = { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' };
      const body = Buffer.from(JSON.stringify(input));
      const status = await send(
        state,
        { kind: 'setup', service, method: 'POST', path: '/', headers, body },
        agent,
        10_000,
      );
      if (status !== 200) throw new Error(`${target} answered ${status}`);
    };
    const keys = [{ AttributeName: 'id', KeyType: 'HASH' }];
    const attributes = [{ AttributeName: 'id', AttributeType: 'S' }];
    const table = {
      TableName: 'fuzz',
      KeySchema: keys,
      AttributeDefinitions: attributes,
      BillingMode: 'PAY_PER_REQUEST',
    };
    await make('dynamodb', 'DynamoDB_20120810.CreateTable', table);
    await make('logs', 'Logs_20140328.CreateLogGroup', { logGroupName: '/fuzz' });
    await make('logs', 'Logs_20140328.CreateLogStream', { logGroupName: '/fuzz', logStreamName: 's' });
    const lines = [
      'b'.repeat(LONG_LINE_BYTES),
      'REPORT RequestId: 1 Duration: 5.25 ms Billed Duration: 6 ms Memory Size: 128 MB Max Memory Used: 30 MB',
      'x'.repeat(LONG_LINE_BYTES),
    ];
    await make('logs', 'Logs_20140328.PutLogEvents', {
      logGroupName: '/fuzz',
      logStreamName: 's',
      logEvents: lines.map((message) => ({ timestamp: Date.now(), message })),
    });
    await send(
      state,
      { kind: 'setup', service: 's3', method: 'PUT', path: '/fuzz', headers: {}, body: Buffer.alloc(0) },
      agent,
      10_000,
    );
    agent.destroy();
    const archive = await zip({ 'index.js': 'exports.handler = async () => ({ statusCode: 200 });' });
    const result = await fuzzLocal(state, { seed, count, zip: archive, limits });
    const dead = await Promise.all([state, ...state.helpers].map(async (one) => !(await isSameProcess(one))));
    return dead.includes(true)
      ? { ...result, faults: ['a process of the cloud ended', ...result.faults] }
      : result;
  } finally {
    await stopLocalCloud(deps);
    rmSync(folder, { recursive: true, force: true });
  }
}

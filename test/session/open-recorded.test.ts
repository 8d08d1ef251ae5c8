import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { status } from '../../src/commands/status.ts';
import { teardown } from '../../src/commands/teardown.ts';
import { DEPLOYMENT_SCHEMA, type Deployment } from '../../src/model/deployment.ts';
import { openDeployment } from '../../src/session/session.ts';
import { writeRecord } from '../../src/store/deployments.ts';
import { commandDeps } from '../command-deps.ts';

/** An account 222222222222 in which nothing is deployed. */
function answer(body: string): string {
  const action = /Action=(\w+)/.exec(body)?.[1] ?? '';
  const result =
    action === 'GetCallerIdentity'
      ? '<Account>222222222222</Account><Arn>arn:aws:iam::222222222222:user/jo</Arn>'
      : '<Stacks/>';
  return `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`;
}

let server: Server;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shedbench-test-'));
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const isQuery = body.includes('Action=');
      const missing = request.url?.includes('/functions/') === true;
      response
        .writeHead(missing ? 404 : 200, {
          'content-type': isQuery ? 'text/xml' : 'application/json',
          ...(missing ? { 'x-amzn-errortype': 'ResourceNotFoundException' } : {}),
        })
        .end(isQuery ? answer(body) : '{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  for (const name of Object.keys(process.env)) {
    if (/^AWS_|_proxy$/i.test(name)) vi.stubEnv(name, undefined);
  }
  vi.stubEnv('HOME', folder);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  // Endpoints of single services leave the target an AWS one.
  for (const service of ['STS', 'CLOUDFORMATION', 'CLOUDWATCH_LOGS', 'LAMBDA', 'DYNAMODB', 'S3']) {
    vi.stubEnv(`AWS_ENDPOINT_URL_${service}`, endpoint());
  }
});
afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

const endpoint = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const deps = () => commandDeps(folder, { env: { ...process.env } });

const record = (target: Partial<Deployment['target']> = {}): Deployment => ({
  schema: DEPLOYMENT_SCHEMA,
  state: 'deployed',
  project: 'sheepshed',
  target: { kind: 'aws', accountId: '111111111111', region: 'eu-west-3', ...target },
  architecture: 'arm64',
  memorySizeMB: 128,
  templateSha256: '',
  toolVersion: '0.0.0',
  createdAtEpochMs: 0,
  updatedAtEpochMs: 0,
  runtimes: [],
});

const verbs: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['teardown', () => teardown({ local: false, assumeYes: true, retain: [] }, deps())],
  ['status', () => status({ local: false }, deps())],
  ['load', () => openDeployment({ local: false }, deps())],
];

describe.each(verbs)('%s', (_, run) => {
  test("a command with another account's credentials than the record's exits 2 and names both accounts", async () => {
    await writeRecord(folder, record());
    await expect(run()).rejects.toMatchObject({
      code: 'other-account',
      exitCode: 2,
      message: expect.stringMatching(/111111111111.*222222222222/),
    });
  });

  test('a command with AWS_ENDPOINT_URL beside a record of AWS exits 2 and names the variable', async () => {
    await writeRecord(folder, record({ accountId: '222222222222' }));
    vi.stubEnv('AWS_ENDPOINT_URL', endpoint());
    await expect(run()).rejects.toMatchObject({
      code: 'other-target',
      exitCode: 2,
      hint: expect.stringContaining('AWS_ENDPOINT_URL'),
    });
  });
});

describe('teardown where nothing is', () => {
  test('a teardown exits 0 if nothing is deployed and there is no record', async () => {
    const result = await teardown({ local: false, region: 'eu-west-3', assumeYes: true, retain: [] }, deps());
    expect(result).toMatchObject({ exitCode: 0, data: { outcome: 'nothing' } });
  });

  test('a teardown exits 2 if nothing is deployed and the record of the folder names another region', async () => {
    await writeRecord(folder, record({ accountId: '222222222222' }));
    await expect(
      teardown({ local: false, region: 'us-east-1', assumeYes: true, retain: [] }, deps()),
    ).rejects.toMatchObject({
      code: 'deployed-elsewhere',
      exitCode: 2,
      hint: 'shedbench teardown --region eu-west-3',
    });
  });
});

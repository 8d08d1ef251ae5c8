import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DEPLOYMENT_SCHEMA, type Deployment } from '../../src/model/deployment.ts';
import { tellWhatIsLeft } from '../../src/session/after-failure.ts';
import { readRecords, writeRecord } from '../../src/store/deployments.ts';
import { LOCAL_STATE_SCHEMA } from '../../src/store/local-state.ts';
import { commandDeps } from '../command-deps.ts';

let folder: string;
let cloud: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shedbench-left-'));
});
afterEach(() => {
  cloud?.close();
  cloud = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** A state file, and on its port something that answers, as far as a command looks at a local cloud. */
async function pretendCloudIsUp(): Promise<void> {
  const server = createServer((_, response) => response.end('{}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cloud = server;
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  mkdirSync(join(folder, '.shedbench'), { recursive: true });
  const state = {
    schema: LOCAL_STATE_SCHEMA,
    // Nobody's: what is stopped must not be this test.
    pid: 999_999_999,
    processStart: '1',
    helpers: [],
    port,
    endpoint: `http://127.0.0.1:${port}`,
    accessKeyId: 'AKIA',
    secretAccessKey: 's',
    region: 'us-east-1',
    accountId: '000000000000',
    startedAtEpochMs: 0,
    toolVersion: '0.0.0',
    logFile: 'local.log',
    dataDir: join(folder, 'shedbench-cloud-none'),
  };
  writeFileSync(join(folder, '.shedbench', 'local.json'), JSON.stringify(state));
}

const record = (kind: 'local' | 'aws', project = 'sheepshed'): Deployment => ({
  schema: DEPLOYMENT_SCHEMA,
  state: 'creating',
  project,
  target: { kind, accountId: '000000000000', region: 'us-east-1' },
  architecture: 'x86_64',
  memorySizeMB: 128,
  templateSha256: '',
  toolVersion: '0.0.0',
  createdAtEpochMs: 0,
  updatedAtEpochMs: 0,
  runtimes: [],
});

async function left(
  what: 'bench' | 'deploy',
  { started, interrupted, local }: { started: boolean; interrupted: boolean; local: boolean },
) {
  const keepLocalCloud = vi.fn();
  const signal = interrupted ? AbortSignal.abort() : new AbortController().signal;
  const deps = commandDeps(folder, { interrupt: { first: signal, second: signal } });
  await tellWhatIsLeft(what, { startedLocalCloud: started, keepLocalCloud }, { local }, deps);
  return {
    notes: deps.events.map((event) => (event.type === 'note' ? event.message : event.type)),
    kept: keepLocalCloud.mock.calls.length > 0,
    records: (await readRecords(folder, () => {})).length,
  };
}

describe('after a failure', () => {
  test('a local cloud in which something stands is kept, for its logs say why', async () => {
    await pretendCloudIsUp();
    await writeRecord(folder, record('local'));
    expect(await left('deploy', { started: true, interrupted: false, local: true })).toEqual({
      notes: [
        'The local cloud continues to run with what is deployed in it: shedbench local logs says more, shedbench teardown --local ends it.',
      ],
      kept: true,
      records: 1,
    });
  });

  test('a local cloud that is gone does not stay: its records and remains are cleared, and its log is named', async () => {
    await writeRecord(folder, record('local'));
    await pretendCloudIsUp();
    cloud?.close();
    expect(await left('deploy', { started: true, interrupted: false, local: true })).toEqual({
      notes: [
        'The local cloud has ended, and all that was deployed in it is lost: shedbench local logs says why.',
      ],
      kept: false,
      records: 0,
    });
    expect(existsSync(join(folder, '.shedbench', 'local.json'))).toBe(false);
  });

  test('a local cloud in which nothing stands ends with the command that started it', async () => {
    await pretendCloudIsUp();
    await writeRecord(folder, record('aws'));
    expect(await left('deploy', { started: true, interrupted: false, local: true })).toEqual({
      notes: ['The local cloud that this deploy started is stopped: nothing is left deployed.'],
      kept: false,
      records: 1,
    });
  });

  test('a bench on AWS names the teardown only where something may stand', async () => {
    expect((await left('bench', { started: false, interrupted: false, local: false })).notes).toEqual([]);
    await writeRecord(folder, record('aws'));
    expect((await left('bench', { started: false, interrupted: false, local: false })).notes).toEqual([
      'Project sheepshed is left as it is. To delete it: shedbench teardown',
    ]);
  });
});

describe('after an interrupt', () => {
  test('the local cloud that the command started is stopped and its records are gone', async () => {
    await writeRecord(folder, record('local'));
    expect(await left('deploy', { started: true, interrupted: true, local: true })).toEqual({
      notes: ['The local cloud that this deploy started is stopped: nothing is left deployed.'],
      kept: false,
      records: 0,
    });
  });

  test('what stands elsewhere is named, with the command that ends it', async () => {
    expect((await left('deploy', { started: false, interrupted: true, local: true })).notes).toEqual([
      'Project sheepshed is left as it is. To delete it: shedbench teardown --local',
    ]);
  });
});

import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { failureOf } from '../../src/failure.ts';
import type { ProgressEvent } from '../../src/model/events.ts';
import { checkDocument } from '../../src/store/document.ts';
import { draftOf } from '../../src/store/files.ts';
import { LOCAL_STATE_DOCUMENT, type LocalCloudState, localPaths } from '../../src/store/local-state.ts';
import {
  findLocalCloud,
  localCloudStatus,
  type StartLocalCloudOptions,
  startLocalCloud,
  stopLocalCloud,
} from '../../src/targets/local-cloud.ts';
import { processStart } from '../../src/targets/process-identity.ts';
import { spawnLocalCloud } from '../../src/targets/spawn-local-cloud.ts';
import { descendants, lives } from './living.ts';
import { localDeps } from './local-deps.ts';

let folder = '';
const events: ProgressEvent[] = [];
const started: LocalCloudState[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shedbench-target-test-'));
  events.length = 0;
});
afterEach(async () => {
  await stopLocalCloud(deps());
  for (const { pid, helpers, dataDir } of started.splice(0)) {
    for (const one of [pid, ...helpers.map((helper) => helper.pid)]) expect(lives(one)).toBe(false);
    expect(existsSync(dataDir)).toBe(false);
  }
  rmSync(folder, { recursive: true, force: true });
});

function deps() {
  return { ...localDeps(folder), emit: (event: ProgressEvent) => void events.push(event) };
}

async function start(options: Partial<StartLocalCloudOptions> = {}) {
  const cloud = await startLocalCloud({
    ...deps(),
    toolVersion: '1.2.3',
    ...options,
  });
  if (cloud.started) started.push(cloud.state);
  return cloud;
}

async function accountOf(state: LocalCloudState): Promise<string | undefined> {
  const client = new STSClient({
    endpoint: state.endpoint,
    region: state.region,
    credentials: { accessKeyId: state.accessKeyId, secretAccessKey: state.secretAccessKey },
    maxAttempts: 1,
  });
  try {
    return (await client.send(new GetCallerIdentityCommand({}))).Account;
  } finally {
    client.destroy();
  }
}

/** Writes a state file as a cloud that is no more would have left it. */
function leaveState(change: Partial<LocalCloudState>): void {
  const { directory, stateFile, logFile } = localPaths(folder);
  mkdirSync(directory, { recursive: true });
  const state: LocalCloudState = {
    schema: 'shedbench/local@1',
    pid: 999_999_999,
    processStart: '1',
    helpers: [],
    port: 9,
    endpoint: 'http://127.0.0.1:9',
    accessKeyId: 'AKIA',
    secretAccessKey: 's',
    region: 'us-east-1',
    accountId: '000000000000',
    startedAtEpochMs: 0,
    toolVersion: '1.2.3',
    logFile,
    dataDir: join(tmpdir(), 'shedbench-cloud-gone'),
    ...change,
  };
  writeFileSync(stateFile, JSON.stringify(state));
}

describe('a start', () => {
  test('a start brings up a cloud that answers, and keeps its secret in a file for its owner alone; the next start finds it, and the status says what machine it is', async () => {
    const { state, started: isNew } = await start();
    expect(isNew).toBe(true);
    expect(await accountOf(state)).toBe('000000000000');
    const { stateFile, logFile } = localPaths(folder);
    expect(statSync(stateFile).mode & 0o777).toBe(0o600);
    expect(statSync(logFile).mode & 0o777).toBe(0o600);
    expect(statSync(state.dataDir).mode & 0o777).toBe(0o700);
    expect(JSON.parse(readFileSync(stateFile, 'utf8'))).toEqual(state);
    expect(state).toMatchObject({
      schema: 'shedbench/local@1',
      endpoint: `http://127.0.0.1:${state.port}`,
      region: 'us-east-1',
      toolVersion: '1.2.3',
      logFile,
    });
    expect(state.helpers).toHaveLength(2);
    expect(readFileSync(logFile, 'utf8')).not.toContain(state.secretAccessKey);
    expect(events).toEqual([
      { type: 'step-start', id: 'local-cloud', title: 'Start the local cloud' },
      { type: 'step-end', id: 'local-cloud', outcome: 'done', detail: state.endpoint },
    ]);

    events.length = 0;
    const second = await start();
    expect(second.started).toBe(false);
    expect(second.state).toEqual(state);
    expect(events).toEqual([]);

    expect(await localCloudStatus(deps())).toMatchObject({
      state: 'up',
      cloud: state,
      machine: {
        schema: 'shedbench/machine@1',
        nodeVersion: process.version,
        architecture: process.arch,
        interpreters: {},
        startsAtOnce: expect.any(Number),
      },
    });
  });

  test('a start at the same time as others gives one cloud to all', async () => {
    const clouds = await Promise.all([start(), start(), start(), start()]);
    expect(clouds.filter((cloud) => cloud.started)).toHaveLength(1);
    expect(new Set(clouds.map((cloud) => cloud.state.pid)).size).toBe(1);
  });

  test('a start takes the port and region it was given, and says so where the running one has others; it warns of a running cloud of another version', async () => {
    const { state } = await start({ region: 'eu-west-3' });
    expect(state.region).toBe('eu-west-3');
    await expect(start({ region: 'us-west-2' })).rejects.toMatchObject({
      code: 'local-cloud-differs',
      exitCode: 2,
      message: 'The local cloud of this folder runs in eu-west-3, not in us-west-2',
    });
    await expect(start({ port: state.port === 1 ? 2 : 1 })).rejects.toMatchObject({
      code: 'local-cloud-differs',
    });
    expect((await start({ region: 'eu-west-3', port: state.port })).started).toBe(false);
    await start({ toolVersion: '9.9.9' });
    expect(events.at(-1)).toMatchObject({ type: 'warning', code: 'local-cloud-version' });
  });

  test('a start on a port that is taken is a usage error, and leaves nothing', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    await expect(start({ port })).rejects.toMatchObject({
      code: 'port-in-use',
      exitCode: 2,
      message: `Port ${port} of 127.0.0.1 is in use by another program`,
      hint: 'Leave --port out to take any free one',
    });
    other.close();
    expect(existsSync(localPaths(folder).stateFile)).toBe(false);
    expect(existsSync(localPaths(folder).lockFile)).toBe(false);
    expect(events.at(-1)).toMatchObject({ type: 'step-end', outcome: 'failed' });
    expect((await start({ port })).state.port).toBe(port);
  });

  test('a start that is interrupted leaves nothing', async () => {
    const abort = new AbortController();
    const starting = start({ signal: abort.signal });
    await expect
      .poll(() => descendants(process.pid).length, { timeout: 10_000, interval: 5 })
      .toBeGreaterThan(0);
    abort.abort(new Error('interrupted'));
    await expect(starting).rejects.toThrow('interrupted');
    expect(existsSync(localPaths(folder).lockFile)).toBe(false);
    expect(existsSync(localPaths(folder).stateFile)).toBe(false);
    const left = () => descendants(process.pid).filter((pid) => commandOf(pid).includes('local-cloud'));
    expect(left()).toEqual([]);
  });

  test('a start in a folder that can’t be written says which', async () => {
    writeFileSync(join(folder, '.shedbench'), 'a file');
    const error = await start().catch((cause: unknown) => cause);
    expect(failureOf(error, false)).toMatchObject({
      code: 'file-trouble',
      exitCode: 2,
      message: `${join(folder, '.shedbench')} can't be used: something else is in its place.`,
    });
    rmSync(join(folder, '.shedbench'));
  });
});

describe('what an earlier cloud left', () => {
  test('a state file and a lock whose processes are gone are no hindrance', async () => {
    leaveState({});
    writeFileSync(localPaths(folder).lockFile, JSON.stringify({ pid: 999_999_999, processStart: '1' }));
    expect(await localCloudStatus(deps())).toEqual({ state: 'down', stale: true });
    expect((await start()).started).toBe(true);
  });

  test('a damaged state file is renamed with a warning, and is no hindrance', async () => {
    mkdirSync(localPaths(folder).directory);
    writeFileSync(localPaths(folder).stateFile, '{"schema":"shedbench/loc');
    expect(await localCloudStatus(deps())).toEqual({ state: 'down', stale: false });
    expect(events).toMatchObject([{ type: 'warning', code: 'document-damaged' }]);
    expect(existsSync(`${localPaths(folder).stateFile}.damaged`)).toBe(true);
    expect((await start()).started).toBe(true);
  });

  test('a pid that is another program’s by now is left alone', async () => {
    const other = spawn('sleep', ['60'], { stdio: 'ignore' });
    leaveState({
      pid: other.pid ?? 0,
      processStart: 'another',
      helpers: [{ pid: other.pid ?? 0, processStart: 'x' }],
    });
    expect(await localCloudStatus(deps())).toEqual({ state: 'down', stale: true });
    await start();
    expect(lives(other.pid ?? 0)).toBe(true);
    other.kill('SIGKILL');
  });

  test('another program on the port of an ended cloud is not taken for the cloud', async () => {
    const impostor = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => impostor.once('listening', resolve));
    const { port } = impostor.address() as { port: number };
    leaveState({ port, endpoint: `http://127.0.0.1:${port}` });
    expect(await localCloudStatus(deps())).toEqual({ state: 'down', stale: true });
    impostor.close();
  });

  test('the data folder of an ended cloud is removed, but no folder with another name', async () => {
    const data = mkdtempSync(join(tmpdir(), 'shedbench-cloud-'));
    const other = mkdtempSync(join(tmpdir(), 'shedbench-other-'));
    leaveState({ dataDir: data });
    await stopLocalCloud(deps());
    expect(existsSync(data)).toBe(false);
    for (const dataDir of [other, join(data, '..', other.split('/').at(-1) ?? ''), folder]) {
      leaveState({ dataDir });
      await stopLocalCloud(deps());
      expect(existsSync(dataDir)).toBe(true);
    }
    rmSync(other, { recursive: true });
  });

  test.each([
    ['a dangling link', (path: string) => symlinkSync('/nowhere/at/all', path)],
    ['a folder', (path: string) => mkdirSync(path)],
  ])('%s in the place of the lock is refused at once', async (_, place) => {
    const { directory, lockFile } = localPaths(folder);
    mkdirSync(directory);
    place(lockFile);
    await expect(start()).rejects.toMatchObject({ code: 'odd-file', exitCode: 2 });
    rmSync(lockFile, { recursive: true });
  });

  test('a start sweeps the drafts of locks whose processes were killed', async () => {
    const { directory, lockFile } = localPaths(folder);
    mkdirSync(directory);
    const draft = draftOf(lockFile).replace(`.${process.pid}-`, '.999999999-');
    writeFileSync(draft, 'half');
    utimesSync(draft, 1, 1);
    await stopLocalCloud(deps());
    expect(existsSync(draft)).toBe(false);
  });

  test('a start removes the data folder of a cloud that was killed with its watchdog while it started', async () => {
    mkdirSync(localPaths(folder).directory);
    const cloud = await spawnLocalCloud({
      folder,
      region: undefined,
      port: undefined,
      asLambda: undefined,
      signal: undefined,
    });
    const { dataDir, helperPids } = cloud.description;
    // A stopped cloud starts no other watchdog.
    process.kill(cloud.pid, 'SIGSTOP');
    for (const pid of [...helperPids, cloud.pid]) process.kill(pid, 'SIGKILL');
    expect(existsSync(dataDir)).toBe(true);
    await cloud.end();
    expect(existsSync(dataDir)).toBe(false);
  });

  test.each(['', '{"pid":0,"processStart":"1"}', '{"pid":1'])(
    'a damaged lock is renamed with a warning, and does not keep a stop back: %j',
    async (text) => {
      const { directory, lockFile } = localPaths(folder);
      mkdirSync(directory);
      writeFileSync(lockFile, text);
      const warnings: string[] = [];
      await stopLocalCloud({
        ...deps(),
        emit: (event) => void (event.type === 'warning' && warnings.push(event.message)),
      });
      expect(warnings).toEqual([
        expect.stringContaining(`The lock of the local cloud ${lockFile} is damaged: `),
      ]);
      expect(readFileSync(`${lockFile}.damaged`, 'utf8')).toBe(text);
      expect(existsSync(lockFile)).toBe(false);
      rmSync(`${lockFile}.damaged`);
    },
  );

  test('a lock whose holder lives is waited for', async () => {
    const { directory, lockFile } = localPaths(folder);
    mkdirSync(directory);
    writeFileSync(
      lockFile,
      JSON.stringify({ pid: process.pid, processStart: await processStart(process.pid) }),
    );
    let isDone = false;
    const waiting = start().then((cloud) => {
      isDone = true;
      return cloud;
    });
    await sleep(300);
    expect(isDone).toBe(false);
    rmSync(lockFile);
    expect((await waiting).started).toBe(true);
  });
});

describe('a stop', () => {
  test('a stop in a folder where no cloud ever ran leaves no trace', async () => {
    expect(await stopLocalCloud(deps())).toBeUndefined();
    expect(existsSync(localPaths(folder).directory)).toBe(false);
  });

  test('a stop while others start a cloud never loses one', async () => {
    await Promise.all([start(), stopLocalCloud(deps()), start(), stopLocalCloud(deps())]);
    const status = await localCloudStatus(deps());
    const alive = started.filter((state) => lives(state.pid));
    // Whoever came last won; what lives is what the state file names.
    expect(alive.map((state) => state.pid)).toEqual(status.state === 'up' ? [status.cloud.pid] : []);
  });

  test('a stop ends the cloud with all its processes and files, and a second one finds nothing', async () => {
    const { state } = await start();
    const under = descendants(state.pid);
    expect(under.length).toBeGreaterThanOrEqual(2);
    expect((await stopLocalCloud(deps()))?.pid).toBe(state.pid);
    for (const pid of [state.pid, ...under]) expect(lives(pid)).toBe(false);
    expect(existsSync(state.dataDir)).toBe(false);
    expect(existsSync(localPaths(folder).stateFile)).toBe(false);
    expect(await stopLocalCloud(deps())).toBeUndefined();
    expect(await localCloudStatus(deps())).toEqual({ state: 'down', stale: false });
  });

  test('a stop ends one that does not answer, by force', async () => {
    const { state } = await start();
    process.kill(state.pid, 'SIGSTOP');
    await stopLocalCloud({ ...deps(), now: fastClock(), healthTimeoutMs: 300 });
    expect(lives(state.pid)).toBe(false);
    for (const helper of state.helpers) expect(lives(helper.pid)).toBe(false);
    expect(existsSync(state.dataDir)).toBe(false);
  }, 40_000);
});

describe('a cloud that is killed', () => {
  test('a cloud that is killed takes its database, its watchdog and its data with it', async () => {
    const { state } = await start();
    const under = descendants(state.pid);
    process.kill(state.pid, 'SIGKILL');
    for (const pid of under) await expect.poll(() => lives(pid)).toBe(false);
    await expect.poll(() => existsSync(state.dataDir)).toBe(false);
    expect(await localCloudStatus(deps())).toEqual({ state: 'down', stale: true });
    const again = await start();
    expect(again.started).toBe(true);
    expect(await accountOf(again.state)).toBe('000000000000');
  });

  test('a cloud that is killed by SIGTERM ends in order and removes its state file', async () => {
    const { state } = await start();
    process.kill(state.pid, 'SIGTERM');
    await expect.poll(() => lives(state.pid)).toBe(false);
    expect(existsSync(localPaths(folder).stateFile)).toBe(false);
    expect(existsSync(state.dataDir)).toBe(false);
    expect(readFileSync(state.logFile, 'utf8')).toMatch(/ends: SIGTERM\n.* ended\n$/);
  });

  test('a cloud whose watchdog was killed starts another, which cleans up after the cloud', async () => {
    const { state } = await start();
    const watchdog = state.helpers[0]?.pid ?? 0;
    process.kill(watchdog, 'SIGKILL');
    await expect.poll(() => readFileSync(state.logFile, 'utf8')).toContain('The watchdog ended');
    const under = descendants(state.pid);
    expect(under.length).toBe(2);
    process.kill(state.pid, 'SIGKILL');
    for (const pid of under) await expect.poll(() => lives(pid)).toBe(false);
    await expect.poll(() => existsSync(state.dataDir)).toBe(false);
  });
});

describe('an unresponsive cloud', () => {
  test('an unresponsive cloud keeps its rows, whether it is stopped or its clock differs by more than 15 minutes: a start refuses and names local stop', async () => {
    const { state } = await start();
    process.kill(state.pid, 'SIGSTOP');
    expect(await localCloudStatus({ ...deps(), healthTimeoutMs: 300 })).toMatchObject({
      state: 'unresponsive',
      why: 'it was silent for 0.3 s',
    });
    const refusal = {
      code: 'local-cloud-silent',
      exitCode: 3,
      message: expect.stringContaining(`(process ${state.pid}) and does not answer: it was silent for 0.3 s`),
      hint: expect.stringContaining('shedbench local stop'),
    };
    await expect(start({ healthTimeoutMs: 300 })).rejects.toMatchObject(refusal);
    await expect(findLocalCloud({ ...deps(), healthTimeoutMs: 300 })).rejects.toMatchObject(refusal);
    process.kill(state.pid, 'SIGCONT');
    expect((await start()).state.pid).toBe(state.pid);

    const later = () => Date.now() + 16 * 60_000;
    await expect(start({ now: later })).rejects.toMatchObject({
      code: 'local-cloud-silent',
      message: expect.stringContaining('it answers 403'),
    });
    expect(lives(state.pid)).toBe(true);
  });

  test('an unresponsive cloud that closed its door is on its way out: it gets the time to end and counts as absent', async () => {
    const ending = spawn('/bin/sh', ['-c', 'sleep 0.4'], { stdio: 'ignore' });
    const pid = ending.pid ?? 0;
    leaveState({ pid, processStart: (await processStart(pid)) ?? '', port: await closedPort() });
    expect(await findLocalCloud(deps())).toBeUndefined();
    expect(lives(pid)).toBe(false);
  });
});

describe('the state file', () => {
  test.each([0, -1, 1.5, '7', null])(
    'the state file is damaged where it holds the pid %s, which would mislead kill',
    (pid) => {
      leaveState({});
      const state = JSON.parse(readFileSync(localPaths(folder).stateFile, 'utf8'));
      const check = (value: unknown) => checkDocument(JSON.stringify(value), LOCAL_STATE_DOCUMENT);
      expect(check(state)).toMatchObject({ state: 'good' });
      expect(check({ ...state, pid })).toMatchObject({
        state: 'damaged',
        reason: expect.stringMatching(/^pid is .*, not a whole number from 1$/),
      });
      expect(check({ ...state, helpers: [{ pid, processStart: '1' }] })).toMatchObject({
        state: 'damaged',
        reason: expect.stringMatching(/^helpers\[0\]\.pid is /),
      });
    },
  );
});

/** A port of this machine that nothing listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Real time, ten times as fast. */
function fastClock(): () => number {
  const from = Date.now();
  return () => from + (Date.now() - from) * 10;
}

function commandOf(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

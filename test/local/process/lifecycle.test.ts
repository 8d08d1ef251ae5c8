import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  CloudFormationClient,
  CreateStackCommand,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findGroupParents, isRefusal } from '../../../src/local/sandboxes/control-group-search.ts';
import { type LocalCloudState, readLocalState } from '../../../src/store/local-state.ts';
import { startLocalCloud, stopLocalCloud } from '../../../src/targets/local-cloud.ts';
import { FUNCTION_ROLE } from '../../function-role.ts';
import { descendants, lives } from '../../targets/living.ts';
import { zip } from '../zip.ts';

/** Starts the cloud in a process of its own, as a command would, tied to it, and does what its input says. */
const STARTER = `
import { startLocalCloud } from ${JSON.stringify(fileURLToPath(new URL('../../../src/targets/local-cloud.ts', import.meta.url)))};
import { createInterface } from 'node:readline';
const cloud = await startLocalCloud({
  folder: process.argv[2],
  now: Date.now,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  toolVersion: '1.2.3',
  emit: () => undefined,
  endWithThisProcess: process.argv[3] === 'tied',
});
console.log(JSON.stringify({ started: cloud.started, pid: cloud.state.pid }));
createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'keep') cloud.keep();
  if (line === 'exit') process.exit(0);
});
`;

const programs = mkdtempSync(join(tmpdir(), 'shedbench-starter-'));
let folder = '';
const starters: ChildProcess[] = [];

beforeAll(async () => {
  await build({
    stdin: { contents: STARTER, resolveDir: programs, loader: 'js' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: join(programs, 'starter.mjs'),
    logLevel: 'error',
  });
  symlinkSync(
    fileURLToPath(new URL('../../../dist/local-cloud.cjs', import.meta.url)),
    join(programs, 'local-cloud.cjs'),
  );
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shedbench-process-test-'));
});
afterEach(async () => {
  for (const starter of starters.splice(0)) starter.kill('SIGKILL');
  await stop();
  rmSync(folder, { recursive: true });
});
afterAll(() => rmSync(programs, { recursive: true }));

function deps() {
  return {
    folder,
    now: Date.now,
    sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
    emit: () => undefined,
  };
}

function stop() {
  return stopLocalCloud(deps());
}

/** Starts the cloud from this process. For tests in which the process that started it does not matter. */
async function startHere(options: { readonly isAsLambda: boolean }): Promise<LocalCloudState> {
  const asLambda = options.isAsLambda ? { asLambda: { command: 'shedbench' } } : {};
  const { state, started } = await startLocalCloud({ ...deps(), toolVersion: '1.2.3', ...asLambda });
  expect(started).toBe(true);
  return state;
}

async function startIn(
  kind: 'tied' | 'free',
): Promise<{ starter: ChildProcess; started: boolean; pid: number }> {
  const starter = spawn(process.execPath, [join(programs, 'starter.mjs'), folder, kind], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  starters.push(starter);
  const line = await new Promise<string>((resolve, reject) => {
    starter.once('exit', (code) => reject(new Error(`the starter ended with ${code}`)));
    if (starter.stdout !== null) createInterface({ input: starter.stdout }).once('line', resolve);
  });
  return { starter, ...(JSON.parse(line) as { started: boolean; pid: number }) };
}

async function stateOf(): Promise<LocalCloudState> {
  const state = await readLocalState(folder, () => undefined);
  if (state === undefined) throw new Error('no state file');
  return state;
}

async function expectGone(pids: readonly number[], dataDir: string): Promise<void> {
  for (const pid of pids) await expect.poll(() => lives(pid)).toBe(false);
  await expect.poll(() => existsSync(dataDir)).toBe(false);
}

describe('a cloud tied to the command that started it', () => {
  test('a cloud tied to the command that started it ends when that is killed', async () => {
    const { starter, pid } = await startIn('tied');
    const state = await stateOf();
    const all = [pid, ...descendants(pid)];
    expect(all).toHaveLength(3);
    starter.kill('SIGKILL');
    await expectGone(all, state.dataDir);
    expect(await readLocalState(folder, () => undefined)).toBeUndefined();
  });

  test('a cloud tied to the command that started it stays once the command said keep', async () => {
    const { starter, pid } = await startIn('tied');
    starter.stdin?.write('keep\nexit\n');
    await new Promise((resolve) => starter.once('exit', resolve));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(lives(pid)).toBe(true);
    expect((await stop())?.pid).toBe(pid);
  });
});

describe('a cloud started for good', () => {
  test('a cloud started for good outlives a killed starter', async () => {
    const { starter, pid } = await startIn('free');
    starter.kill('SIGKILL');
    await new Promise((resolve) => starter.once('exit', resolve));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(lives(pid)).toBe(true);
  });

  test('a cloud started for good is one, whatever number of commands start it at once', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => startIn('free')));
    expect(all.filter((one) => one.started)).toHaveLength(1);
    expect(new Set(all.map((one) => one.pid)).size).toBe(1);
  });
});

describe('a cloud with functions', () => {
  const TEMPLATE = JSON.stringify({
    Resources: {
      Role: FUNCTION_ROLE,
      Function: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          FunctionName: 'parent',
          Runtime: 'nodejs22.x',
          // As Lambda, its share is a whole core, so that the test does not wait.
          MemorySize: 1769,
          Architectures: [process.arch === 'arm64' ? 'arm64' : 'x86_64'],
          Handler: 'index.handler',
          Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
          Code: { S3Bucket: 'code', S3Key: 'parent.zip' },
        },
      },
    },
  });

  // A child of its own, that a careless end would leave behind.
  const CODE = `
    const { spawn } = require('node:child_process');
    exports.handler = async () => spawn('sleep', ['600'], { stdio: 'ignore' }).pid;
  `;

  /** Deploys a function, has it start a process, and returns that process's pid. */
  async function runFunction(state: LocalCloudState): Promise<number> {
    const config = {
      endpoint: state.endpoint,
      region: state.region,
      credentials: { accessKeyId: state.accessKeyId, secretAccessKey: state.secretAccessKey },
      maxAttempts: 1,
    };
    const cloudFormation = new CloudFormationClient(config);
    const lambda = new LambdaClient(config);
    const s3 = new S3Client({ ...config, forcePathStyle: true });
    try {
      await s3.send(new CreateBucketCommand({ Bucket: 'code' }));
      const Body = await zip({ 'index.js': CODE });
      await s3.send(new PutObjectCommand({ Bucket: 'code', Key: 'parent.zip', Body }));
      await cloudFormation.send(
        new CreateStackCommand({
          StackName: 's',
          TemplateBody: TEMPLATE,
          Capabilities: ['CAPABILITY_IAM'],
        }),
      );
      await waitUntilStackCreateComplete(
        { client: cloudFormation, maxWaitTime: 20, minDelay: 0.1, maxDelay: 0.5 },
        { StackName: 's' },
      );
      const { Payload, FunctionError } = await lambda.send(new InvokeCommand({ FunctionName: 'parent' }));
      expect(FunctionError).toBeUndefined();
      return JSON.parse(Buffer.from(Payload ?? []).toString());
    } finally {
      s3.destroy();
      cloudFormation.destroy();
      lambda.destroy();
    }
  }

  test('a cloud with functions takes its sandboxes, and what they started, with it when it is killed', async () => {
    const state = await startHere({ isAsLambda: false });
    const { pid } = state;
    const grandchild = await runFunction(state);
    const all = [pid, ...descendants(pid)];
    expect(all).toContain(grandchild);
    expect(all.length).toBeGreaterThanOrEqual(5);
    process.kill(pid, 'SIGKILL');
    await expectGone(all, state.dataDir);
  });

  test('a cloud with functions takes them with it when it is stopped', async () => {
    const state = await startHere({ isAsLambda: false });
    const { pid } = state;
    const grandchild = await runFunction(state);
    const all = [pid, ...descendants(pid)];
    expect(all).toContain(grandchild);
    await stop();
    for (const one of all) expect(lives(one)).toBe(false);
    expect(existsSync(state.dataDir)).toBe(false);
  });

  describe.runIf(!isRefusal(findGroupParents()))('that runs functions as Lambda does', () => {
    async function startAsLambda() {
      const state = await startHere({ isAsLambda: true });
      const { pid } = state;
      const grandchild = await runFunction(state);
      const groups = (state.groupFolders ?? []).filter((folder) => existsSync(folder));
      expect(groups.flatMap((folder) => readdirSync(folder)).join(' ')).toContain('sandbox-');
      return { pid, state, groups, all: [pid, ...descendants(pid)], grandchild };
    }

    test('a cloud that runs functions as Lambda does takes its control groups with it when it is killed', async () => {
      const { pid, state, groups, all, grandchild } = await startAsLambda();
      expect(all).toContain(grandchild);
      process.kill(pid, 'SIGKILL');
      await expectGone(all, state.dataDir);
      for (const folder of groups) {
        await expect.poll(() => existsSync(folder)).toBe(false);
      }
    });

    test('a cloud that runs functions as Lambda does takes them with it when it is stopped', async () => {
      const { groups } = await startAsLambda();
      await stop();
      for (const folder of groups) expect(existsSync(folder)).toBe(false);
    });

    test('a cloud that runs functions as Lambda does leaves them to `stop` when its watchdog is killed too', async () => {
      const { pid, state, groups, all } = await startAsLambda();
      // A stopped cloud starts no other watchdog.
      process.kill(pid, 'SIGSTOP');
      for (const helper of state.helpers) process.kill(helper.pid, 'SIGKILL');
      process.kill(pid, 'SIGKILL');
      await stop();
      for (const folder of groups) expect(existsSync(folder)).toBe(false);
      for (const one of all) await expect.poll(() => lives(one)).toBe(false);
    });
  });
});

import { existsSync, readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findGroupParents, isRefusal } from '../../../src/local/sandboxes/control-group-search.ts';
import {
  CpuLimits,
  findCpuLimitPlace,
  groupFoldersOf,
  SandboxCpu,
} from '../../../src/local/sandboxes/cpu-limits.ts';
import { createGate } from './gate.ts';
import { configuration, payloadOf, startLambda, type TestLambda } from './harness.ts';

/** Uses so many ms of CPU time, however long that takes. */
const BURN = `
  const burn = (ms) => {
    const end = process.cpuUsage();
    while (process.cpuUsage(end).user + process.cpuUsage(end).system < ms * 1000);
  };
`;
let t: TestLambda;
let limits: CpuLimits;
let folders: readonly string[] = [];
let tests = 0;

async function open(): Promise<void> {
  tests += 1;
  const place = findCpuLimitPlace(`shedbench-cloud-as-lambda-${process.pid}-${tests}`);
  folders = groupFoldersOf(place);
  const children = { register: () => undefined, forget: () => undefined };
  const nowMs = () => performance.now();
  limits = await CpuLimits.open({
    place,
    ownPids: [],
    children,
    nowMs,
    log: (line) => t.cloudLog.push(line),
  });
  t = await startLambda({ cores: 2, cpuLimits: limits });
}

async function create(name: string, code: string): Promise<void> {
  await t.create(name, { 'index.mjs': code }, { memorySizeMB: 128 });
}

/** Periods in which the kernel stopped sandboxes of a memory size so far. */
function stops(memorySizeMB = 128): number {
  return limits.shares().find((share) => share.memorySizeMB === memorySizeMB)?.throttledPeriods ?? 0;
}

describe.runIf(!isRefusal(findGroupParents()))('a function that runs as on Lambda', () => {
  beforeEach(open);
  afterEach(async () => {
    await t.close();
    await limits.close();
    for (const folder of folders) expect(existsSync(folder)).toBe(false);
    expect(t.cloudLog).toEqual([]);
  });

  test('a function that runs as on Lambda is held to its share, and its init is not', async () => {
    await create('busy', `${BURN} burn(150); export const handler = async ({ ms }) => { burn(ms); };`);
    // A part of the cores is kept free, and an init takes a whole one.
    expect(t.lambda.startsAtOnce).toBe(1);
    await t.invoke('busy', { ms: 0 });
    // At its share the init alone would have been stopped in about 100 periods.
    expect(stops()).toBeLessThan(20);
    const before = stops();
    await t.invoke('busy', { ms: 30 });
    expect(stops() - before).toBeGreaterThan(4);
    const durations = t.reports().map((line) => Number(/\tDuration: ([\d.]+) ms/.exec(line)?.[1]));
    // 30 ms of CPU need 21 quotas of 1.447 ms; the kernel notices an overrun late, and repays it.
    expect(durations[1]).toBeGreaterThan(200);
  });

  test('a function that runs as on Lambda that exits is initialised again at its share', async () => {
    await create(
      'exits',
      `${BURN} burn(60); export const handler = async ({ exit }) => { if (exit) process.exit(1); };`,
    );
    await t.invoke('exits', { exit: true });
    const before = stops();
    await t.invoke('exits', {});
    expect(stops() - before).toBeGreaterThan(10);
    expect(limits.shares()).toMatchObject([{ environments: 1 }]);
  });

  test('a function that runs as on Lambda whose first init fails is initialised again at its share', async () => {
    await create('fails', `${BURN} burn(40); throw new Error('no'); export const handler = 1;`);
    const outcome = await t.invoke('fails');
    expect(outcome).toMatchObject({ kind: 'function-error' });
    expect(stops()).toBeGreaterThan(5);
  });

  test('a function that runs as on Lambda gets the quota of its new memory size after a change, in an environment of its own', async () => {
    await create('grows', 'export const handler = async () => process.pid;');
    const before = payloadOf(await t.invoke('grows'));
    await t.lambda.control.updateFunction(configuration('grows', { memorySizeMB: 1769 }), undefined);
    expect(payloadOf(await t.invoke('grows'))).not.toBe(before);
    expect(limits.shares()).toMatchObject([
      { memorySizeMB: 128, quotaUs: 1447 },
      { memorySizeMB: 1769, quotaUs: 20_000 },
    ]);
    // The group of the first environment is gone, that of the second is there.
    const groups = () => folders.filter(existsSync).flatMap((folder) => readdirSync(folder));
    await expect.poll(() => groups().filter((name) => name.startsWith('sandbox-')).length).toBe(1);
  });

  test('a function that runs as on Lambda runs beside more others than there are cores, where their shares fit', async () => {
    await create(
      'waits',
      `import { get } from 'node:http';
        export const handler = ({ gate }) =>
          new Promise((done) => get(gate, (answer) => answer.resume().on('end', () => done(process.pid))));`,
    );
    await using gate = await createGate();
    const calls = Promise.all(Array.from({ length: 6 }, () => t.invoke('waits', { gate: gate.url })));
    await expect.poll(gate.waiting).toBeGreaterThan(2);
    gate.open();
    expect(new Set((await calls).map(payloadOf)).size).toBeGreaterThan(2);
  });

  test('a function that runs as on Lambda leaves nothing in its group, not even what left its process group', async () => {
    await create(
      'forks',
      `import { spawn } from 'node:child_process';
        export const handler = async () => {
          spawn('setsid', ['sleep', '600'], { stdio: 'ignore', detached: true }).unref();
        };`,
    );
    await t.invoke('forks');
    await t.lambda.control.deleteFunction('forks');
    const groups = () => folders.filter(existsSync).flatMap((folder) => readdirSync(folder));
    await expect.poll(() => groups().filter((name) => name.startsWith('sandbox-'))).toEqual([]);
  });
});

test('a quota that the kernel refuses fails the call and is named in the log', async () => {
  const refusing = {
    create: (memorySizeMB: number) => {
      const group = {
        add: () => undefined,
        limit: () => {
          throw new Error('the kernel keeps no CPU quota');
        },
        readThrottling: () => ({ periods: 0, throttledPeriods: 0, throttledMs: 0 }),
      };
      return new SandboxCpu(group, memorySizeMB, () => undefined);
    },
  };
  t = await startLambda({ cores: 2, cpuLimits: refusing });
  try {
    await t.create('f', { 'index.mjs': 'export const handler = async () => 1;' });
    expect(await t.invoke('f')).toMatchObject({ kind: 'function-error' });
    expect(t.cloudLog.join('\n')).toContain('the kernel keeps no CPU quota');
  } finally {
    await t.close();
  }
});

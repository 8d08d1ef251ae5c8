import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deployFleet } from '../../../src/deploy/fleet/deploy-fleet.ts';
import { teardownProject } from '../../../src/deploy/teardown/teardown-project.ts';
import type { Fleet } from '../../../src/load/fleet/fleet-engine.ts';
import type { LoaderPort } from '../../../src/load/fleet/loader-port.ts';
import { openFleet } from '../../../src/load/fleet/open-fleet.ts';
import { createLoadPlan } from '../../../src/load/load-plan.ts';
import { startLocalCloud, stopLocalCloud } from '../../../src/targets/local-cloud.ts';
import { openWorld, type World } from '../../deploy/world.ts';
import { localDeps } from '../../targets/local-deps.ts';
import { loadByFleet, sheepServer, upTo } from './support.ts';

/** The loader function itself, deployed and invoked on the local cloud, in processes of its own. */
const TEST_TIMEOUT_MS = 90_000;
const PROJECT = 'fleet-test';
const ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'x86_64';

describe('the loader function on the local cloud', () => {
  let folder: string;
  let world: World;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'shedbench-test-'));
    const { state } = await startLocalCloud({ ...localDeps(folder), toolVersion: '0.1.0' });
    const { endpoint, region, accessKeyId, secretAccessKey } = state;
    const credentials = async () => ({ accessKeyId, secretAccessKey });
    world = await openWorld(endpoint, { kind: 'local', region, credentials });
  }, TEST_TIMEOUT_MS);
  afterAll(async () => {
    world.close();
    await stopLocalCloud(localDeps(folder));
    rmSync(folder, { recursive: true, force: true });
  });

  async function fleet(loaders: number): Promise<Fleet> {
    const site = await deployFleet(
      { project: PROJECT, architecture: ARCHITECTURE, pickUpCommand: 'shedbench load' },
      world.deps,
    );
    const plan = createLoadPlan({ route: 'sheep' });
    const how = { plan, loaders, loadId: `${loaders}-${Date.now()}` };
    return await openFleet(site, how, world.clients, world.deps.emit);
  }

  test(
    'a loader whose process is killed is named, and what it may have sent is in no count',
    async () => {
      const server = await sheepServer([201], 50);
      try {
        const open = await fleet(2);
        const result = await loadByFleet(
          server.url,
          { duration: '4s', parallel: 4 },
          {
            ...open,
            port: killsOne(open.port, () => server.requests.length > 10),
          },
        );
        const losses = result.fleet?.loaders.flatMap((loader) => loader.losses) ?? [];
        expect(losses).toMatchObject([{ reason: 'crashed' }]);
        expect(result.warnings[0]?.code).toBe('loader-crashed');
        expect(result.accounting.successes).toBeGreaterThan(0);
        expect(result.accounting.calls).toBeLessThan(server.requests.length);
        expect(result.state).toBe('interrupted');
      } finally {
        await server.close();
      }
    },
    TEST_TIMEOUT_MS,
  );

  test(
    'four loaders make every call of a plan exactly once, and Lambda says what they were billed',
    async () => {
      const server = await sheepServer([201, 400]);
      try {
        const result = await loadByFleet(server.url, { calls: 200, parallel: 16 }, await fleet(4));
        expect(server.tattoos()).toEqual(upTo(200));
        expect(result.accounting).toMatchObject({ calls: 200, attempts: 200, notSent: 0 });
        expect(result.accounting.attemptsByStatus).toEqual({ 201: 100, 400: 100 });
        expect(result.fleet?.loaders.map(({ calls }) => calls)).toEqual(Array(4).fill(50));
        for (const { billedMs, coldStarts } of result.fleet?.loaders ?? []) {
          expect(billedMs).toBeGreaterThan(1000);
          expect(coldStarts).toBeGreaterThanOrEqual(0);
        }
        expect(result.state).toBe('complete');
      } finally {
        await server.close();
      }
    },
    TEST_TIMEOUT_MS,
  );

  test(
    'an interrupt reaches the loaders through the signed flag, and what came back is kept',
    async () => {
      const server = await sheepServer([201], 20);
      const first = new AbortController();
      try {
        const running = loadByFleet(server.url, { duration: '10m', parallel: 4 }, await fleet(2), {
          deps: { interrupt: { first: first.signal, second: new AbortController().signal } },
        });
        while (server.requests.length < 20) await sleep(20);
        first.abort();
        const result = await running;
        expect(result.state).toBe('interrupted');
        expect(result.accounting.calls).toBe(server.requests.length);
      } finally {
        await server.close();
      }
    },
    TEST_TIMEOUT_MS,
  );

  test(
    'a teardown deletes the loaders and leaves nothing',
    async () => {
      await fleet(1);
      const { outcome, receipt } = await teardownProject(
        {
          project: PROJECT,
          runtimes: undefined,
          knownRuntimes: [],
          retain: [],
          confirm: async () => true,
          pickUpCommand: 'shedbench teardown',
        },
        world.deps,
      );
      expect(outcome).toBe('removed');
      expect(receipt.flatMap(({ left }) => left)).toEqual([]);
      const found = new Map(receipt.map((line) => [line.resourceType, line.found]));
      expect(found.get('AWS::Lambda::Function')).toBe(1);
      expect(found.get('AWS::CloudFormation::Stack')).toBe(2);
    },
    TEST_TIMEOUT_MS,
  );
});

/** The same loaders, of which one's process is killed once it is time. Its process is found by its program's folder. */
function killsOne(port: LoaderPort, isTime: () => boolean): LoaderPort {
  let orders = 0;
  return {
    ...port,
    async invoke(payload, signal) {
      const isLoad = payload.includes('"do":"load"');
      const isFirst = isLoad && orders++ === 0;
      const running = port.invoke(payload, signal);
      if (isFirst) {
        while (!isTime()) await sleep(20);
        process.kill(pidOfLoader(), 'SIGKILL');
      }
      return await running;
    },
  };
}

/** One process that runs the loader's code. Its environment names the function. Both that there are are at work. */
function pidOfLoader(): number {
  const text = execFileSync('sh', [
    '-c',
    `grep -lz 'AWS_LAMBDA_FUNCTION_NAME=${PROJECT}-fleet-loader' /proc/[0-9]*/environ 2>/dev/null | head -1; true`,
  ]).toString();
  const pid = Number(/^\/proc\/(\d+)\//.exec(text)?.[1]);
  if (!Number.isInteger(pid)) throw new Error('no loader runs');
  return pid;
}

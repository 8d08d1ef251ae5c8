import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PackagedRuntime } from '../../src/deploy/artifacts/package-functions.ts';
import { runsOnThisMachine } from '../../src/deploy/artifacts/runs-on.ts';
import { reproducibleZip } from '../../src/deploy/artifacts/zip.ts';
import { type DeployOptions, deployProject } from '../../src/deploy/deploy-project.ts';
import { teardownProject } from '../../src/deploy/teardown/teardown-project.ts';
import type { ShedbenchError } from '../../src/errors.ts';
import { ROUTES } from '../../src/model/route.ts';
import { startLocalCloud, stopLocalCloud } from '../../src/targets/local-cloud.ts';
import { failureOf } from '../failure-of.ts';
import { localDeps } from '../targets/local-deps.ts';
import { deployOptions, openWorld, packagedRuntime, type World } from './world.ts';

/**
 * Deploy and teardown against an engine that makes resources one after the other, fails, cancels and rolls back: the local
 * cloud's CloudFormation, over the wire.
 */
const TEST_TIMEOUT_MS = 60_000;
const HANDLER = "export const handler = async () => ({ statusCode: 200, body: '{}' });\n";

describe('on the local cloud', () => {
  let folder: string;
  let target: Parameters<typeof openWorld>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'shedbench-test-'));
    const { state } = await startLocalCloud({ ...localDeps(folder), toolVersion: '0.1.0' });
    const { endpoint, region, accessKeyId, secretAccessKey } = state;
    target = [
      endpoint,
      { kind: 'local', region, credentials: async () => ({ accessKeyId, secretAccessKey }) },
    ];
  }, TEST_TIMEOUT_MS);
  afterAll(async () => {
    await stopLocalCloud(localDeps(folder));
    rmSync(folder, { recursive: true, force: true });
  });

  /** A person at work in a folder of their own; every one of them sees the same cloud. */
  async function withWorld<T>(work: (world: World) => Promise<T>): Promise<T> {
    const world = await openWorld(...target);
    try {
      return await work(world);
    } finally {
      world.close();
    }
  }

  function deploy(
    world: World,
    project: string,
    runtime: PackagedRuntime,
    overrides: Partial<DeployOptions> = {},
  ) {
    const architecture = runsOnThisMachine(process.platform, process.arch)?.architecture ?? 'x86_64';
    return deployProject(deployOptions(project, [runtime], { architecture, ...overrides }), world.deps);
  }

  function teardown(world: World, project: string) {
    return teardownProject(
      {
        project,
        runtimes: undefined,
        knownRuntimes: ['node'],
        retain: [],
        confirm: async () => true,
        pickUpCommand: 'shedbench teardown',
      },
      world.deps,
    );
  }

  async function stacks(project: string): Promise<readonly string[]> {
    return withWorld(async ({ clients }) => {
      const { Stacks } = await (await clients.cloudFormation()).send(new DescribeStacksCommand({}));
      return (Stacks ?? [])
        .filter(({ StackName }) => StackName?.startsWith(`${project}-`))
        .map(({ StackName, StackStatus }) => `${StackName} ${StackStatus}`)
        .sort();
    });
  }

  /**
   * Deploys a project, interrupts that while the API stack is created, and returns the project and the error. On a busy
   * machine a creation can be complete before the interrupt has an effect. Then another project is tried, at most five
   * in all.
   */
  async function interruptedInTime(
    name: string,
    interrupts: 'once' | 'twice',
  ): Promise<{ project: string; error: ShedbenchError }> {
    for (let left = 5; ; left--) {
      const project = fresh(name);
      const error = await withWorld(async (world) => {
        const interrupt = interrupts === 'once' ? world.interruptOnce : world.interruptTwice;
        const person = whenUnderWay(world, 'CREATE_IN_PROGRESS', interrupt);
        return failureOf(deploy(person, project, await runnable(project)));
      });
      // After two interrupts nothing waits for the stack any more, so only the error says whether they were in time.
      const isTooLate =
        interrupts === 'twice'
          ? error.code === 'interrupted'
          : (await stacks(project)).includes(`${project}-node-api CREATE_COMPLETE`);
      if (!isTooLate || left === 1) return { project, error };
      await withWorld((world) => teardown(world, project));
    }
  }

  /** The name of a project that has no stack of an earlier try. */
  let tries = 0;
  const fresh = (name: string): string => `${name}${++tries}`;

  /** Does something once, when a resource of the API stack is told to be under way. */
  function whenUnderWay(world: World, status: string, act: () => void): World {
    let done = false;
    return {
      ...world,
      deps: {
        ...world.deps,
        emit: (event) => {
          world.deps.emit(event);
          const isIt =
            event.type === 'stack-event' && event.stackName.endsWith('-api') && event.status === status;
          if (!isIt || done) return;
          done = true;
          act();
        },
      },
    };
  }

  test(
    'a function that can not be made rolls its stack back and is named; the next deploy converges',
    async () => {
      await withWorld(async (world) => {
        const { manifest, ...packaged } = await runnable('fails');
        const unknown = { ...packaged, manifest: { ...manifest, lambdaRuntime: 'nodejs1.x' } };
        const error = await failureOf(deploy(world, 'fails', unknown));
        expect(error).toMatchObject({ code: 'stack-failed', exitCode: 3 });
        expect(error.message).toMatch(
          /^fails-node-api ended in ROLLBACK_COMPLETE: \w+Function \(AWS::Lambda::Function\): /,
        );
        const ends = world.events.flatMap((event) => (event.type === 'stack-event' ? [event.status] : []));
        expect(ends.at(-1)).toBe('ROLLBACK_COMPLETE');
        expect(await stacks('fails')).toEqual([
          'fails-assets CREATE_COMPLETE',
          'fails-node-api ROLLBACK_COMPLETE',
        ]);

        expect((await deploy(world, 'fails', await runnable('fails'))).outcome).toBe('deployed');
        expect(await teardown(world, 'fails')).toMatchObject({ outcome: 'removed' });
        expect(await stacks('fails')).toEqual([]);
      });
    },
    TEST_TIMEOUT_MS,
  );

  test(
    'a Ctrl-C during a creation leaves no API stack, and the next deploy converges',
    async () => {
      const { project, error } = await interruptedInTime('stops', 'once');
      expect(error).toMatchObject({ code: 'interrupted', exitCode: 130 });
      expect(await stacks(project)).toEqual([`${project}-assets CREATE_COMPLETE`]);
      await withWorld(async (world) => {
        expect((await deploy(world, project, await runnable(project))).outcome).toBe('deployed');
      });
    },
    TEST_TIMEOUT_MS,
  );

  test(
    'a second Ctrl-C ends the command while the creation goes on, and the next deploy waits for its end',
    async () => {
      const { project, error } = await interruptedInTime('letsgo', 'twice');
      expect(error).toMatchObject({
        code: 'detached',
        hint: `Continue with: shedbench deploy --project ${project}`,
      });
      await withWorld(async (world) => {
        const result = await deploy(world, project, await runnable(project));
        expect(result.outcome).toBe('unchanged');
        expect(await stacks(project)).toEqual([
          `${project}-assets CREATE_COMPLETE`,
          `${project}-node-api CREATE_COMPLETE`,
        ]);
      });
    },
    TEST_TIMEOUT_MS,
  );

  test(
    'an update changes what it should; without changes nothing happens',
    async () => {
      await withWorld(async (world) => {
        const runtime = await runnable('updates');
        await deploy(world, 'updates', runtime);
        expect((await deploy(world, 'updates', runtime)).outcome).toBe('unchanged');
        const result = await deploy(world, 'updates', runtime, { memorySizeMB: 256 });
        expect(result.outcome).toBe('deployed');
        const changes = result.plan.stacks.find(({ runtime: label }) => label === 'node')?.changes ?? [];
        expect(changes.filter(({ action }) => action === 'modify').map(({ logicalId }) => logicalId)).toEqual(
          expect.arrayContaining(['CatFunction', 'SheepFunction', 'DogFunction', 'WolfFunction']),
        );
        expect(changes.find(({ logicalId }) => logicalId === 'ShedTable')).toBeUndefined();
        expect(await stacks('updates')).toContain('updates-node-api UPDATE_COMPLETE');
      });
    },
    TEST_TIMEOUT_MS,
  );

  test(
    'two deploys of the same project at once both end well',
    async () => {
      const runtime = await runnable('both');
      const outcomes = await Promise.all([
        withWorld(async (world) => (await deploy(world, 'both', runtime)).outcome),
        withWorld(async (world) => (await deploy(world, 'both', runtime)).outcome),
      ]);
      expect(outcomes).toContain('deployed');
      // The second deploy may find the stack of the first one complete, and update it.
      expect(await stacks('both')).toEqual([
        'both-assets CREATE_COMPLETE',
        expect.stringMatching(/^both-node-api (CREATE|UPDATE)_COMPLETE$/),
      ]);
    },
    TEST_TIMEOUT_MS,
  );

  test(
    'a teardown begins from DELETE_FAILED, and stops for a stranger in the bucket',
    async () => {
      await withWorld(async (world) => {
        const { deployment } = await deploy(world, 'half', await runnable('half'));
        expect(deployment).toBeDefined();
        const [cloudFormation, s3] = await Promise.all([world.clients.cloudFormation(), world.clients.s3()]);
        const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: 'half-assets' }));
        const Bucket =
          Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === 'BucketName')?.OutputValue ?? '';
        await s3.send(new PutObjectCommand({ Bucket, Key: 'holiday.jpg', Body: 'x' }));
        // Somebody's own attempt, which the full bucket stops.
        await cloudFormation.send(new DeleteStackCommand({ StackName: 'half-assets' }));
        await expect.poll(() => stacks('half')).toContain('half-assets DELETE_FAILED');

        const stopped = await teardown(world, 'half');
        expect(stopped.outcome).toBe('incomplete');
        expect(stopped.problems).toMatchObject([
          { code: 'foreign-objects', message: expect.stringContaining('holiday.jpg') },
        ]);

        await s3.send(new DeleteObjectCommand({ Bucket, Key: 'holiday.jpg' }));
        expect(await teardown(world, 'half')).toMatchObject({ outcome: 'removed', problems: [] });
        expect(await stacks('half')).toEqual([]);
      });
    },
    TEST_TIMEOUT_MS,
  );
});

/** A runtime of four functions that this machine can run. */
async function runnable(project: string): Promise<PackagedRuntime> {
  const packaged = packagedRuntime(project, 'node');
  const zip = await reproducibleZip([{ name: 'index.mjs', bytes: Buffer.from(HANDLER), mode: 0o644 }]);
  const sha256 = createHash('sha256').update(zip).digest('hex');
  const functions = Object.fromEntries(
    ROUTES.map((route) => {
      const { s3Key, ...artifact } = packaged.functions[route];
      return [route, { ...artifact, s3Key: s3Key.replace(/-[0-9a-f]{64}/, `-${sha256}`), sha256, zip }];
    }),
  );
  return { ...packaged, functions: functions as unknown as PackagedRuntime['functions'] };
}

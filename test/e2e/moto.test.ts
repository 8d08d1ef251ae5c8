import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetFunctionCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { DeleteObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { endingOf, MOTO, type Outcome, STEPS, textOf } from '../emulators/emulators.ts';
import { describeDeploys } from './moto-faults.ts';
import { type MotoServer, startMoto, whyNoMoto } from './moto-server.ts';
import { describeSettings } from './moto-settings.ts';

/**
 * The installed commands, unchanged, against an AWS that nobody here wrote: `AWS_ENDPOINT_URL` is all that tells it from
 * AWS. The tests over a bad wire follow on the same server, whose start takes seconds of CPU. moto can't run the functions, so most deploys leave the probe out by its flag.
 */
const absent = whyNoMoto();
const BIN = fileURLToPath(new URL('../../bin/shedbench.js', import.meta.url));
const REGION = 'eu-west-3';
/** A command's limit: moto imports each service at its first call, which takes seconds on a busy machine. */
const TEST_TIMEOUT_MS = 120_000;

/** The leavings of an account in which nothing is deployed. */
const NOTHING = { stacks: [], functions: [], tables: [], buckets: [], logGroups: [] };

describe.skipIf(absent !== undefined)(
  `against moto${absent === undefined ? '' : ` (skipped: ${absent})`}`,
  () => {
    let moto: MotoServer;
    beforeAll(async () => {
      moto = await startMoto();
    }, TEST_TIMEOUT_MS);
    afterAll(async () => {
      await moto.stop();
    });

    describeCommands(() => moto);
    describeDeploys(() => moto);
    describeSettings(() => moto);
  },
);

/** @param moto returns a server that runs, in which these tests are alone */
function describeCommands(moto: () => MotoServer): void {
  describe('the installed commands', () => {
    let cwd: string;
    let clients: ReturnType<typeof openClients>;

    beforeAll(() => {
      clients = openClients(moto().endpoint);
    });
    afterAll(() => {
      for (const client of Object.values(clients)) client.destroy();
    });
    beforeEach(async () => {
      await moto().reset();
      cwd = mkdtempSync(join(tmpdir(), 'shedbench-test-'));
      return () => rmSync(cwd, { recursive: true, force: true });
    });

    function shedbench(...args: readonly string[]): Promise<Outcome> {
      const child = spawn(process.execPath, [BIN, ...args], {
        cwd,
        stdio: ['ignore', 'pipe', 'pipe'],
        // Nothing of the person who runs the tests: no profile, no region, no terminal.
        env: {
          PATH: process.env.PATH,
          HOME: cwd,
          AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
          AWS_SECRET_ACCESS_KEY: 'secret',
          AWS_REGION: REGION,
          AWS_ENDPOINT_URL: moto().endpoint,
        },
      });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (chunk: Buffer) => {
        stdout += chunk.toString('utf8');
      });
      child.stderr.on('data', (chunk: Buffer) => {
        stderr += chunk.toString('utf8');
      });
      return new Promise((resolve, reject) => {
        child.once('error', reject);
        child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
      });
    }

    /** A command that must succeed, and its `--json` result. */
    async function json(...args: readonly string[]): Promise<Record<string, unknown>> {
      const { exitCode, stdout, stderr } = await shedbench(...args, '--json');
      if (exitCode !== 0) throw new Error(`exit ${exitCode}: ${stderr}`);
      return JSON.parse(stdout) as Record<string, unknown>;
    }

    const deploy = (...more: readonly string[]) => json('deploy', '--runtime', 'node', '--no-probe', ...more);

    async function stacks(): Promise<readonly string[]> {
      const { Stacks } = await clients.cloudFormation.send(new DescribeStacksCommand({}));
      return (Stacks ?? []).map(({ StackName, StackStatus }) => `${StackName} ${StackStatus}`).sort();
    }

    /** Everything of the account that a bench makes and could leave. */
    async function leavings(): Promise<Record<string, readonly unknown[]>> {
      const [functions, tables, buckets, groups] = await Promise.all([
        clients.lambda.send(new ListFunctionsCommand({})),
        clients.dynamodb.send(new ListTablesCommand({})),
        clients.s3.send(new ListBucketsCommand({})),
        clients.logs.send(new DescribeLogGroupsCommand({})),
      ]);
      return {
        stacks: await stacks(),
        functions: (functions.Functions ?? []).map(({ FunctionName }) => FunctionName),
        tables: tables.TableNames ?? [],
        buckets: (buckets.Buckets ?? []).map(({ Name }) => Name),
        logGroups: (groups.logGroups ?? []).map(({ logGroupName }) => logGroupName),
      };
    }

    test(
      'a deploy creates the stacks, a second one changes nothing, a third one updates, and teardown deletes all; a second teardown says where it looked; every step works or deviates as it is written down',
      async () => {
        expect(await deploy('--plan')).toMatchObject({ outcome: 'planned' });
        expect(await leavings()).toEqual(NOTHING);
        const first = await deploy();
        expect(first).toMatchObject({ outcome: 'deployed' });
        expect(await stacks()).toEqual([
          'sheepshed-assets CREATE_COMPLETE',
          'sheepshed-node-api CREATE_COMPLETE',
        ]);
        expect(readdirSync(join(cwd, '.shedbench', 'deployments'))).toEqual([
          `endpoint-123456789012-${REGION}-sheepshed.json`,
        ]);

        const second = await deploy();
        expect(second).toMatchObject({ outcome: 'unchanged' });
        const probe = endingOf('deploy', await shedbench('deploy', '--runtime', 'node', '--json'));

        const third = await deploy('--memory', '512');
        expect(third).toMatchObject({ outcome: 'deployed' });
        expect(await stacks()).toContain('sheepshed-node-api UPDATE_COMPLETE');
        const { Configuration } = await clients.lambda.send(
          new GetFunctionCommand({ FunctionName: 'sheepshed-node-get-dog-count' }),
        );
        expect(Configuration?.MemorySize).toBe(512);

        const gone = await json('teardown', '--yes');
        expect(gone).toMatchObject({ outcome: 'removed', problems: [] });
        const receipt = gone.receipt as { readonly resourceType: string; readonly left: readonly string[] }[];
        expect(receipt.flatMap(({ left }) => left)).toEqual([]);
        expect(receipt.map(({ resourceType }) => resourceType)).toContain('AWS::IAM::Role');
        expect(await leavings()).toEqual(NOTHING);
        expect(readdirSync(join(cwd, '.shedbench', 'deployments'))).toEqual([]);

        // These steps succeeded. The others are left out, since no API answers.
        const works = { plan: 'works', deploy: 'works', teardown: 'works' };
        const left = { load: 'left out', verify: 'left out', report: 'left out' };
        expect({ ...works, probe, ...left }).toEqual(
          Object.fromEntries(STEPS.map((step) => [step, textOf(MOTO.endings[step])])),
        );

        const { exitCode, stdout } = await shedbench('teardown', '--yes');
        expect(exitCode).toBe(0);
        for (const place of ['sheepshed', '123456789012', REGION]) expect(stdout).toContain(place);
      },
      TEST_TIMEOUT_MS,
    );

    test(
      'the loaders of a load from the region are deployed, and teardown deletes them once the bucket holds no file of somebody else',
      async () => {
        // moto takes the template and can't run the function: what is not sent is told, and the stacks stand.
        const load = ['load', '--url', 'http://127.0.0.1:9', '--route', 'dog', '-c', '4', '-p', '2'];
        const { exitCode } = await shedbench(...load, '--from', 'lambda=2');
        expect(exitCode).not.toBe(0);
        expect(await stacks()).toEqual([
          'sheepshed-assets CREATE_COMPLETE',
          'sheepshed-fleet CREATE_COMPLETE',
        ]);
        const { Configuration } = await clients.lambda.send(
          new GetFunctionCommand({ FunctionName: 'sheepshed-fleet-loader' }),
        );
        expect(Configuration).toMatchObject({ MemorySize: 1769, Timeout: 900, Handler: 'index.handler' });

        // With a stranger in the bucket the teardown stops, names it, and exits 3.
        const { Buckets } = await clients.s3.send(new ListBucketsCommand({}));
        const stranger = { Bucket: Buckets?.[0]?.Name ?? '', Key: 'holiday.jpg' };
        const { VersionId } = await clients.s3.send(new PutObjectCommand({ ...stranger, Body: 'x' }));
        const stopped = await shedbench('teardown', '--yes');
        expect(stopped.exitCode).toBe(3);
        expect(`${stopped.stdout}${stopped.stderr}`).toContain('holiday.jpg');
        expect(await stacks()).toEqual(['sheepshed-assets CREATE_COMPLETE']);

        await clients.s3.send(new DeleteObjectCommand({ ...stranger, VersionId }));
        const gone = await json('teardown', '--yes');
        expect(gone).toMatchObject({ outcome: 'removed', problems: [] });
        expect(await leavings()).toEqual(NOTHING);
      },
      TEST_TIMEOUT_MS,
    );

    test(
      'teardown without a terminal and without --yes deletes nothing and exits 2; from another folder it finds the stacks by project name, region and tags alone',
      async () => {
        await deploy('--project', 'meadow');
        const { exitCode, stderr } = await shedbench('teardown');
        expect(exitCode).toBe(2);
        expect(stderr).toContain('--yes');
        expect(await stacks()).toHaveLength(2);

        rmSync(join(cwd, '.shedbench'), { recursive: true, force: true });
        expect(await json('teardown', '--project', 'meadow', '--yes')).toMatchObject({
          outcome: 'removed',
          searchedBy: 'tags',
        });
        expect(await leavings()).toEqual(NOTHING);
      },
      TEST_TIMEOUT_MS,
    );

    test(
      "deploy names somebody else's stack that has one of its names, and exits 3",
      async () => {
        const template = JSON.stringify({
          Resources: { Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'theirs' } } },
        });
        await clients.cloudFormation.send(
          new CreateStackCommand({ StackName: 'sheepshed-node-api', TemplateBody: template }),
        );
        const { exitCode, stderr } = await shedbench('deploy', '--runtime', 'node', '--no-probe');
        expect(exitCode).toBe(3);
        expect(stderr).toContain('sheepshed-node-api exists already and does not belong to this project');
      },
      TEST_TIMEOUT_MS,
    );
  });
}

function openClients(endpoint: string) {
  // The clients of the test itself: the SDK's word on the Node version is no part of what is tested.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const config = {
    endpoint,
    region: REGION,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
  };
  return {
    cloudFormation: new CloudFormationClient(config),
    lambda: new LambdaClient(config),
    dynamodb: new DynamoDBClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
    logs: new CloudWatchLogsClient(config),
  };
}

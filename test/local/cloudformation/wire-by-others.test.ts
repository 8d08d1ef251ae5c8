import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCloud, type LocalCloud } from '../../../src/local/cloud.ts';
import { hasProgram } from '../../at-hand.ts';

const run = promisify(execFile);
const LIMIT_MS = 120_000;
const ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'x86_64';

/** A boto3 that knows the newest operation of those that the test calls. */
const hasBoto =
  spawnSync('python3', [
    '-c',
    'import boto3; boto3.client("cloudformation", region_name="x").describe_events',
  ]).status === 0;
const hasCli = hasProgram('aws');

describe('the wire, as clients of others speak it', () => {
  let local: LocalCloud;
  let home: string;
  beforeAll(async () => {
    local = await createCloud();
    home = mkdtempSync(join(tmpdir(), 'shedbench-wire-'));
  });
  afterAll(async () => {
    await local.close();
    rmSync(home, { recursive: true, force: true });
  });

  /** Nothing of the person's own configuration reaches the client. */
  const environment = (): NodeJS.ProcessEnv => ({
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    AWS_CONFIG_FILE: join(home, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials'),
    AWS_ENDPOINT_URL: local.endpoint,
    AWS_DEFAULT_REGION: local.region,
    AWS_ACCESS_KEY_ID: local.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: local.credentials.secretAccessKey,
    AWS_PAGER: '',
  });

  test.skipIf(!hasBoto)(
    `boto3 creates, describes, updates and deletes the templates${hasBoto ? '' : ' (boto3 is not installed: pip install boto3)'}`,
    async () => {
      const { stdout } = await run(
        'python3',
        [
          'test/local/cloudformation/wire_boto3.py',
          readFileSync('templates/api.yaml', 'utf8'),
          readFileSync('templates/assets.yaml', 'utf8'),
          ARCHITECTURE,
        ],
        { env: environment(), timeout: LIMIT_MS },
      );
      expect(JSON.parse(stdout)).toEqual({
        validated: ['CAPABILITY_IAM'],
        summary: [
          'AWS::ApiGateway::Deployment',
          'AWS::ApiGateway::GatewayResponse',
          'AWS::ApiGateway::Method',
          'AWS::ApiGateway::RequestValidator',
          'AWS::ApiGateway::Resource',
          'AWS::ApiGateway::RestApi',
          'AWS::ApiGateway::Stage',
          'AWS::DynamoDB::Table',
          'AWS::IAM::Role',
          'AWS::Lambda::Function',
          'AWS::Lambda::Permission',
          'AWS::Logs::LogGroup',
        ],
        capabilities: ['InsufficientCapabilitiesException', 'Requires capabilities : [CAPABILITY_IAM]'],
        changes: 41,
        status: 'CREATE_COMPLETE',
        outputs: 27,
        resources: 41,
        // Two events of each resource's way and one of the stack's; then what is complete.
        events: { CREATE_COMPLETE: 42, CREATE_IN_PROGRESS: 83, REVIEW_IN_PROGRESS: 1 },
        template: true,
        noUpdates: ['ValidationError', 'No updates are to be performed.'],
        empty:
          "The submitted information didn't contain changes. Submit different information to create a change set.",
        gone: ['ValidationError', 'Stack with id boto-node-api does not exist'],
        deleted: 'DELETE_COMPLETE',
      });
    },
    LIMIT_MS,
  );

  test.skipIf(!hasCli)(
    `the AWS CLI deploys, describes and deletes a template${hasCli ? '' : ' (the AWS CLI is not installed)'}`,
    async () => {
      const aws = async (...args: string[]): Promise<string> =>
        (await run('aws', ['cloudformation', ...args], { env: environment(), timeout: LIMIT_MS })).stdout;
      const deploy = ['deploy', '--stack-name', 'cli-assets', '--template-file', 'templates/assets.yaml'];
      const values = ['--parameter-overrides', 'ProjectName=cli', 'ToolVersion=0.1.0'];
      expect(await aws(...deploy, ...values)).toContain('Successfully created/updated stack - cli-assets');
      expect(await aws(...deploy, ...values, '--no-fail-on-empty-changeset')).toContain(
        'No changes to deploy. Stack cli-assets is up to date',
      );
      const described = JSON.parse(
        await aws('describe-stacks', '--stack-name', 'cli-assets', '--output', 'json'),
      ) as { Stacks: { StackStatus: string; Outputs: { OutputKey: string }[] }[] };
      expect(described.Stacks[0]?.StackStatus).toBe('CREATE_COMPLETE');
      expect(described.Stacks[0]?.Outputs.map((output) => output.OutputKey)).toContain('BucketName');
      await aws('delete-stack', '--stack-name', 'cli-assets');
      await aws('wait', 'stack-delete-complete', '--stack-name', 'cli-assets');
      await expect(aws('describe-stacks', '--stack-name', 'cli-assets')).rejects.toThrow(
        'Stack with id cli-assets does not exist',
      );
    },
    LIMIT_MS,
  );
});

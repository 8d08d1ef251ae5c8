import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasPythonModule } from '../../at-hand.ts';
import { AwsCli, WITHOUT_AWS_CLI } from '../aws-cli.ts';
import { type OutsideClients, openOutsideClients } from '../outside-clients.ts';

const LIMIT_MS = 120_000;
const ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'x86_64';

const hasBoto = hasPythonModule('boto3');

describe('the wire, as clients of others speak it', () => {
  let clients: OutsideClients;
  beforeAll(async () => {
    clients = await openOutsideClients();
  });
  afterAll(() => clients.close());

  test.skipIf(!hasBoto)(
    `boto3 creates, describes, updates and deletes the templates${hasBoto ? '' : ' (boto3 is not installed: pip install boto3)'}`,
    async () => {
      const { stdout } = await clients.run('python3', [
        fileURLToPath(new URL('./wire_boto3.py', import.meta.url)),
        readFileSync('templates/api.yaml', 'utf8'),
        readFileSync('templates/assets.yaml', 'utf8'),
        ARCHITECTURE,
      ]);
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

  test.skipIf(WITHOUT_AWS_CLI !== '')(
    `the AWS CLI deploys, describes and deletes a template${WITHOUT_AWS_CLI}`,
    async () => {
      const cli = new AwsCli(clients.environment);
      const aws = (...args: string[]): Promise<string> => cli.run('cloudformation', ...args);
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
      await cli.close();
    },
    LIMIT_MS,
  );
});

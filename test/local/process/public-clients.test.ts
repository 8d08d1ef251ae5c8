import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FUNCTION_ROLE } from '../../function-role.ts';
import { type OutsideClients, openOutsideClients } from '../outside-clients.ts';
import { WITHOUT_AWS_CLI, WITHOUT_BOTO3 } from '../python-clients.ts';

const LIMIT_MS = 180_000;
const ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'x86_64';
const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

let clients: OutsideClients;

beforeAll(async () => {
  clients = await openOutsideClients();
});
afterAll(() => clients.close());

interface Tried {
  /** Of each paginator: the items in all pages, and the number of pages. */
  readonly pages: Readonly<Record<string, readonly [number, number]>>;
  readonly waited: readonly string[];
  /** Every operation of the service that boto3 can page, whether the local cloud has it or not. */
  readonly canPaginate: readonly string[];
}

/** CloudFormation's pages are longer than what is in them here; the other services are asked for two items a page. */
const PAGES = {
  cloudformation: {
    describe_stacks: [4, 1],
    list_stacks: [4, 1],
    describe_stack_events: [23, 1],
    list_stack_resources: [7, 1],
    list_change_sets: [3, 1],
    describe_change_set: [7, 1],
    describe_events: [24, 1],
  },
  lambda: { list_functions: [3, 2], list_versions_by_function: [4, 2], list_aliases: [3, 2] },
  logs: {
    describe_log_groups: [5, 3],
    describe_log_streams: [5, 3],
    filter_log_events: [5, 3],
    describe_queries: [5, 3],
  },
  dynamodb: { list_tables: [3, 2], scan: [5, 3], query: [5, 3], list_tags_of_resource: [3, 1] },
  s3: {
    list_buckets: [3, 2],
    list_objects: [5, 3],
    list_objects_v2: [5, 3],
    list_object_versions: [5, 3],
    list_multipart_uploads: [5, 3],
    list_parts: [5, 3],
  },
};
const WAITED = {
  cloudformation: [
    'change_set_create_complete',
    'stack_create_complete',
    'stack_delete_complete',
    'stack_exists',
    'stack_rollback_complete',
    'stack_update_complete',
  ],
  lambda: [
    'function_active',
    'function_active_v2',
    'function_exists',
    'function_updated',
    'function_updated_v2',
    'published_version_active',
  ],
  logs: [],
  dynamodb: ['table_exists', 'table_not_exists'],
  s3: ['bucket_exists', 'bucket_not_exists', 'object_exists', 'object_not_exists'],
};

/** The names of a service's operations in the local cloud, as boto3 writes them. */
function operationsOf(service: string): string[] {
  const folder = pathOf(`../../../src/local/services/${service}/operations`);
  return readdirSync(folder).map((file) => file.replace(/\.ts$/, '').replaceAll('-', '_'));
}

function mapped<T>(seen: Readonly<Record<string, Tried>>, pick: (tried: Tried) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(seen).map(([service, tried]) => [service, pick(tried)]));
}

describe('boto3', () => {
  test.skipIf(WITHOUT_BOTO3 !== '')(
    `boto3's paginators and waiters work with every operation that the local cloud has${WITHOUT_BOTO3}`,
    async () => {
      const stdout = await clients.python.script(pathOf('./paginators_and_waiters.py'));
      const seen = JSON.parse(stdout) as Record<string, Tried>;
      expect(mapped(seen, ({ pages }) => pages)).toEqual(PAGES);
      expect(mapped(seen, ({ waited }) => waited)).toEqual(WAITED);
      for (const service of ['cloudformation', 'lambda', 'logs', 's3']) {
        const { pages = {}, canPaginate = [] } = seen[service] ?? {};
        const had = operationsOf(service).filter((name) => canPaginate.includes(name));
        expect(Object.keys(pages).sort()).toEqual(had.sort());
      }
      expect(clients.log).toEqual([]);
    },
    LIMIT_MS,
  );
});

/** A function that prints a line, with its role and its log group. */
const FUNCTION = JSON.stringify({
  Parameters: { Answer: { Type: 'String', Default: 'one' } },
  Resources: {
    Role: FUNCTION_ROLE,
    Group: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/aws/lambda/by-cli' } },
    Function: {
      Type: 'AWS::Lambda::Function',
      DependsOn: 'Group',
      Properties: {
        FunctionName: 'by-cli',
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Environment: { Variables: { ANSWER: { Ref: 'Answer' } } },
        Code: {
          ZipFile:
            'exports.handler = async (event) => { console.log("a sheep"); return process.env.ANSWER + event.n; };',
        },
      },
    },
  },
});

describe.skipIf(WITHOUT_AWS_CLI !== '')(`the AWS CLI${WITHOUT_AWS_CLI}`, () => {
  const aws = (...args: string[]): Promise<string> => clients.python.aws(...args, '--output', 'json');
  const invoke = async (): Promise<{ readonly answer: unknown; readonly tail: string }> => {
    const out = join(clients.folder, 'answer.json');
    const event = join(clients.folder, 'event.json');
    writeFileSync(event, '{"n":1}');
    const payload = ['--payload', `fileb://${event}`];
    const told = JSON.parse(
      await aws('lambda', 'invoke', '--function-name', 'by-cli', '--log-type', 'Tail', ...payload, out),
    ) as { readonly StatusCode: number; readonly LogResult: string };
    expect(told.StatusCode).toBe(200);
    return {
      answer: JSON.parse(readFileSync(out, 'utf8')),
      tail: Buffer.from(told.LogResult, 'base64').toString('utf8'),
    };
  };

  test(
    'the AWS CLI deploys a function, changes it, invokes it with the end of its log, and queries the log group',
    async () => {
      const template = join(clients.folder, 'function.json');
      writeFileSync(template, FUNCTION);
      const deploy = ['cloudformation', 'deploy', '--stack-name', 'by-cli', '--template-file', template];
      const capabilities = ['--capabilities', 'CAPABILITY_IAM'];
      await aws(...deploy, ...capabilities);
      await aws('lambda', 'wait', 'function-active-v2', '--function-name', 'by-cli');
      const first = await invoke();
      expect(first.answer).toBe('one1');
      expect(first.tail).toMatch(
        /^START RequestId: [\s\S]*\ta sheep\n[\s\S]*\nREPORT RequestId: .*Init Duration: /,
      );
      await aws(...deploy, ...capabilities, '--parameter-overrides', 'Answer=two');
      expect((await invoke()).answer).toBe('two1');

      const now = Math.floor(Date.now() / 1000);
      const query = 'filter @type = "REPORT" | stats count(*) as calls, count(@initDuration) as cold';
      const range = ['--start-time', String(now - 600), '--end-time', String(now + 60)];
      const group = ['--log-group-name', '/aws/lambda/by-cli'];
      const { queryId } = JSON.parse(
        await aws('logs', 'start-query', ...group, ...range, '--query-string', query),
      ) as { readonly queryId: string };
      const results = async (): Promise<unknown> =>
        JSON.parse(await aws('logs', 'get-query-results', '--query-id', queryId));
      await expect.poll(results, { timeout: 60_000, interval: 500 }).toMatchObject({
        status: 'Complete',
        results: [
          [
            { field: 'calls', value: '2' },
            { field: 'cold', value: '2' },
          ],
        ],
      });
      expect(clients.log).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    'the AWS CLI deploys, describes and deletes a template',
    async () => {
      const aws = (...args: string[]): Promise<string> => clients.python.aws('cloudformation', ...args);
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

describe('boto3 and the templates', () => {
  test.skipIf(WITHOUT_BOTO3 !== '')(
    `boto3 creates, describes, updates and deletes the templates${WITHOUT_BOTO3}`,
    async () => {
      const stdout = await clients.python.script(
        pathOf('./wire_boto3.py'),
        readFileSync('templates/api.yaml', 'utf8'),
        readFileSync('templates/assets.yaml', 'utf8'),
        ARCHITECTURE,
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
});

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type AwsCall, iamActionsOf, type ServiceName } from '../../src/aws/iam-actions.ts';
import { packageRoot } from '../../src/deploy/artifacts/package-root.ts';
import { loadTemplate } from '../templates/load-template.ts';
import { NOT_CALLED_FOR, PERMISSIONS_BY_TYPE } from './cloudformation-permissions.ts';

interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

const root = packageRoot();
const policy = JSON.parse(readFileSync(join(root, 'docs', 'iam-policy.json'), 'utf8')) as {
  readonly Version: string;
  readonly Statement: readonly Statement[];
};

/** Whether the policy allows an action on a resource. Conditions are ignored. */
function allows(action: string, resource: string): boolean {
  return policy.Statement.some(
    (statement) => matches(statement.Action, action) && matches(statement.Resource, resource),
  );
}

function matches(patterns: string | readonly string[], text: string): boolean {
  return [patterns].flat().some((pattern) => {
    const expression = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
    return new RegExp(`^${expression}$`).test(text);
  });
}

/** A resource of a project on which an action is called. `*` if AWS does not check the action against a resource. */
function resourceOf(action: string, project: string): string {
  const here = 'eu-west-3:123456789012';
  const [service, name = ''] = action.split(':');
  switch (service) {
    case 'cloudformation':
      return name === 'DescribeStacks' ? '*' : `arn:aws:cloudformation:${here}:stack/${project}-node-api/5a1`;
    case 's3':
      return /Object/.test(name)
        ? `arn:aws:s3:::${project}-assets-assetsbucket-1abc/${project}/node/get-dog-count-00.zip`
        : `arn:aws:s3:::${project}-assets-assetsbucket-1abc`;
    case 'lambda':
      return name === 'GetAccountSettings'
        ? '*'
        : `arn:aws:lambda:${here}:function:${project}-node-get-dog-count`;
    case 'iam':
      return `arn:aws:iam::123456789012:role/${project}-node-api-DogRole-1ABC`;
    case 'dynamodb':
      return `arn:aws:dynamodb:${here}:table/${project}-node-api-ShedTable-1ABC`;
    case 'logs':
      return /^(DescribeLogGroups|DescribeResourcePolicies|StopQuery)$/.test(name)
        ? '*'
        : `arn:aws:logs:${here}:log-group:/aws/lambda/${project}-node-get-dog-count:*`;
    case 'apigateway':
      return 'arn:aws:apigateway:eu-west-3::/restapis/abcdef1234';
    default:
      throw new Error(`no resource known for ${action}`);
  }
}

/** Actions that AWS does not check against a resource of a project, so a policy can't limit them to one. */
const UNBOUND =
  /^(apigateway:|cloudformation:DescribeStacks$|lambda:GetAccountSettings$|logs:(DescribeLogGroups|DescribeResourcePolicies|StopQuery)$)/;

/** The service of a package `@aws-sdk/client-…` and of a module `src/aws/sdk/….ts`. */
const SERVICE_OF_MODULE: Readonly<Record<string, ServiceName>> = {
  'api-gateway': 'apigateway',
  cloudformation: 'cloudformation',
  'cloudwatch-logs': 'logs',
  dynamodb: 'dynamodb',
  lambda: 'lambda',
  s3: 's3',
  sts: 'sts',
};

/** Every SDK call in the program's source. The local cloud is left out, because it makes no calls. */
function callsInSource(): readonly (AwsCall & { readonly file: string })[] {
  const source = join(root, 'src');
  return readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !relative(source, file).startsWith('local'))
    .flatMap((file) => {
      const text = readFileSync(file, 'utf8');
      const modules = [...text.matchAll(/'(?:@aws-sdk\/client-|[./a-z]*\/sdk\/)([a-z0-9-]+)(?:\.ts)?'/g)];
      const services = [...new Set(modules.map(([, name]) => SERVICE_OF_MODULE[name ?? '']))];
      const operations = [...text.matchAll(/new (?:\w+\.)?(\w+)Command\(/g)].map(([, name]) => name ?? '');
      return [...new Set(operations)].map((operation) => {
        const [service, ...others] = services;
        if (service === undefined || others.length > 0) {
          throw new Error(
            `${file}: can't tell the service of ${operation}; give each service a file of its own`,
          );
        }
        return { file: relative(root, file), service, operation };
      });
    });
}

function typesInTemplates(): readonly string[] {
  const types = ['api', 'assets', 'fleet'].flatMap((name) => {
    const text = readFileSync(join(root, 'templates', `${name}.yaml`), 'utf8');
    const { Resources } = loadTemplate(text) as {
      readonly Resources: Record<string, { readonly Type: string }>;
    };
    return Object.values(Resources).map(({ Type }) => Type);
  });
  return [...new Set(types)];
}

/** The permissions that AWS publishes for its resource types. cfn-lint contains a copy. */
interface Registry {
  /** The permissions of the four handlers, by resource type. */
  readonly permissions: Readonly<Record<string, readonly string[]>>;
  readonly read: Readonly<Record<string, readonly string[]>>;
  /** Whether an action can be bound to a resource. */
  readonly bound: Readonly<Record<string, boolean>>;
}

function askRegistry(): Registry | undefined {
  const actions = policy.Statement.flatMap(({ Action }) => [Action].flat());
  const asked = spawnSync('python3', [fileURLToPath(new URL('registry_permissions.py', import.meta.url))], {
    input: JSON.stringify({ types: typesInTemplates(), actions }),
    encoding: 'utf8',
    timeout: 60_000,
  });
  return asked.status === 0 ? (JSON.parse(asked.stdout) as Registry) : undefined;
}

const registry = askRegistry();

describe('docs/iam-policy.json', () => {
  const calls = callsInSource();

  test('the search of the source finds the SDK calls of every service', () => {
    const names = new Set(calls.map(({ service, operation }) => `${service}:${operation}`));
    expect(names).toContain('cloudformation:ExecuteChangeSet');
    expect(names).toContain('s3:PutObject');
    expect(names).toContain('logs:StartQuery');
    expect(names.size).toBeGreaterThan(25);
  });

  test('docs/iam-policy.json allows every call of the program on the resources that it uses', () => {
    const denied = calls.flatMap((call) =>
      iamActionsOf(call)
        .filter((action) => !allows(action, resourceOf(action, 'sheepshed')))
        .map((action) => `${action} (${call.file})`),
    );
    expect(denied).toEqual([]);
  });

  test("docs/iam-policy.json allows what CloudFormation does with the caller's rights, for each type in the templates", () => {
    const denied = typesInTemplates().flatMap((type) => {
      const actions = PERMISSIONS_BY_TYPE[type];
      if (actions === undefined) return [`${type}: PERMISSIONS_BY_TYPE does not list what it needs`];
      return actions.filter((action) => !allows(action, resourceOf(action, 'sheepshed')));
    });
    expect(denied).toEqual([]);
  });

  test.skipIf(registry === undefined)(
    `docs/iam-policy.json allows what the public schemas of the resource types list, but for features that are not used${registry === undefined ? ' (skipped: cfn-lint is not installed)' : ''}`,
    () => {
      const granted = policy.Statement.flatMap(({ Action }) => [Action].flat());
      const undecided = typesInTemplates().flatMap((type) =>
        (registry?.permissions[type] ?? [])
          .filter((action) => !granted.includes(action))
          .filter((action) => !NOT_CALLED_FOR.some(({ permissions }) => permissions.test(action)))
          .map((action) => `${type}: ${action}`),
      );
      expect(undecided).toEqual([]);
    },
  );

  test.skipIf(registry === undefined)(
    `docs/iam-policy.json allows every action of the schemas' read handlers${registry === undefined ? ' (skipped: cfn-lint is not installed)' : ''}`,
    () => {
      const denied = typesInTemplates().flatMap((type) =>
        (registry?.read[type] ?? [])
          // The templates name no KMS key, and S3's own encryption needs no permission for one.
          .filter((action) => !action.startsWith('kms:'))
          .filter((action) => !allows(action, resourceOf(action, 'sheepshed'))),
      );
      expect(denied).toEqual([]);
    },
  );

  test.skipIf(registry === undefined)(
    `docs/iam-policy.json allows an action on all resources only if AWS can't limit it to one${registry === undefined ? ' (skipped: cfn-lint is not installed)' : ''}`,
    () => {
      const everywhere = policy.Statement.filter(({ Resource }) => Resource === '*').flatMap(({ Action }) =>
        [Action].flat(),
      );
      // The program finds its stacks by their tags, so it lists all stacks of the region.
      const bound = everywhere.filter(
        (action) => registry?.bound[action] && action !== 'cloudformation:DescribeStacks',
      );
      expect(bound).toEqual([]);
    },
  );

  test('docs/iam-policy.json allows nothing that neither the program nor CloudFormation needs', () => {
    const needed = new Set([
      ...calls.flatMap((call) => iamActionsOf(call)),
      ...Object.values(PERMISSIONS_BY_TYPE).flat(),
      // CloudFormation needs these if a change set adds tags, and if an update removes one.
      'cloudformation:TagResource',
      'cloudformation:UntagResource',
    ]);
    const granted = policy.Statement.flatMap(({ Action }) => [Action].flat());
    expect(granted.filter((action) => !needed.has(action))).toEqual([]);
  });

  test("docs/iam-policy.json allows nothing on another project's resources", () => {
    const granted = policy.Statement.flatMap(({ Action }) => [Action].flat());
    const tooWide = granted
      .filter((action) => !UNBOUND.test(action))
      .filter((action) => allows(action, resourceOf(action, 'somebody')));
    expect(tooWide).toEqual([]);
  });

  test('docs/iam-policy.json passes roles to Lambda alone', () => {
    const statement = policy.Statement.find(({ Action }) => [Action].flat().includes('iam:PassRole'));
    expect(statement).toMatchObject({
      Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
    });
  });

  test('docs/iam-policy.json is a policy that IAM accepts: version, unique ids, no deny, small enough', () => {
    expect(policy.Version).toBe('2012-10-17');
    const ids = policy.Statement.map(({ Sid }) => Sid);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => /^[A-Za-z0-9]+$/.test(id))).toBe(true);
    expect(policy.Statement.every(({ Effect }) => Effect === 'Allow')).toBe(true);
    // A managed policy has at most 6,144 characters, white space not counted.
    expect(JSON.stringify(policy).length).toBeLessThan(6_144);
  });
});

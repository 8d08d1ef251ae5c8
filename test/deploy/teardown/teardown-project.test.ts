import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deployProject } from '../../../src/deploy/deploy-project.ts';
import {
  type TeardownOptions,
  type TeardownResult,
  teardownProject,
} from '../../../src/deploy/teardown/teardown-project.ts';
import { ShedbenchError } from '../../../src/errors.ts';
import type { TeardownPlan } from '../../../src/model/deploy-plan.ts';
import { readRecords } from '../../../src/store/deployments.ts';
import { FakeAws } from '../fake/fake-aws.ts';
import { serviceError } from '../fake/fake-cloudformation.ts';
import { deployOptions, packagedRuntime } from '../world.ts';

const BUCKET = 'shed-assets-bucket';

let aws: FakeAws;
beforeEach(() => {
  aws = new FakeAws();
});
afterEach(() => aws.close());

async function deployed(labels = ['node']): Promise<void> {
  const runtimes = labels.map((label) => packagedRuntime('shed', label));
  await deployProject(deployOptions('shed', runtimes), aws.deps());
  aws.calls.length = 0;
  aws.events.length = 0;
}

function teardown(overrides: Partial<TeardownOptions> = {}): Promise<TeardownResult> {
  return teardownProject(
    {
      project: 'shed',
      runtimes: undefined,
      knownRuntimes: ['node', 'python', 'rust'],
      retain: [],
      confirm: async () => true,
      pickUpCommand: 'shedbench teardown --project shed',
      ...overrides,
    },
    aws.deps(),
  );
}

function standing(): readonly string[] {
  return aws.cloudFormation.stacks
    .filter(({ status }) => status !== 'DELETE_COMPLETE')
    .map(({ name, status }) => `${name} ${status}`);
}

/** `type found/deleted` and what is left. */
function lines({ receipt }: TeardownResult): readonly string[] {
  return receipt.map(
    ({ resourceType, found, deleted, left, retained }) =>
      `${resourceType.replace('AWS::', '')} ${deleted}/${found}${left.map((name) => ` left ${name}`).join('')}${retained.map((name) => ` retained ${name}`).join('')}`,
  );
}

describe('teardown', () => {
  test('teardown deletes the APIs, empties the bucket, deletes its stack, and proves it type by type', async () => {
    await deployed(['node', 'rust']);
    const result = await teardown();
    expect(result.outcome).toBe('removed');
    expect(standing()).toEqual([]);
    expect(lines(result)).toEqual([
      'CloudFormation::Stack 3/3',
      'ApiGateway::RestApi 2/2',
      'ApiGateway::Stage 2/2',
      'DynamoDB::Table 2/2',
      'IAM::Role 2/2',
      'Lambda::Function 2/2',
      'Logs::LogGroup 2/2',
      'S3::Bucket 1/1',
    ]);
    const deletions = aws.calls.filter(({ operation }) => /^Delete(Stack|Objects)$/.test(operation));
    expect(deletions.map(({ operation }) => operation)).toEqual([
      'DeleteStack',
      'DeleteStack',
      'DeleteObjects',
      'DeleteStack',
    ]);
    expect(await readRecords(aws.cwd, () => {})).toEqual([]);
  });

  test('teardown finds everything without a record, by tags alone', async () => {
    await deployed(['node']);
    const elsewhere = new FakeAws();
    Object.assign(aws, { cwd: elsewhere.cwd });
    const result = await teardown({ knownRuntimes: [] });
    elsewhere.close();
    expect(result.outcome).toBe('removed');
    expect(result.searchedBy).toBe('tags');
    expect(standing()).toEqual([]);
  });

  test('teardown finds stacks by name if it may not list them', async () => {
    await deployed(['node', 'own']);
    aws.fail('DescribeStacks', serviceError('AccessDenied', 'not authorized', 403));
    const result = await teardown({ knownRuntimes: ['node', 'own'] });
    expect(result.searchedBy).toBe('names');
    expect(result.outcome).toBe('removed');
    expect(standing()).toEqual([]);
  });

  test('teardown shows account, region and the list before anything is deleted', async () => {
    await deployed();
    const plans: TeardownPlan[] = [];
    const result = await teardown({
      confirm: async (plan) => {
        plans.push(plan);
        return false;
      },
    });
    expect(result.outcome).toBe('declined');
    expect(plans).toEqual([
      {
        heading: {
          kind: 'aws',
          accountId: '123456789012',
          callerArn: 'arn:aws:iam::123456789012:user/jo',
          region: 'eu-west-3',
          profile: 'farm',
          project: 'shed',
        },
        stacks: [
          { stackName: 'shed-assets', status: 'CREATE_COMPLETE', resources: 1 },
          { stackName: 'shed-node-api', runtime: 'node', status: 'CREATE_COMPLETE', resources: 6 },
        ],
        bucket: { name: BUCKET, objects: 4 },
        logGroups: [],
      },
    ]);
    expect(aws.calls.some(({ operation }) => operation.startsWith('Delete'))).toBe(false);
    expect(standing()).toHaveLength(2);
  });

  test('teardown with nothing there says so and asks nobody', async () => {
    const result = await teardown({
      confirm: async () => {
        throw new Error('nothing to ask about');
      },
    });
    expect(result).toMatchObject({ outcome: 'nothing', receipt: [], problems: [] });
    expect(result.heading).toMatchObject({ accountId: '123456789012', region: 'eu-west-3', project: 'shed' });
  });

  test("teardown never touches another project's stacks, nor one with our name but not our tags", async () => {
    aws.cloudFormation.seed('shed-node-api', 'CREATE_COMPLETE', {});
    aws.cloudFormation.seed('farm-node-api', 'CREATE_COMPLETE', { 'shedbench:project': 'farm' });
    aws.cloudFormation.seed('shed-big-node-api', 'CREATE_COMPLETE', {
      'shedbench:project': 'shed-big',
      'shedbench:runtime': 'node',
    });
    expect((await teardown()).outcome).toBe('nothing');
    expect(standing()).toHaveLength(3);
  });

  test('teardown leaves a stack alone that bears the tag under a name of its own, and says so', async () => {
    aws.cloudFormation.seed('my-dashboard', 'CREATE_COMPLETE', { 'shedbench:project': 'shed' });
    expect((await teardown()).outcome).toBe('nothing');
    expect(aws.notes()[0]).toContain('my-dashboard');
    expect(standing()).toEqual(['my-dashboard CREATE_COMPLETE']);
  });

  test('teardown of some runtimes keeps the bucket, the other runtimes and their record', async () => {
    await deployed(['node', 'rust']);
    const result = await teardown({ runtimes: ['rust'] });
    expect(result.outcome).toBe('removed');
    expect(standing()).toEqual(['shed-assets CREATE_COMPLETE', 'shed-node-api CREATE_COMPLETE']);
    const [record] = await readRecords(aws.cwd, () => {});
    expect(record?.runtimes.map(({ runtime }) => runtime)).toEqual(['node']);
  });

  test('teardown clears away what an abandoned review left', async () => {
    aws.cloudFormation.seed('shed-node-api', 'REVIEW_IN_PROGRESS', {});
    expect((await teardown()).outcome).toBe('removed');
    expect(standing()).toEqual([]);
  });
});

describe('termination protection', () => {
  test.each(['shed-assets', 'shed-node-api'])(
    'termination protection of %s alone is seen before anything is deleted, with the command that lifts it',
    async (stackName) => {
      await deployed();
      const stack = aws.cloudFormation.byName(stackName);
      if (stack === undefined) throw new Error('not deployed');
      stack.terminationProtection = true;
      const answer = teardown({
        confirm: async () => {
          throw new Error('nothing to ask about');
        },
      });
      await expect(answer).rejects.toMatchObject({
        code: 'termination-protected',
        exitCode: 3,
        message: `Nothing was deleted: ${stackName} is protected from termination`,
        hint: `aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name ${stackName}`,
      });
      expect(aws.calls.some(({ operation }) => operation.startsWith('Delete'))).toBe(false);
    },
  );

  test('termination protection of the assets stack leaves a teardown of single runtimes alone', async () => {
    await deployed();
    const stack = aws.cloudFormation.byName('shed-assets');
    if (stack === undefined) throw new Error('not deployed');
    stack.terminationProtection = true;
    expect((await teardown({ runtimes: ['node'] })).outcome).toBe('removed');
  });
});

describe('where all stacks may not be listed', () => {
  const deny = (): void => {
    aws.onCall = ({ operation }, { StackName }) => {
      if (operation === 'DescribeStacks' && StackName === undefined) {
        throw serviceError('AccessDenied', 'not authorized', 403);
      }
    };
  };

  test("a runtime that no record names is found by the zips in the project's bucket", async () => {
    await deployed(['node', 'own']);
    aws.logGroups.clear();
    deny();
    const result = await teardown({ knownRuntimes: [] });
    expect(result.names).toEqual(['shed-assets', 'shed-fleet', 'shed-node-api', 'shed-own-api']);
    expect(result.outcome).toBe('removed');
    expect(standing()).toEqual([]);
  });

  test('a runtime that no record names is found by its log groups', async () => {
    await deployed(['own']);
    aws.objects.set(BUCKET, []);
    deny();
    const result = await teardown({ knownRuntimes: [] });
    expect(result.outcome).toBe('removed');
    expect(standing()).toEqual([]);
  });

  test('the result names the stacks that were looked up, so that no more is called gone', async () => {
    deny();
    const result = await teardown({ knownRuntimes: ['node'] });
    expect(result).toMatchObject({
      outcome: 'nothing',
      searchedBy: 'names',
      names: ['shed-assets', 'shed-fleet', 'shed-node-api'],
    });
  });
});

describe('the bucket', () => {
  test('the bucket with versioning switched on by hand after the deploy is emptied for good', async () => {
    await deployed();
    aws.versioned.add(BUCKET);
    const result = await teardown();
    expect(result.outcome).toBe('removed');
    expect(standing()).toEqual([]);
  });

  test('the bucket with versions, and delete markers in front of them, is emptied for good', async () => {
    await deployed();
    aws.versioned.add(BUCKET);
    const keys = (aws.objects.get(BUCKET) ?? []).map(({ key }) => key);
    aws.objects
      .get(BUCKET)
      ?.push(...keys.map((key) => ({ key, versionId: `m-${key}`, metadata: {}, isDeleteMarker: true })));
    const result = await teardown();
    expect(result.plan.bucket?.objects).toBe(2 * keys.length);
    expect(result.outcome).toBe('removed');
  });

  test('the bucket that is filled again while it is emptied is emptied again', async () => {
    await deployed();
    let late = 2;
    aws.onCall = ({ operation }) => {
      if (operation !== 'DeleteObjects' || late === 0) return;
      late -= 1;
      aws.objects.get(BUCKET)?.push({
        key: `shed/node/late-${late}.zip`,
        versionId: 'null',
        metadata: { 'shedbench-project': 'shed' },
        isDeleteMarker: false,
      });
      // Put after the listing that this deletion follows: it is not in its list.
    };
    expect((await teardown()).outcome).toBe('removed');
  });

  test('the bucket is emptied again before its stack is deleted a second time', async () => {
    await deployed();
    let once = true;
    aws.onCall = ({ operation }, { StackName }) => {
      if (operation !== 'DeleteStack' || !String(StackName).includes('assets') || !once) return;
      once = false;
      aws.objects.get(BUCKET)?.push({
        key: 'shed/node/late.zip',
        versionId: 'null',
        metadata: { 'shedbench-project': 'shed' },
        isDeleteMarker: false,
      });
    };
    expect((await teardown()).outcome).toBe('removed');
    expect(standing()).toEqual([]);
  });

  test('the bucket is emptied of all versions and delete markers', async () => {
    await deployed();
    const objects = aws.objects.get(BUCKET);
    const [first] = objects ?? [];
    if (objects === undefined || first === undefined) throw new Error('nothing was uploaded');
    objects.push(
      { ...first, versionId: 'v2' },
      { ...first, versionId: 'v3', metadata: {}, isDeleteMarker: true },
    );
    const result = await teardown();
    expect(result.plan.bucket).toEqual({ name: BUCKET, objects: 6 });
    expect(result.outcome).toBe('removed');
  });

  test.each([
    ['under another prefix', 'notes.txt', { 'shedbench-project': 'shed' }],
    ['under our prefix, but not of our making', 'shed/notes.txt', {}],
  ])('the bucket with an object %s stays as it is, and the object is named', async (_, key, metadata) => {
    await deployed();
    aws.objects.get(BUCKET)?.push({ key, versionId: 'null', metadata, isDeleteMarker: false });
    const result = await teardown();
    expect(result.outcome).toBe('incomplete');
    expect(result.problems).toMatchObject([
      { stackName: 'shed-assets', code: 'foreign-objects', message: expect.stringContaining(key) },
    ]);
    expect(aws.objects.get(BUCKET)).toHaveLength(5);
    expect(standing()).toEqual(['shed-assets CREATE_COMPLETE']);
    expect(lines(result)).toContain(`S3::Bucket 0/1 left ${BUCKET}`);
  });

  test('the bucket of the same name in another region is named and left unchanged, and its stack can be given up', async () => {
    await deployed();
    aws.elsewhere.set(BUCKET, 'us-west-2');
    const result = await teardown();
    expect(result.outcome).toBe('incomplete');
    expect(result.problems).toMatchObject([
      { stackName: 'shed-assets', hint: expect.stringContaining('--retain') },
    ]);
    expect(aws.notes().join()).toContain(`s3://${BUCKET} is in us-west-2, not in eu-west-3`);
    expect((await teardown({ retain: ['AssetsBucket'] })).outcome).toBe('removed');
    expect(standing()).toEqual([]);
    expect(aws.count('DeleteObjects')).toBe(0);
  });

  test('the bucket is not touched while an API stack still stands', async () => {
    await deployed();
    aws.cloudFormation.behaviour.refuseDelete.set('shed-node-api/CatRole', 'in use');
    const result = await teardown();
    expect(result.outcome).toBe('incomplete');
    expect(aws.count('DeleteObjects')).toBe(0);
    expect(standing()).toEqual(['shed-assets CREATE_COMPLETE', 'shed-node-api DELETE_FAILED']);
  });
});

describe('a deletion that fails', () => {
  test('a deletion that fails once is repeated, and the cause is reported', async () => {
    await deployed();
    aws.cloudFormation.behaviour.failDelete.set('shed-node-api/CatRole', 'still in use');
    const result = await teardown();
    expect(result.outcome).toBe('removed');
    expect(aws.notes()).toContain(
      'shed-node-api ended in DELETE_FAILED: CatRole (AWS::IAM::Role): still in use; trying once more',
    );
    expect(lines(result)).toContain('IAM::Role 1/1');
  });

  test('a deletion that fails twice is a problem with cause and remedy, and the receipt lists what is left', async () => {
    await deployed();
    aws.cloudFormation.behaviour.refuseDelete.set('shed-node-api/CatRole', 'in use');
    const result = await teardown();
    expect(result.problems).toEqual([
      {
        stackName: 'shed-node-api',
        code: 'stack-failed',
        message: 'shed-node-api ended in DELETE_FAILED: CatRole (AWS::IAM::Role): in use',
        hint: 'Remove the cause and run shedbench teardown again; --retain LOGICAL_ID gives a resource up',
      },
    ]);
    expect(lines(result)).toEqual([
      'CloudFormation::Stack 0/2 left shed-node-api left shed-assets',
      'ApiGateway::RestApi 1/1',
      'ApiGateway::Stage 1/1',
      'DynamoDB::Table 1/1',
      'IAM::Role 0/1 left shed-node-api-CatRole',
      'Lambda::Function 1/1',
      'Logs::LogGroup 1/1',
      `S3::Bucket 0/1 left ${BUCKET}`,
    ]);
  });

  test('a deletion that fails gives a resource up only when asked to', async () => {
    await deployed();
    aws.cloudFormation.behaviour.refuseDelete.set('shed-node-api/CatRole', 'in use');
    const result = await teardown({ retain: ['CatRole'] });
    expect(result.outcome).toBe('removed');
    expect(lines(result)).toContain('IAM::Role 0/1 retained shed-node-api-CatRole');
    expect(standing()).toEqual([]);
  });

  test('a deletion that fails leaves a stack in DELETE_FAILED, from which the next teardown starts', async () => {
    await deployed();
    aws.cloudFormation.behaviour.refuseDelete.set('shed-node-api/CatRole', 'in use');
    await teardown();
    aws.cloudFormation.behaviour.refuseDelete.clear();
    const result = await teardown();
    expect(result.outcome).toBe('removed');
    expect(result.plan.stacks.map(({ status, resources }) => `${status} ${resources}`)).toEqual([
      'CREATE_COMPLETE 1',
      'DELETE_FAILED 1',
    ]);
  });

  test('a deletion that fails for want of a permission names it', async () => {
    await deployed();
    aws.fail(
      'DeleteStack',
      serviceError(
        'AccessDenied',
        'User: arn:aws:iam::123456789012:user/jo is not authorized to perform: cloudformation:DeleteStack on resource: arn:aws:cloudformation:eu-west-3:123456789012:stack/shed-node-api/1 because no identity-based policy allows the cloudformation:DeleteStack action',
        403,
      ),
    );
    const result = await teardown();
    expect(result.problems[0]?.message).toBe(
      'Not allowed to arn:aws:iam::123456789012:user/jo: cloudformation:DeleteStack on arn:aws:cloudformation:eu-west-3:123456789012:stack/shed-node-api/1 (because no identity-based policy allows the cloudformation:DeleteStack action)',
    );
  });
});

describe('stacks that are busy', () => {
  test('stacks that are being created are deleted at once', async () => {
    await deployed();
    const stack = aws.cloudFormation.byName('shed-node-api');
    if (stack === undefined) throw new Error('not deployed');
    stack.status = 'CREATE_IN_PROGRESS';
    expect((await teardown()).outcome).toBe('removed');
    expect(aws.notes().some((note) => note.includes('following that first'))).toBe(false);
  });

  test('stacks that are being updated are followed to their end first', async () => {
    await deployed();
    const stack = aws.cloudFormation.byName('shed-node-api');
    if (stack === undefined) throw new Error('not deployed');
    stack.status = 'UPDATE_IN_PROGRESS';
    aws.clock.at(30_000, () => {
      stack.status = 'UPDATE_COMPLETE';
    });
    expect((await teardown()).outcome).toBe('removed');
    expect(aws.notes()).toContain('shed-node-api is in UPDATE_IN_PROGRESS: following that first');
  });
});

describe('log groups', () => {
  const lateGroup = (tags: Record<string, string> = {}) => ({ createdAtMs: 0, eventTimesMs: [], tags });

  test('log groups that come back after the stacks are gone are swept', async () => {
    await deployed();
    aws.onCall = ({ operation }) => {
      if (operation === 'DeleteObjects')
        aws.logGroups.set('/aws/lambda/shed-node-get-dog-count', lateGroup());
    };
    const result = await teardown();
    expect(result.outcome).toBe('removed');
    expect(aws.logGroups.size).toBe(0);
    expect(lines(result)).toContain('Logs::LogGroup 2/2');
  });

  test('log groups that were left behind are found although no stack is', async () => {
    aws.logGroups.set('/aws/lambda/shed-node-get-dog-count', lateGroup());
    const result = await teardown();
    expect(result.plan.logGroups).toEqual(['/aws/lambda/shed-node-get-dog-count']);
    expect(result.outcome).toBe('removed');
    expect(aws.logGroups.size).toBe(0);
  });

  test('log groups of a function that lives, of another project or with other tags stay', async () => {
    aws.logGroups.set('/aws/lambda/shed-node-get-dog-count', lateGroup());
    aws.functions.set('shed-node-get-dog-count', {});
    aws.logGroups.set('/aws/lambda/shed-node-get-cat-ackermann', lateGroup({ team: 'farm' }));
    aws.logGroups.set('/aws/lambda/shed-node-big-get-cat-ackermann', lateGroup());
    expect((await teardown()).outcome).toBe('nothing');
    expect(aws.logGroups.size).toBe(3);
  });

  test('log groups that come back for ever are left on the receipt', async () => {
    await deployed();
    const name = '/aws/lambda/shed-node-get-dog-count';
    aws.onCall = ({ operation }) => {
      const apiGone = aws.cloudFormation.byName('shed-node-api') === undefined;
      if (operation === 'DescribeLogGroups' && apiGone) aws.logGroups.set(name, lateGroup());
    };
    const result = await teardown();
    expect(result.outcome).toBe('incomplete');
    expect(lines(result)).toContain(`Logs::LogGroup 1/2 left ${name}`);
  });
});

describe('Ctrl-C', () => {
  test('Ctrl-C at the question is an interruption, whatever was answered', async () => {
    await deployed();
    const answer = teardown({
      confirm: async () => {
        aws.interruptOnce();
        return false;
      },
    });
    await expect(answer).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 });
    expect(aws.count('DeleteStack')).toBe(0);
  });

  test('Ctrl-C once during a deletion follows it to its end, then stops before the bucket', async () => {
    await deployed();
    aws.onCall = ({ operation }) => {
      if (operation === 'DeleteStack') aws.interruptOnce();
    };
    await expect(teardown()).rejects.toMatchObject({
      code: 'interrupted',
      exitCode: 130,
      message: 'Stopped after the stacks of the APIs',
      hint: 'Continue with: shedbench teardown --project shed',
    });
    expect(standing()).toEqual(['shed-assets CREATE_COMPLETE']);
    expect(aws.count('DeleteObjects')).toBe(0);
  });

  test('a second Ctrl-C stops watching', async () => {
    await deployed();
    aws.onCall = ({ operation }) => {
      if (operation === 'DeleteStack') aws.interruptTwice();
    };
    const error: unknown = await teardown().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ShedbenchError);
    expect(error).toMatchObject({ code: 'detached', exitCode: 130 });
  });
});

describe('the receipt', () => {
  test("the receipt reads CloudFormation's word where a service may not be asked, and says so", async () => {
    await deployed();
    aws.onCall = ({ operation }) => {
      if (operation === 'DescribeTable') throw serviceError('AccessDeniedException', 'no', 400);
    };
    const result = await teardown();
    const table = result.receipt.find(({ resourceType }) => resourceType === 'AWS::DynamoDB::Table');
    expect(table).toMatchObject({ found: 1, deleted: 1, checkedWith: 'cloudformation' });
  });

  test('the receipt believes the service rather than CloudFormation', async () => {
    await deployed();
    aws.onCall = ({ operation }) => {
      if (operation === 'DescribeTable') aws.tables.add('shed-node-api-ShedTable');
    };
    const result = await teardown();
    expect(result.outcome).toBe('incomplete');
    expect(lines(result)).toContain('DynamoDB::Table 0/1 left shed-node-api-ShedTable');
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DeployOptions, type DeployResult, deployProject } from '../../src/deploy/deploy-project.ts';
import { ShedbenchError } from '../../src/errors.ts';
import type { DataLoss } from '../../src/model/deploy-plan.ts';
import { failureOf } from '../failure-of.ts';
import { FakeAws } from './fake/fake-aws.ts';
import { resourcesOf, serviceError } from './fake/fake-cloudformation.ts';
import { deployOptions, packagedRuntime } from './world.ts';

const TAGS = { 'shedbench:project': 'shed', 'shedbench:version': '0.1.0' };
const API_TAGS = { ...TAGS, 'shedbench:runtime': 'node' };
const NODE_PARAMETERS = { ProjectName: 'shed', RuntimeLabel: 'node' };

let aws: FakeAws;
beforeEach(() => {
  aws = new FakeAws();
});
afterEach(() => aws.close());

function deploy(overrides: Partial<DeployOptions> = {}, labels = ['node']): Promise<DeployResult> {
  const runtimes = labels.map((label) => packagedRuntime('shed', label));
  return deployProject(deployOptions('shed', runtimes, overrides), aws.deps());
}

function statuses(): Record<string, string> {
  return Object.fromEntries(
    aws.cloudFormation.stacks
      .filter(({ status }) => status !== 'DELETE_COMPLETE')
      .map(({ name, status }) => [name, status]),
  );
}

function record(): Record<string, unknown> {
  const folder = join(aws.cwd, '.shedbench', 'deployments');
  const [name, ...others] = readdirSync(folder);
  expect(others).toEqual([]);
  return JSON.parse(readFileSync(join(folder, String(name)), 'utf8')) as Record<string, unknown>;
}

const CHANGING = /^(Create|Delete|Execute|Put|Update|Cancel|Continue|Rollback)/;

function changingCalls(): readonly string[] {
  return aws.calls.map(({ operation }) => operation).filter((operation) => CHANGING.test(operation));
}

describe('a first deploy', () => {
  test('a first deploy makes the bucket, uploads, then makes every API through a change set', async () => {
    const result = await deploy({}, ['node', 'rust']);
    expect(result.outcome).toBe('deployed');
    expect(result.stacks.map(({ stackName, outcome }) => `${stackName} ${outcome}`)).toEqual([
      'shed-assets created',
      'shed-node-api created',
      'shed-rust-api created',
    ]);
    expect(statuses()).toEqual({
      'shed-assets': 'CREATE_COMPLETE',
      'shed-node-api': 'CREATE_COMPLETE',
      'shed-rust-api': 'CREATE_COMPLETE',
    });
    expect(aws.count('PutObject')).toBe(8);
    expect(changingCalls().filter((operation) => operation !== 'PutObject')).toEqual([
      'CreateChangeSet',
      'ExecuteChangeSet',
      'CreateChangeSet',
      'CreateChangeSet',
      'ExecuteChangeSet',
      'ExecuteChangeSet',
    ]);
  });

  test('a first deploy tells account, region, profile, project and every stack before anything is changed', async () => {
    let changedBeforePlan = false;
    aws.onCall = ({ operation }) => {
      if (CHANGING.test(operation) && !aws.events.some(({ type }) => type === 'deploy-plan')) {
        changedBeforePlan = true;
      }
    };
    await deploy();
    expect(changedBeforePlan).toBe(false);
    const plan = aws.events.find(({ type }) => type === 'deploy-plan');
    expect(plan).toEqual({
      type: 'deploy-plan',
      plan: {
        heading: {
          kind: 'aws',
          accountId: '123456789012',
          callerArn: 'arn:aws:iam::123456789012:user/jo',
          region: 'eu-west-3',
          profile: 'farm',
          project: 'shed',
        },
        stacks: [
          { stackName: 'shed-assets', action: 'create', functions: [] },
          {
            stackName: 'shed-node-api',
            runtime: 'node',
            action: 'create',
            functions: [
              'shed-node-get-cat-ackermann',
              'shed-node-post-sheep-random',
              'shed-node-get-dog-count',
              'shed-node-delete-wolf-ocd',
            ],
          },
        ],
        leftovers: [],
        idleUsdPerMonth: 0,
      },
    });
  });

  test('a first deploy records itself before the first create, and what stands at the end', async () => {
    const seen: unknown[] = [];
    aws.onCall = ({ operation }) => {
      if (operation === 'CreateChangeSet' && seen.length === 0) seen.push(record().state);
    };
    const { deployment } = await deploy();
    expect(seen).toEqual(['creating']);
    expect(record()).toEqual(JSON.parse(JSON.stringify(deployment)));
    expect(deployment?.state).toBe('deployed');
    expect(deployment?.runtimes.map(({ runtime, apiUrl }) => `${runtime} ${apiUrl}`)).toEqual([
      'node https://api1234567.execute-api.eu-west-3.amazonaws.com/v1',
    ]);
  });

  test('a first deploy counts resources done of all as the events come', async () => {
    await deploy();
    expect(aws.stackEvents().filter((line) => line.startsWith('shed-node-api'))).toEqual([
      'shed-node-api shed-node-api CREATE_IN_PROGRESS 0/6',
      'shed-node-api ShedTable CREATE_COMPLETE 1/6',
      'shed-node-api CatLogGroup CREATE_COMPLETE 2/6',
      'shed-node-api CatRole CREATE_COMPLETE 3/6',
      'shed-node-api CatFunction CREATE_COMPLETE 4/6',
      'shed-node-api RestApi CREATE_COMPLETE 5/6',
      'shed-node-api Stage CREATE_COMPLETE 6/6',
      'shed-node-api shed-node-api CREATE_COMPLETE 6/6',
    ]);
  });

  test('a first deploy ends only when the probe has passed, and is failed otherwise', async () => {
    const probed: unknown[] = [];
    const error = await failureOf(
      deploy({
        probe: async ({ state }) => {
          probed.push(state, record().state);
          throw new ShedbenchError({ code: 'probe-failed', message: 'dog: 502', exitCode: 1 });
        },
      }),
    );
    expect(error.code).toBe('probe-failed');
    expect(probed).toEqual(['creating', 'creating']);
    expect(record()).toMatchObject({ state: 'failed', runtimes: [{ runtime: 'node' }] });
  });
});

describe('a deploy of what stands already', () => {
  test('a second deploy without changes executes nothing, uploads nothing and says so', async () => {
    await deploy();
    aws.calls.length = 0;
    const result = await deploy();
    expect(result.outcome).toBe('unchanged');
    expect(changingCalls()).toEqual([
      'CreateChangeSet',
      'DeleteChangeSet',
      'CreateChangeSet',
      'DeleteChangeSet',
    ]);
    expect(result.plan.stacks.map(({ action }) => action)).toEqual(['none', 'none']);
    expect(record()).toMatchObject({ state: 'deployed', runtimes: [{ runtime: 'node' }] });
  });

  test('a second deploy takes the refusal of an empty change set for no changes', async () => {
    await deploy();
    const nothing = () => serviceError('ValidationError', 'No updates are to be performed.');
    aws.fail('CreateChangeSet', nothing(), nothing());
    expect((await deploy({ memorySizeMB: 512 })).outcome).toBe('unchanged');
  });

  test('a second deploy with other code uploads it and updates only that stack', async () => {
    await deploy({}, ['node', 'rust']);
    aws.calls.length = 0;
    const runtimes = [packagedRuntime('shed', 'node', '2'), packagedRuntime('shed', 'rust')];
    const result = await deployProject(deployOptions('shed', runtimes), aws.deps());
    expect(result.stacks.map(({ stackName, outcome }) => `${stackName} ${outcome}`)).toEqual([
      'shed-assets unchanged',
      'shed-rust-api unchanged',
      'shed-node-api updated',
    ]);
    expect(aws.count('PutObject')).toBe(4);
    expect(aws.count('ExecuteChangeSet')).toBe(1);
  });

  test('a second deploy keeps the other runtimes in the record', async () => {
    await deploy({}, ['node']);
    const { deployment } = await deploy({}, ['rust']);
    expect(deployment?.runtimes.map(({ runtime }) => runtime)).toEqual(['node', 'rust']);
  });

  test('a second deploy asks before an update that replaces the table, naming it, and goes on when agreed', async () => {
    await deploy();
    aws.cloudFormation.behaviour.replace.set('shed-node-api/ShedTable', 'True');
    const asked: DataLoss[] = [];
    const result = await deploy({
      memorySizeMB: 256,
      confirmDataLoss: async (losses) => {
        asked.push(...losses);
        return true;
      },
    });
    expect(asked).toEqual([
      {
        stackName: 'shed-node-api',
        kind: 'table-replaced',
        logicalId: 'ShedTable',
        name: 'shed-node-api-ShedTable',
        reason: 'CloudFormation has to replace ShedTable and deletes the old one with its content',
      },
    ]);
    expect(result.outcome).toBe('deployed');
  });

  test('a second deploy changes nothing when the loss is declined', async () => {
    await deploy();
    const before = record();
    aws.cloudFormation.behaviour.replace.set('shed-node-api/ShedTable', 'Conditional');
    aws.calls.length = 0;
    const result = await deploy({ memorySizeMB: 256, confirmDataLoss: async () => false });
    expect(result.outcome).toBe('declined');
    expect(result.losses.map(({ reason }) => reason)).toEqual([
      'CloudFormation may have to replace ShedTable and deletes the old one with its content',
    ]);
    expect(aws.count('ExecuteChangeSet')).toBe(0);
    expect(aws.cloudFormation.changeSets.filter(({ executed }) => !executed)).toEqual([]);
    expect(record()).toMatchObject({ state: 'deployed', runtimes: before.runtimes });
  });

  test('a second deploy takes its change sets back when nobody can be asked', async () => {
    await deploy();
    aws.cloudFormation.behaviour.replace.set('shed-node-api/ShedTable', 'True');
    const error = await failureOf(
      deploy({
        memorySizeMB: 256,
        confirmDataLoss: async () => {
          throw new ShedbenchError({ code: 'needs-yes', message: 'no terminal', exitCode: 2 });
        },
      }),
    );
    expect(error.exitCode).toBe(2);
    expect(aws.cloudFormation.changeSets.filter(({ executed }) => !executed)).toEqual([]);
    expect(statuses()['shed-node-api']).toBe('CREATE_COMPLETE');
  });

  test('a deploy that only plans leaves no change set', async () => {
    await deploy();
    aws.calls.length = 0;
    const before = aws.events.length;
    const result = await deploy({ planOnly: true, memorySizeMB: 256 }, ['node', 'rust']);
    expect(result.outcome).toBe('planned');
    // One plan alone, with what the change sets say: a second one would repeat the heading.
    expect(aws.events.slice(before).filter(({ type }) => type === 'deploy-plan')).toEqual([
      { type: 'deploy-plan', plan: result.plan },
    ]);
    expect(result.plan.stacks.map(({ stackName, action }) => `${stackName} ${action}`)).toEqual([
      'shed-assets none',
      'shed-node-api update',
      'shed-rust-api create',
    ]);
    expect(result.plan.stacks[1]?.changes?.map(({ logicalId }) => logicalId)).toContain('CatFunction');
    expect(changingCalls().filter((operation) => !/ChangeSet$/.test(operation))).toEqual([]);
    expect(aws.count('ExecuteChangeSet')).toBe(0);
    expect(aws.cloudFormation.changeSets.filter(({ executed }) => !executed)).toEqual([]);
  });
});

describe('leftovers', () => {
  test.each(['ROLLBACK_COMPLETE', 'DELETE_FAILED', 'ROLLBACK_FAILED'])(
    'a stack in %s is deleted and created again',
    async (status) => {
      const old = aws.cloudFormation.seed('shed-node-api', status, API_TAGS);
      const result = await deploy();
      expect(result.outcome).toBe('deployed');
      expect(old.status).toBe('DELETE_COMPLETE');
      expect(statuses()['shed-node-api']).toBe('CREATE_COMPLETE');
      expect(result.plan.leftovers).toEqual([
        { kind: 'stack', name: 'shed-node-api', state: status, remedy: 'clean' },
      ]);
    },
  );

  test("a bucket's stack in DELETE_FAILED goes with the zips in its bucket", async () => {
    await deploy();
    const stack = aws.cloudFormation.byName('shed-assets');
    if (stack === undefined) throw new Error('not deployed');
    stack.status = 'DELETE_FAILED';
    const result = await deploy();
    expect(result.stacks.map(({ stackName, outcome }) => `${stackName} ${outcome}`)).toEqual([
      'shed-assets created',
      'shed-node-api unchanged',
    ]);
    expect(aws.objects.get('shed-assets-bucket')).toHaveLength(4);
  });

  test("a bucket's stack in DELETE_FAILED stays where a stranger's object is in its bucket", async () => {
    await deploy();
    const stack = aws.cloudFormation.byName('shed-assets');
    if (stack === undefined) throw new Error('not deployed');
    stack.status = 'DELETE_FAILED';
    const stranger = { key: 'notes.txt', versionId: 'null', metadata: {}, isDeleteMarker: false };
    aws.objects.get('shed-assets-bucket')?.push(stranger);
    const error = await failureOf(deploy());
    expect(error).toMatchObject({ code: 'foreign-objects', exitCode: 3 });
    expect(aws.objects.get('shed-assets-bucket')).toHaveLength(5);
  });

  test('a bucket that somebody deleted is told with the way out', async () => {
    await deploy();
    aws.objects.delete('shed-assets-bucket');
    aws.cloudFormation.stacks[0]?.resources.splice(0);
    const error = await failureOf(deploy());
    expect(error).toMatchObject({
      code: 'bucket-gone',
      hint: 'Delete the stacks and deploy again: shedbench teardown --project shed',
    });
  });

  test('a half-created stack with a table is deleted only after a question', async () => {
    const table = { ...resourcesOf('shed-node-api', NODE_PARAMETERS)[0], status: 'CREATE_COMPLETE' };
    aws.cloudFormation.seed('shed-node-api', 'CREATE_FAILED', API_TAGS, [table as never]);
    const declined = await deploy({ confirmDataLoss: async () => false });
    expect(declined.outcome).toBe('declined');
    expect(declined.losses.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'table-removed shed-node-api-ShedTable',
    ]);
    expect(changingCalls()).toEqual([]);
    const agreed = await deploy({ confirmDataLoss: async () => true });
    expect(agreed.outcome).toBe('deployed');
  });

  test('a stack that another deploy makes at the same time is followed, never deleted', async () => {
    const stack = aws.cloudFormation.seed('shed-node-api', 'REVIEW_IN_PROGRESS', {});
    const theirs = { name: 'shedbench-1', stack, executed: false, createdAtMs: aws.clock.now() };
    aws.cloudFormation.changeSets.push(theirs as never);
    aws.onCall = ({ operation }, input) => {
      if (operation !== 'ExecuteChangeSet' || input.StackName !== stack.id || theirs.executed) return;
      theirs.executed = true;
      Object.assign(stack, { status: 'CREATE_IN_PROGRESS', tags: API_TAGS });
      aws.clock.at(15_000, () => {
        stack.status = 'CREATE_COMPLETE';
      });
    };
    const result = await deploy();
    expect(result.stacks.map(({ outcome }) => outcome)).toEqual(['created', 'updated']);
    expect(aws.count('DeleteStack')).toBe(0);
  });

  test('a change set that is taken back leaves a stack that somebody else has one for', async () => {
    const stack = aws.cloudFormation.seed('shed-node-api', 'REVIEW_IN_PROGRESS', {});
    const theirs = { name: 'shedbench-1', stack, executed: false, createdAtMs: aws.clock.now() };
    aws.cloudFormation.changeSets.push(theirs as never);
    aws.onCall = ({ operation }, input) => {
      if (operation === 'DescribeChangeSet' && input.StackName === stack.id) aws.interruptOnce();
    };
    expect((await failureOf(deploy())).code).toBe('interrupted');
    expect(statuses()['shed-node-api']).toBe('REVIEW_IN_PROGRESS');
    expect(aws.cloudFormation.changeSets.filter(({ executed }) => !executed)).toEqual([theirs]);
  });

  test('an abandoned stack under review without tags is made use of', async () => {
    aws.cloudFormation.seed('shed-node-api', 'REVIEW_IN_PROGRESS', {});
    const result = await deploy();
    expect(result.outcome).toBe('deployed');
    expect(result.plan.stacks[1]).toMatchObject({ action: 'create', status: 'REVIEW_IN_PROGRESS' });
    expect(aws.count('DeleteStack')).toBe(0);
  });

  test.each([
    ['UPDATE_ROLLBACK_FAILED', 'ContinueUpdateRollback'],
    ['UPDATE_FAILED', 'RollbackStack'],
  ])('a stack in %s is brought back by %s, then updated', async (status, operation) => {
    await deploy();
    const stack = aws.cloudFormation.byName('shed-node-api');
    if (stack === undefined) throw new Error('not deployed');
    stack.status = status;
    const result = await deploy({ memorySizeMB: 512 });
    expect(aws.count(operation)).toBe(1);
    expect(result.outcome).toBe('deployed');
    expect(stack.status).toBe('UPDATE_COMPLETE');
  });

  test('an operation under way is followed to its end, then the deploy goes on', async () => {
    await deploy();
    const interruptedDeploy = deployProject(
      deployOptions('shed', [packagedRuntime('shed', 'node')], { memorySizeMB: 256 }),
      aws.deps(),
    );
    await interruptedDeploy;
    const stack = aws.cloudFormation.byName('shed-node-api');
    if (stack === undefined) throw new Error('not deployed');
    stack.status = 'UPDATE_IN_PROGRESS';
    aws.clock.at(20_000, () => {
      stack.status = 'UPDATE_COMPLETE';
    });
    const result = await deploy({ memorySizeMB: 512 });
    expect(result.outcome).toBe('deployed');
    expect(aws.notes()).toContain('shed-node-api is in UPDATE_IN_PROGRESS: following that first');
  });

  test('a log group that only late lines made is deleted by itself', async () => {
    const createdAtMs = aws.clock.now() - 60_000;
    aws.logGroups.set('/aws/lambda/shed-node-get-cat-ackermann', {
      createdAtMs,
      eventTimesMs: [createdAtMs - 5_000],
      tags: {},
    });
    const result = await deploy();
    expect(result.outcome).toBe('deployed');
    // The one that is there now was made by the stack.
    expect(aws.logGroups.get('/aws/lambda/shed-node-get-cat-ackermann')?.createdAtMs).toBeGreaterThan(
      createdAtMs,
    );
    expect(result.plan.leftovers).toEqual([
      {
        kind: 'log-group',
        name: '/aws/lambda/shed-node-get-cat-ackermann',
        state: 'its function was deleted; it holds only late lines',
        remedy: 'clean',
      },
    ]);
  });

  test('a log group with lines of its own is deleted only after a question', async () => {
    const createdAtMs = aws.clock.now() - 60_000;
    const group = { createdAtMs, eventTimesMs: [createdAtMs + 5_000], tags: {} };
    aws.logGroups.set('/aws/lambda/shed-node-get-cat-ackermann', group);
    const result = await deploy({ confirmDataLoss: async () => false });
    expect(result.outcome).toBe('declined');
    expect(result.losses.map(({ kind }) => kind)).toEqual(['log-group-deleted']);
    expect(aws.logGroups.size).toBe(1);
    expect(changingCalls()).toEqual([]);
  });
});

describe('names that somebody else has', () => {
  test.each([
    ['a stack without tags', {}, 'it has no tag shedbench:project'],
    ['a stack of another project', { 'shedbench:project': 'farm' }, 'its tag says project farm'],
  ])('%s is never touched', async (_, tags, reason) => {
    aws.cloudFormation.seed('shed-node-api', 'CREATE_COMPLETE', tags);
    const error = await failureOf(deploy());
    expect(error).toMatchObject({ code: 'name-clash', exitCode: 3 });
    expect(error.message).toBe(
      `Stack shed-node-api exists already and does not belong to this project (${reason}); it is left unchanged`,
    );
    expect(error.hint).toContain('--project');
    expect(changingCalls()).toEqual([]);
  });

  test("somebody's change set under review is never touched", async () => {
    const stack = aws.cloudFormation.seed('shed-node-api', 'REVIEW_IN_PROGRESS', {});
    aws.cloudFormation.changeSets.push({ name: 'cdk-1', stack, executed: false, createdAtMs: 0 } as never);
    const error = await failureOf(deploy());
    expect(error.message).toContain('change set cdk-1 waits for its review');
    expect(changingCalls()).toEqual([]);
  });

  test('a function of another stack is named with its stack', async () => {
    aws.functions.set('shed-node-get-dog-count', { 'aws:cloudformation:stack-name': 'other' });
    const error = await failureOf(deploy());
    expect(error.message).toBe(
      'Function shed-node-get-dog-count exists already and does not belong to this project (it belongs to stack other); it is left unchanged',
    );
    expect(changingCalls()).toEqual([]);
  });

  test("a log group with somebody's tags is a clash", async () => {
    const group = { createdAtMs: 0, eventTimesMs: [], tags: { team: 'farm' } };
    aws.logGroups.set('/aws/lambda/shed-node-get-dog-count', group);
    expect((await failureOf(deploy())).code).toBe('name-clash');
    expect(aws.logGroups.size).toBe(1);
  });
});

describe('failures', () => {
  test('a rolled-back stack exits 3 with the first resource that failed by itself, after its rollback', async () => {
    aws.cloudFormation.behaviour.failCreate.set(
      'shed-node-api/CatRole',
      'API: iam:CreateRole: quota exceeded',
    );
    const error = await failureOf(deploy());
    expect(error.exitCode).toBe(3);
    expect(error.message).toBe(
      'shed-node-api ended in ROLLBACK_COMPLETE: CatRole (AWS::IAM::Role): API: iam:CreateRole: quota exceeded',
    );
    expect(aws.stackEvents().at(-1)).toBe('shed-node-api shed-node-api ROLLBACK_COMPLETE 0/6');
    expect(record().state).toBe('failed');
  });

  test('the deploy after a failed one clears it away and succeeds', async () => {
    aws.cloudFormation.behaviour.failCreate.set('shed-node-api/CatRole', 'no');
    await failureOf(deploy());
    expect((await deploy()).outcome).toBe('deployed');
  });

  test('one failed stack leaves the others to their end, and in the record', async () => {
    aws.cloudFormation.behaviour.failCreate.set('shed-node-api/ShedTable', 'no');
    await failureOf(deploy({}, ['node', 'rust']));
    expect(statuses()).toEqual({
      'shed-assets': 'CREATE_COMPLETE',
      'shed-node-api': 'ROLLBACK_COMPLETE',
      'shed-rust-api': 'CREATE_COMPLETE',
    });
    expect(record()).toMatchObject({ state: 'failed', runtimes: [{ runtime: 'rust' }] });
  });

  test('a rollback that fails too is told after the cause, not instead of it', async () => {
    aws.cloudFormation.behaviour.failCreate.set('shed-node-api/CatRole', 'first');
    aws.cloudFormation.behaviour.failDelete.set('shed-node-api/CatLogGroup', 'second');
    const error = await failureOf(deploy());
    expect(error.message).toBe(
      'shed-node-api ended in ROLLBACK_FAILED: CatRole (AWS::IAM::Role): first; on the way back CatLogGroup (AWS::Logs::LogGroup) failed too: second',
    );
  });

  test('a change set that validation refuses gives the reasons of DescribeEvents and leaves no stack', async () => {
    aws.cloudFormation.behaviour.failChangeSet.set(
      'shed-node-api',
      'The following hook(s)/validation failed: [AWS::EarlyValidation::PropertyValidation]',
    );
    aws.cloudFormation.validationEvents.push({
      EventType: 'VALIDATION_ERROR',
      LogicalResourceId: 'CatFunction',
      ResourceType: 'AWS::Lambda::Function',
      ValidationPath: '/Resources/CatFunction/Properties/MemorySize',
      ValidationStatusReason: '64 is less than 128',
    });
    const error = await failureOf(deploy());
    expect(error.message).toBe(
      'CloudFormation refuses the change of shed-node-api: CatFunction (AWS::Lambda::Function) at /Resources/CatFunction/Properties/MemorySize: 64 is less than 128',
    );
    await aws.clock.sleep(60_000);
    expect(statuses()).toEqual({ 'shed-assets': 'CREATE_COMPLETE' });
  });

  test('a failed update is rolled back and told', async () => {
    await deploy();
    aws.cloudFormation.behaviour.failUpdate.set(
      'shed-node-api/CatFunction',
      'not authorized to perform: lambda:X',
    );
    const error = await failureOf(deploy({ memorySizeMB: 512 }));
    expect(error.message).toBe(
      'shed-node-api ended in UPDATE_ROLLBACK_COMPLETE: CatFunction (AWS::Lambda::Function): not authorized to perform: lambda:X',
    );
    expect(error.hint).toContain('docs/iam-policy.json');
  });

  test('an execution that is refused leaves neither change set nor stack', async () => {
    await deploy({}, ['rust']);
    aws.onCall = ({ operation }) => {
      if (operation === 'ExecuteChangeSet') throw serviceError('AccessDenied', 'no', 403);
    };
    expect((await failureOf(deploy())).code).toBe('access-denied');
    await aws.clock.sleep(60_000);
    expect(Object.keys(statuses())).toEqual(['shed-assets', 'shed-rust-api']);
    expect(aws.cloudFormation.changeSets.filter(({ executed }) => !executed)).toEqual([]);
  });

  test('a clean-up that fails too is told and hides nothing', async () => {
    aws.onCall = ({ operation }) => {
      if (/^(ExecuteChangeSet|DeleteChangeSet)$/.test(operation)) {
        throw serviceError(
          'AccessDenied',
          `User: jo is not authorized to perform: cloudformation:${operation}`,
          403,
        );
      }
    };
    expect((await failureOf(deploy())).message).toContain('cloudformation:ExecuteChangeSet');
    expect(aws.notes().join()).toContain('A change set of shed-assets stays behind: Not allowed');
  });

  test('a change that somebody made between plan and execution makes it plan again', async () => {
    await deploy();
    let moved = false;
    aws.onCall = ({ operation }) => {
      if (operation !== 'ExecuteChangeSet' || moved) return;
      moved = true;
      aws.fail('ExecuteChangeSet', serviceError('InvalidChangeSetStatus', 'cannot be executed: [OBSOLETE]'));
    };
    const result = await deploy({ memorySizeMB: 512 });
    expect(result.outcome).toBe('deployed');
    expect(aws.count('ExecuteChangeSet')).toBe(4);
  });
});

describe('Ctrl-C', () => {
  test('Ctrl-C once before execution leaves neither change set nor stack', async () => {
    aws.onCall = ({ operation }, input) => {
      if (operation === 'DescribeChangeSet' && String(input.StackName).includes('node')) aws.interruptOnce();
    };
    const error = await failureOf(deploy());
    expect(error).toMatchObject({ code: 'interrupted', exitCode: 130 });
    expect(error.hint).toBe('Continue with: shedbench deploy --project shed');
    await aws.clock.sleep(60_000);
    expect(statuses()).toEqual({ 'shed-assets': 'CREATE_COMPLETE' });
    expect(aws.cloudFormation.changeSets.filter(({ executed }) => !executed)).toEqual([]);
  });

  test('Ctrl-C once at the first look changes nothing at all', async () => {
    aws.onCall = () => aws.interruptOnce();
    const error = await failureOf(deploy());
    expect(error).toMatchObject({ code: 'interrupted', message: 'Stopped before anything was changed' });
    expect(changingCalls()).toEqual([]);
  });

  test('Ctrl-C once during a creation deletes the stack again and follows that', async () => {
    aws.onCall = ({ operation }) => {
      if (operation === 'DescribeStackEvents' && statuses()['shed-node-api'] === 'CREATE_IN_PROGRESS') {
        aws.interruptOnce();
      }
    };
    const error = await failureOf(deploy());
    expect(error).toMatchObject({
      code: 'interrupted',
      exitCode: 130,
      message: 'Stopped: shed-node-api is deleted again (DELETE_COMPLETE)',
    });
    expect(statuses()).toEqual({ 'shed-assets': 'CREATE_COMPLETE' });
    expect(aws.stackEvents().at(-1)).toContain('shed-node-api DELETE_COMPLETE');
  });

  test('Ctrl-C once during an update cancels it and follows the rollback', async () => {
    await deploy();
    aws.onCall = ({ operation }) => {
      if (operation === 'DescribeStackEvents' && statuses()['shed-node-api'] === 'UPDATE_IN_PROGRESS') {
        aws.interruptOnce();
      }
    };
    const error = await failureOf(deploy({ memorySizeMB: 512 }));
    expect(error.message).toBe('Stopped: shed-node-api is as it was before (UPDATE_ROLLBACK_COMPLETE)');
    expect(aws.count('CancelUpdateStack')).toBe(1);
    expect(statuses()['shed-node-api']).toBe('UPDATE_ROLLBACK_COMPLETE');
  });

  test('a Ctrl-C that is too late to cancel an update says so and follows it to its end', async () => {
    await deploy();
    aws.cloudFormation.behaviour.msPerResource = 10_000;
    aws.onCall = ({ operation }) => {
      const late = statuses()['shed-node-api'] === 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS';
      if (operation === 'DescribeStackEvents' && late) aws.interruptOnce();
    };
    const error = await failureOf(deploy({ memorySizeMB: 512 }));
    expect(error.message).toBe('Stopped after all stacks were changed');
    expect(aws.notes().join('\n')).toContain("shed-node-api can't be cancelled any more");
    expect(statuses()['shed-node-api']).toBe('UPDATE_COMPLETE');
  });

  test('a second Ctrl-C stops watching at once and names the command that continues', async () => {
    aws.onCall = ({ operation }) => {
      if (operation === 'DescribeStackEvents' && statuses()['shed-node-api'] === 'CREATE_IN_PROGRESS') {
        aws.interruptTwice();
      }
    };
    const error = await failureOf(deploy());
    expect(error).toMatchObject({
      code: 'detached',
      exitCode: 130,
      hint: 'Continue with: shedbench deploy --project shed',
    });
    expect(aws.count('DeleteStack')).toBe(0);
    expect(statuses()['shed-node-api']).toBe('CREATE_IN_PROGRESS');
  });

  test('a second deploy after letting go follows what is under way and converges', async () => {
    aws.onCall = ({ operation }) => {
      if (operation === 'DescribeStackEvents' && statuses()['shed-node-api'] === 'CREATE_IN_PROGRESS') {
        aws.interruptTwice();
      }
    };
    await failureOf(deploy());
    const again = new FakeAws();
    Object.assign(again, { cloudFormation: aws.cloudFormation, clock: aws.clock, objects: aws.objects });
    const result = await deployProject(
      deployOptions('shed', [packagedRuntime('shed', 'node')]),
      again.deps(),
    );
    again.close();
    expect(result.outcome).toBe('unchanged');
    expect(statuses()['shed-node-api']).toBe('CREATE_COMPLETE');
  });
});

describe('outages', () => {
  const throttling = () => serviceError('Throttling', 'Rate exceeded');
  const lost = () => Object.assign(new Error('getaddrinfo ENOTFOUND'), { name: 'Error', code: 'ENOTFOUND' });

  test('throttling is waited out and told once', async () => {
    aws.fail('DescribeStackEvents', ...Array.from({ length: 20 }, throttling));
    expect((await deploy()).outcome).toBe('deployed');
    expect(aws.notes().filter((note) => note.includes('too many requests'))).toHaveLength(1);
    expect(aws.notes().filter((note) => note.startsWith('AWS answers again'))).toHaveLength(1);
  });

  test('a network that is gone for minutes is told, waited for, and told to be back', async () => {
    aws.fail('DescribeStacks', ...Array.from({ length: 30 }, lost));
    expect((await deploy()).outcome).toBe('deployed');
    expect(aws.notes()).toContain(
      'No connection to AWS (ENOTFOUND); it works on meanwhile, and this command waits up to 15 minutes for the network',
    );
  });

  test('a network that never comes back ends the deploy with exit 3', async () => {
    aws.onCall = () => {
      throw lost();
    };
    const error = await failureOf(deploy());
    expect(error.exitCode).toBe(3);
    expect(error.code).toBe('endpoint-not-found');
  });

  test('expired credentials end the deploy with the way to fresh ones', async () => {
    aws.fail(
      'ExecuteChangeSet',
      serviceError('ExpiredToken', 'The security token included in the request is expired', 403),
    );
    const error = await failureOf(deploy());
    expect(error).toMatchObject({ code: 'expired-credentials', exitCode: 3 });
    expect(error.message).toContain('profile farm');
    expect(error.hint).toContain('it continues');
  });
});

describe('a quota that is used up', () => {
  const quota = () => serviceError('LimitExceededException', 'Stack limit exceeded', 400);

  test('a quota that is used up ends the deploy at once, exit 3, with its name and where to raise it', async () => {
    aws.fail('CreateChangeSet', quota(), quota());
    const error = await failureOf(deploy());
    expect(error).toMatchObject({
      code: 'quota-reached',
      exitCode: 3,
      message: expect.stringContaining('LimitExceededException: Stack limit exceeded'),
      hint: expect.stringContaining('servicequotas'),
    });
    expect(aws.count('CreateChangeSet')).toBe(1);
  });
});

describe('Ctrl-C while CloudFormation refuses a change set for too many requests', () => {
  const throttling = () => serviceError('Throttling', 'Rate exceeded', 400);

  test('a Ctrl-C while CloudFormation refuses requests ends the waiting, and its message is true', async () => {
    aws.fail('CreateChangeSet', ...Array.from({ length: 500 }, throttling));
    aws.onCall = ({ operation }) => {
      if (operation === 'CreateChangeSet' && aws.count('CreateChangeSet') === 3) aws.interruptOnce();
    };
    const error = await failureOf(deploy());
    expect(error).toMatchObject({ code: 'interrupted', exitCode: 130 });
    expect(error.message).toBe('Stopped before anything was done to shed-assets');
    expect(aws.count('CreateChangeSet')).toBe(3);
    expect(aws.cloudFormation.stacks).toEqual([]);
  });

  test('a second Ctrl-C while CloudFormation refuses requests says the same: nothing was asked of CloudFormation', async () => {
    aws.fail('CreateChangeSet', ...Array.from({ length: 500 }, throttling));
    aws.onCall = ({ operation }) => {
      if (operation === 'CreateChangeSet' && aws.count('CreateChangeSet') === 3) aws.interruptTwice();
    };
    const error = await failureOf(deploy());
    expect(error).toMatchObject({ code: 'interrupted', exitCode: 130 });
    expect(error.message).toContain('Stopped before anything was done to shed-assets');
  });
});

describe('a part of a stack that somebody deleted by hand', () => {
  test.each<[string, () => void]>([
    ['log group /aws/lambda/shed-node-get-cat-ackermann', () => aws.logGroups.clear()],
    ['function shed-node-get-cat-ackermann', () => aws.functions.delete('shed-node-get-cat-ackermann')],
    ['table shed-node-api-ShedTable', () => aws.tables.clear()],
    ['stage v1', () => aws.stages.clear()],
    ['bucket shed-assets-bucket', () => aws.objects.clear()],
  ])('a deleted part of a stack ends the deploy before anything is changed: %s', async (part, remove) => {
    await deploy();
    aws.calls.length = 0;
    remove();
    const error = await failureOf(deploy());
    expect(error).toMatchObject({ code: 'parts-missing', exitCode: 3 });
    expect(error.message).toContain(part);
    expect(error.hint).toMatch(/^shedbench teardown --project shed.*, then shedbench deploy/);
    expect(changingCalls()).toEqual([]);
  });

  test('a bucket that somebody created again in another region counts as deleted, and the error names it', async () => {
    await deploy();
    aws.calls.length = 0;
    aws.elsewhere.set('shed-assets-bucket', 'us-west-2');
    const error = await failureOf(deploy());
    expect(error).toMatchObject({ code: 'parts-missing', exitCode: 3 });
    expect(error.message).toContain('bucket shed-assets-bucket');
    expect(aws.notes().join()).toContain('s3://shed-assets-bucket is in us-west-2, not in eu-west-3');
    expect(changingCalls()).toEqual([]);
  });

  test('a part of a stack is not called missing if its service may not be asked', async () => {
    await deploy();
    aws.onCall = ({ operation }) => {
      if (operation === 'GetStage') throw serviceError('AccessDeniedException', 'no', 403);
    };
    expect((await deploy()).outcome).toBe('unchanged');
  });
});

describe('a stack in each of the states of CloudFormation', () => {
  /** The states in which a stack can be found, by what a deploy makes of it. */
  const STATES: readonly (readonly [string, 'created' | 'updated' | 'unchanged'])[] = [
    ['CREATE_COMPLETE', 'unchanged'],
    ['UPDATE_COMPLETE', 'unchanged'],
    ['UPDATE_ROLLBACK_COMPLETE', 'unchanged'],
    ['IMPORT_COMPLETE', 'unchanged'],
    ['IMPORT_ROLLBACK_COMPLETE', 'unchanged'],
    ['CREATE_FAILED', 'created'],
    ['ROLLBACK_COMPLETE', 'created'],
    ['ROLLBACK_FAILED', 'created'],
    ['DELETE_FAILED', 'created'],
    ['UPDATE_FAILED', 'unchanged'],
    ['UPDATE_ROLLBACK_FAILED', 'unchanged'],
    ['IMPORT_ROLLBACK_FAILED', 'unchanged'],
  ];

  test.each(STATES)('a stack in %s converges: it is %s', async (state, outcome) => {
    await deploy();
    const stack = aws.cloudFormation.byName('shed-node-api');
    if (stack === undefined) throw new Error('not deployed');
    stack.status = state;
    const result = await deploy({ confirmDataLoss: async () => true });
    expect(result.stacks.find(({ runtime }) => runtime === 'node')?.outcome).toBe(outcome);
    expect(statuses()['shed-node-api']).toMatch(
      /^(CREATE|UPDATE|UPDATE_ROLLBACK|IMPORT|IMPORT_ROLLBACK)_COMPLETE$/,
    );
  });

  test.each([
    ['CREATE_IN_PROGRESS', 'CREATE_COMPLETE'],
    ['ROLLBACK_IN_PROGRESS', 'ROLLBACK_COMPLETE'],
    ['DELETE_IN_PROGRESS', 'DELETE_FAILED'],
    ['UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE'],
    ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'UPDATE_COMPLETE'],
    ['UPDATE_ROLLBACK_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE'],
    ['UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE'],
    ['IMPORT_IN_PROGRESS', 'IMPORT_COMPLETE'],
    ['IMPORT_ROLLBACK_IN_PROGRESS', 'IMPORT_ROLLBACK_COMPLETE'],
  ])('a stack in %s is followed to its end (%s), then converges', async (state, end) => {
    await deploy();
    const stack = aws.cloudFormation.byName('shed-node-api');
    if (stack === undefined) throw new Error('not deployed');
    stack.status = state;
    aws.clock.at(30_000, () => {
      stack.status = end;
    });
    await deploy({ confirmDataLoss: async () => true });
    expect(aws.notes()).toContain(`shed-node-api is in ${state}: following that first`);
    expect(statuses()['shed-node-api']).toMatch(/_COMPLETE$/);
  });
});

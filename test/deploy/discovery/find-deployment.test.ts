import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deployProject } from '../../../src/deploy/deploy-project.ts';
import { deploymentStatus } from '../../../src/deploy/discovery/deployment-status.ts';
import { findDeployment, findDeployments } from '../../../src/deploy/discovery/find-deployment.ts';
import { FakeAws } from '../fake/fake-aws.ts';
import { serviceError } from '../fake/fake-cloudformation.ts';
import { deployOptions, packagedRuntime } from '../world.ts';

let aws: FakeAws;
beforeEach(() => {
  aws = new FakeAws();
});
afterEach(() => aws.close());

async function deployed(project: string, labels = ['node']): Promise<void> {
  const runtimes = labels.map((label) => packagedRuntime(project, label));
  await deployProject(deployOptions(project, runtimes), aws.deps());
}

function forgetRecords(): void {
  rmSync(join(aws.cwd, '.shedbench'), { recursive: true, force: true });
}

describe('a deployment', () => {
  test('a deployment is found by its record, with the hashes that only the record knows', async () => {
    await deployed('shed', ['node', 'rust']);
    const found = await findDeployment('shed', aws.deps());
    expect(found?.runtimes.map(({ runtime }) => runtime)).toEqual(['node', 'rust']);
    expect(found?.runtimes[0]?.functions.dog.artifactSha256).toBe(
      packagedRuntime('shed', 'node').functions.dog.sha256,
    );
    expect(found).toMatchObject({
      state: 'deployed',
      architecture: 'arm64',
      memorySizeMB: 128,
      target: { kind: 'aws', accountId: '123456789012', region: 'eu-west-3', profile: 'farm' },
    });
  });

  test('a deployment is found without a record, by tags, and then has no hashes', async () => {
    await deployed('shed');
    forgetRecords();
    const found = await findDeployment('shed', aws.deps());
    expect(found?.runtimes).toMatchObject([
      { runtime: 'node', stackName: 'shed-node-api', tableName: 'shed-node-api-ShedTable' },
    ]);
    expect(found?.runtimes[0]?.functions.dog).not.toHaveProperty('artifactSha256');
    expect(found).toMatchObject({ architecture: 'arm64', memorySizeMB: 128, toolVersion: '0.1.0' });
  });

  test('a deployment is found by known names where not all stacks may be listed', async () => {
    await deployed('shed');
    forgetRecords();
    aws.fail('DescribeStacks', serviceError('AccessDenied', 'no', 403));
    const found = await findDeployment('shed', aws.deps(), ['node', 'rust']);
    expect(found?.runtimes.map(({ runtime }) => runtime)).toEqual(['node']);
  });

  test('a deployment is what stands now, not what the record says', async () => {
    await deployed('shed', ['node', 'rust']);
    const rust = aws.cloudFormation.byName('shed-rust-api');
    if (rust === undefined) throw new Error('not deployed');
    rust.status = 'DELETE_COMPLETE';
    const found = await findDeployment('shed', aws.deps());
    expect(found?.runtimes.map(({ runtime }) => runtime)).toEqual(['node']);
  });

  test('a deployment does not exist if its stacks are gone, whatever the record says', async () => {
    await deployed('shed');
    for (const stack of aws.cloudFormation.stacks) stack.status = 'DELETE_COMPLETE';
    expect(await findDeployment('shed', aws.deps())).toBeUndefined();
  });

  test('a deployment has no part in a stack that does not stand', async () => {
    await deployed('shed');
    const node = aws.cloudFormation.byName('shed-node-api');
    if (node === undefined) throw new Error('not deployed');
    node.status = 'UPDATE_ROLLBACK_FAILED';
    expect(await findDeployment('shed', aws.deps())).toBeUndefined();
  });

  test('a deployment takes no stack of that name without our tags for its own', async () => {
    await deployed('shed');
    const node = aws.cloudFormation.byName('shed-node-api');
    if (node === undefined) throw new Error('not deployed');
    node.tags = {};
    expect(await findDeployment('shed', aws.deps())).toBeUndefined();
  });

  test('a deployment is read off resources and functions where an endpoint gives no outputs', async () => {
    await deployed('shed');
    const node = aws.cloudFormation.byName('shed-node-api');
    if (node === undefined) throw new Error('not deployed');
    for (const key of Object.keys(node.outputs)) delete node.outputs[key];
    for (const suffix of ['post-sheep-random', 'get-dog-count', 'delete-wolf-ocd']) {
      aws.functions.set(`shed-node-${suffix}`, node.tags);
    }
    const found = await findDeployment('shed', aws.deps());
    expect(found?.runtimes).toMatchObject([
      {
        restApiId: 'api1234567',
        apiUrl: 'https://api1234567.execute-api.eu-west-3.amazonaws.com/v1',
        tableName: 'shed-node-api-ShedTable',
        lambdaRuntime: 'nodejs22.x',
        functions: { dog: { logGroupName: '/aws/lambda/shed-node-get-dog-count' } },
      },
    ]);
  });

  test('a deployment of another version whose stacks lack an output is refused, and the hint is to deploy again', async () => {
    await deployed('shed');
    delete aws.cloudFormation.byName('shed-node-api')?.outputs.TableName;
    await expect(findDeployment('shed', aws.deps())).rejects.toMatchObject({
      code: 'outputs-missing',
      exitCode: 3,
      hint: 'Bring it up to date: shedbench deploy',
    });
  });
});

test('all deployments of a region are found by their tags, project by project', async () => {
  await deployed('shed', ['node', 'rust']);
  await deployed('meadow');
  aws.cloudFormation.seed('theirs', 'CREATE_COMPLETE', { team: 'farm' });
  const found = await findDeployments(aws.deps());
  expect(
    found.map(({ project, runtimes }) => `${project}: ${runtimes.map(({ runtime }) => runtime)}`),
  ).toEqual(['meadow: node', 'shed: node,rust']);
});

describe('the status', () => {
  const options = { project: 'shed', knownRuntimes: ['node'] };

  test('the status of nothing is empty, and says where it looked', async () => {
    const status = await deploymentStatus(options, aws.deps());
    expect(status).toMatchObject({
      stacks: [],
      searchedBy: 'tags',
      heading: { accountId: '123456789012', region: 'eu-west-3', project: 'shed' },
    });
  });

  test('the status tells each stack with its state, its version and what it is', async () => {
    await deployed('shed');
    const { stacks } = await deploymentStatus(options, aws.deps());
    expect(stacks).toMatchObject([
      { stackName: 'shed-assets', status: 'CREATE_COMPLETE', condition: 'standing', resources: 1 },
      {
        stackName: 'shed-node-api',
        runtime: 'node',
        condition: 'standing',
        resources: 6,
        toolVersion: '0.1.0',
        deployed: { apiUrl: 'https://api1234567.execute-api.eu-west-3.amazonaws.com/v1' },
      },
    ]);
    expect(stacks.some(({ hint }) => hint !== undefined)).toBe(false);
  });

  test.each([
    ['ROLLBACK_COMPLETE', 'shedbench deploy'],
    ['UPDATE_ROLLBACK_FAILED', 'shedbench deploy'],
    ['UPDATE_IN_PROGRESS', 'shedbench deploy'],
    ['DELETE_FAILED', 'shedbench teardown'],
  ])('the status names for a stack in %s the command that repairs it', async (state, command) => {
    await deployed('shed');
    const node = aws.cloudFormation.byName('shed-node-api');
    if (node === undefined) throw new Error('not deployed');
    node.status = state;
    const { stacks } = await deploymentStatus(options, aws.deps());
    const found = stacks.find(({ runtime }) => runtime === 'node');
    expect(found?.hint).toContain(command);
    expect(found).not.toHaveProperty('deployed');
  });

  test('the status names the parts of a stack that were deleted by hand, and how to mend it', async () => {
    await deployed('shed');
    aws.tables.clear();
    const { stacks } = await deploymentStatus(options, aws.deps());
    expect(stacks.find(({ runtime }) => runtime === 'node')).toMatchObject({
      condition: 'standing',
      missing: ['table shed-node-api-ShedTable'],
      hint: 'shedbench teardown --project shed --runtime node, then shedbench deploy, creates them again',
    });
  });

  test('the status changes nothing', async () => {
    await deployed('shed');
    aws.calls.length = 0;
    await deploymentStatus(options, aws.deps());
    expect(aws.calls.every(({ operation }) => /^(Describe|Get|List|Head)/.test(operation))).toBe(true);
  });
});

import { describe, expect, test } from 'vitest';
import type { DeployPlan } from '../../src/model/deploy-plan.ts';
import {
  createPlanTeller,
  deployPlanLines,
  receiptSummary,
  teardownPlanLines,
} from '../../src/ui/plan-lines.ts';

const heading = {
  kind: 'aws',
  accountId: '123456789012',
  callerArn: 'arn:aws:iam::123456789012:user/ann',
  region: 'eu-west-3',
  profile: 'lab',
  project: 'sheepshed',
} as const;

const plan: DeployPlan = {
  heading,
  stacks: [
    { stackName: 'sheepshed-assets', action: 'none', status: 'CREATE_COMPLETE', functions: [] },
    { stackName: 'sheepshed-rust-api', runtime: 'rust', action: 'create', functions: ['a', 'b', 'c', 'd'] },
  ],
  leftovers: [],
  idleUsdPerMonth: 0,
};

describe('the plan that is shown before anything is created', () => {
  test('the plan that is shown before anything is created names account, region, profile, project and caller, every stack, and what idling costs', () => {
    expect(deployPlanLines(plan)).toEqual([
      'AWS account 123456789012, eu-west-3, profile lab, project sheepshed',
      '  as arn:aws:iam::123456789012:user/ann',
      '  sheepshed-assets    nothing to change (is CREATE_COMPLETE)',
      '  sheepshed-rust-api  create, 4 functions',
      '  Idle it costs nothing: everything is billed by use.',
    ]);
  });

  test('the plan that is shown before anything is created is told again only when the change sets say something new', () => {
    const tell = createPlanTeller();
    const change = {
      action: 'modify',
      logicalId: 'ShedTable',
      resourceType: 'AWS::DynamoDB::Table',
      replacement: 'always',
    } as const;
    const known: DeployPlan = {
      ...plan,
      stacks: [{ stackName: 'sheepshed-rust-api', action: 'update', functions: [], changes: [change] }],
    };
    expect(tell(plan)).toHaveLength(5);
    expect(tell(plan)).toEqual([]);
    expect(tell(known)).toContain('    modify ShedTable (AWS::DynamoDB::Table), replaced');
  });

  test('a teardown lists what it is about to delete', () => {
    const lines = teardownPlanLines({
      heading,
      stacks: [{ stackName: 'sheepshed-assets', status: 'DELETE_FAILED', resources: 2 }],
      bucket: { name: 'the-bucket', objects: 12 },
      logGroups: ['/aws/lambda/sheepshed-rust-get-dog-count'],
    });
    expect(lines.slice(2)).toEqual([
      '  delete sheepshed-assets: 2 resources (is DELETE_FAILED)',
      '  empty the bucket the-bucket: 12 object versions',
      '  delete the log group /aws/lambda/sheepshed-rust-get-dog-count',
    ]);
  });
});

describe('receiptSummary', () => {
  const gone = { found: 0, deleted: 0, left: [], retained: [], checkedWith: 'service' as const };
  const receipt = (left: readonly string[]) => ({
    type: 'receipt' as const,
    project: 'sheepshed',
    receipt: [
      { ...gone, resourceType: 'AWS::CloudFormation::Stack', found: 2, deleted: 2 },
      { ...gone, resourceType: 'AWS::Lambda::Function', found: 4, deleted: 4 - left.length, left },
      { ...gone, resourceType: 'AWS::S3::Bucket', found: 1, deleted: 1 },
    ],
  });

  test('a teardown that left nothing is told in one sentence', () => {
    expect(receiptSummary(receipt([]))).toEqual([
      'Project sheepshed is deleted: 2 stacks with 5 resources of 2 types, 0 left.',
    ]);
  });

  test('a teardown that left something is told type by type', () => {
    expect(receiptSummary(receipt(['shed-cat']))).toEqual([
      'Parts of project sheepshed are left:',
      '  AWS::CloudFormation::Stack  2/2 deleted, 0 left',
      '  AWS::Lambda::Function       3/4 deleted, 1 left: shed-cat',
      '  AWS::S3::Bucket             1/1 deleted, 0 left',
    ]);
  });
});

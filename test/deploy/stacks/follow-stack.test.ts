import { afterEach, beforeEach, expect, test } from 'vitest';
import { followStack } from '../../../src/deploy/stacks/follow-stack.ts';
import { createPatience } from '../../../src/deploy/stacks/patience.ts';
import type { StackContext } from '../../../src/deploy/stacks/stack-context.ts';
import { FakeAws } from '../fake/fake-aws.ts';
import type { FakeStack } from '../fake/fake-cloudformation.ts';

let aws: FakeAws;
let stack: FakeStack;
let context: StackContext;
beforeEach(() => {
  aws = new FakeAws();
  stack = aws.cloudFormation.seed('shed', 'CREATE_COMPLETE', {});
  const deps = aws.deps();
  context = {
    ...deps,
    patience: createPatience({ ...deps, target: deps.clients.target }),
    pickUpCommand: 'shedbench deploy',
  };
});
afterEach(() => aws.close());

/** An event of the stack itself at some time from now. */
function later(delayMs: number, status: string): void {
  aws.clock.at(delayMs, () => {
    stack.status = status;
    stack.events.push({
      EventId: `late-${status}`,
      Timestamp: new Date(aws.clock.now()),
      LogicalResourceId: stack.name,
      PhysicalResourceId: stack.id,
      ResourceType: 'AWS::CloudFormation::Stack',
      ResourceStatus: status,
    });
  });
}

function follow() {
  const marker = { eventId: String(stack.events[0]?.EventId), atEpochMs: aws.clock.now() };
  return followStack(context, {
    stackName: stack.name,
    stackId: stack.id,
    from: marker,
    expectedResources: 1,
  });
}

test('a status that lags behind the operation just begun is not taken for its end', async () => {
  later(3_000, 'UPDATE_IN_PROGRESS');
  later(9_000, 'UPDATE_COMPLETE');
  const { status, monitor } = await follow();
  expect(status).toBe('UPDATE_COMPLETE');
  expect(monitor.stackStatus).toBe('UPDATE_COMPLETE');
});

test('events that lag behind the status are waited for, so that none is lost', async () => {
  stack.status = 'UPDATE_COMPLETE';
  later(4_000, 'UPDATE_IN_PROGRESS');
  later(6_000, 'UPDATE_COMPLETE');
  await follow();
  expect(aws.stackEvents()).toEqual(['shed shed UPDATE_IN_PROGRESS 0/1', 'shed shed UPDATE_COMPLETE 0/1']);
});

test('an endpoint that never gives an event is believed after a minute', async () => {
  const startedMs = aws.clock.now();
  const { status } = await follow();
  expect(status).toBe('CREATE_COMPLETE');
  expect(aws.clock.now() - startedMs).toBeGreaterThanOrEqual(60_000);
  expect(aws.clock.now() - startedMs).toBeLessThan(70_000);
});

test('looks are short at first and at most five seconds apart', async () => {
  later(120_000, 'UPDATE_COMPLETE');
  stack.status = 'UPDATE_IN_PROGRESS';
  const looksMs: number[] = [];
  aws.onCall = ({ operation }) => {
    if (operation === 'DescribeStacks') looksMs.push(aws.clock.now());
  };
  await follow();
  const gaps = looksMs.slice(1).map((at, index) => at - (looksMs[index] ?? 0));
  expect(gaps[0]).toBeLessThan(300);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(5_000);
  expect(gaps.length).toBeLessThan(40);
});

test('a stack that is gone altogether counts as deleted', async () => {
  aws.cloudFormation.stacks.length = 0;
  const { status, stack: gone } = await followStack(context, {
    stackName: 'shed',
    stackId: stack.id,
    from: undefined,
    expectedResources: 1,
  });
  expect({ status, gone }).toEqual({ status: 'DELETE_COMPLETE', gone: undefined });
});

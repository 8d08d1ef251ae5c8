import { describe, expect, test } from 'vitest';
import {
  eventsOfLastOperation,
  firstCause,
  type MonitorState,
  observe,
  progressOf,
  type StackEvent,
  startMonitor,
} from '../../../src/deploy/stacks/stack-monitor.ts';

const STACK_ID = 'arn:aws:cloudformation:eu-west-3:123456789012:stack/shed/1';

let counter = 0;
function event(logicalId: string, status: string, reason?: string): StackEvent {
  counter += 1;
  const ofStack = logicalId === 'shed';
  return {
    eventId: `event-${counter}`,
    atEpochMs: counter,
    logicalId,
    physicalId: ofStack ? STACK_ID : `physical-${logicalId}`,
    resourceType: ofStack ? 'AWS::CloudFormation::Stack' : 'AWS::IAM::Role',
    status,
    reason,
  };
}

function seenBy(events: readonly StackEvent[], expectedResources = 3): MonitorState {
  return observe(startMonitor(STACK_ID, expectedResources), events).state;
}

describe('the monitor', () => {
  test('the monitor tells each event once, although pages overlap', () => {
    const [first, second] = [event('A', 'CREATE_IN_PROGRESS'), event('A', 'CREATE_COMPLETE')];
    const once = observe(startMonitor(STACK_ID, 1), [first]);
    const twice = observe(once.state, [first, second]);
    expect(once.fresh.map(({ event: { eventId } }) => eventId)).toEqual([first.eventId]);
    expect(twice.fresh.map(({ event: { eventId } }) => eventId)).toEqual([second.eventId]);
  });

  test('the monitor counts what is done of what the operation touches', () => {
    const state = seenBy([event('A', 'CREATE_COMPLETE'), event('B', 'CREATE_IN_PROGRESS')]);
    expect(progressOf(state)).toEqual({ resourcesDone: 1, resourcesTotal: 3 });
  });

  test('the monitor counts more resources than were foreseen', () => {
    const state = seenBy([event('A', 'DELETE_COMPLETE'), event('B', 'DELETE_SKIPPED')], 1);
    expect(progressOf(state)).toEqual({ resourcesDone: 2, resourcesTotal: 2 });
  });

  test('the monitor counts down while a creation is rolled back', () => {
    const state = seenBy([
      event('A', 'CREATE_COMPLETE'),
      event('B', 'CREATE_COMPLETE'),
      event('shed', 'ROLLBACK_IN_PROGRESS'),
      event('B', 'DELETE_COMPLETE'),
    ]);
    expect(progressOf(state)).toEqual({ resourcesDone: 1, resourcesTotal: 3 });
  });

  test('the monitor finds the first cause behind cancellations that came before it', () => {
    const state = seenBy([
      event('A', 'CREATE_FAILED', 'Resource creation cancelled'),
      event('B', 'CREATE_FAILED', 'Role name is taken'),
      event('C', 'CREATE_FAILED', 'Later'),
      event('shed', 'ROLLBACK_IN_PROGRESS', 'The following resource(s) failed to create: [A, B, C].'),
    ]);
    expect(firstCause(state)).toMatchObject({ logicalId: 'B', reason: 'Role name is taken' });
    expect(state.failures.map(({ logicalId }) => logicalId)).toEqual(['B', 'C']);
  });

  test.each(['Resource update cancelled', 'Resource creation canceled', 'Resource deletion cancelled'])(
    'the monitor does not take "%s" for a cause',
    (reason) => {
      expect(firstCause(seenBy([event('A', 'UPDATE_FAILED', reason)]))).toBeUndefined();
    },
  );

  test('the monitor separates failures of the rollback from those of the operation', () => {
    const state = seenBy([
      event('A', 'CREATE_FAILED', 'first'),
      event('shed', 'ROLLBACK_IN_PROGRESS'),
      event('B', 'DELETE_FAILED', 'second'),
    ]);
    expect(firstCause(state)?.reason).toBe('first');
    expect(state.rollbackFailures.map(({ reason }) => reason)).toEqual(['second']);
  });

  test('the monitor takes the status of the stack from its own events alone', () => {
    const nested = { ...event('shed', 'CREATE_FAILED', 'nested'), physicalId: 'another-stack' };
    const state = seenBy([event('shed', 'CREATE_IN_PROGRESS'), nested, event('A', 'CREATE_COMPLETE')]);
    expect(state.stackStatus).toBe('CREATE_IN_PROGRESS');
    expect(firstCause(state)?.reason).toBe('nested');
  });

  test('the monitor says so of a failure without a reason', () => {
    expect(firstCause(seenBy([event('A', 'CREATE_FAILED')]))?.reason).toBe('no reason given');
  });
});

describe('the last operation', () => {
  test('the last operation begins at the latest event that begins one, oldest first', () => {
    const events = [
      event('shed', 'CREATE_IN_PROGRESS'),
      event('shed', 'CREATE_COMPLETE'),
      event('shed', 'UPDATE_IN_PROGRESS'),
      event('A', 'UPDATE_FAILED', 'no'),
      event('shed', 'UPDATE_ROLLBACK_IN_PROGRESS'),
    ];
    const found = eventsOfLastOperation(STACK_ID, [...events].reverse());
    expect(found).toEqual(events.slice(2));
  });

  test('the last operation is everything where no beginning is told', () => {
    const events = [event('A', 'CREATE_COMPLETE'), event('B', 'CREATE_COMPLETE')];
    expect(eventsOfLastOperation(STACK_ID, [...events].reverse())).toEqual(events);
  });
});

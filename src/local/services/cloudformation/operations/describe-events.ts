import type { Operation, OperationInput } from '../../../protocols/operation.ts';
import { isObject } from '../../../resources/value.ts';
import type { ChangeSet } from '../change-set.ts';
import { findChangeSet } from '../change-set-input.ts';
import type { CloudFormationDeps } from '../deps.ts';
import { validationError } from '../engine/template-error.ts';
import { stackNameInput, textInput } from '../input.ts';
import { pageOf } from '../page.ts';
import { resourceEventShape } from '../shapes.ts';
import { STACK_TYPE, type Stack, type StackEvent, type StackOperation } from '../stack.ts';

/**
 * Returns events by operation, newest first. Only this operation returns the findings of the validation before
 * deployment.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeEvents.html
 */
export function describeEvents(deps: CloudFormationDeps): Operation {
  return async (input) => {
    const { stack, operations, scope } = chosen(deps, input);
    const failedOnly = isObject(input.Filters) && input.Filters.FailedEvents === 'true';
    const events = operations
      .flatMap((operation) => operationEvents(deps, stack, operation))
      .filter((event) => !failedOnly || /_ERROR$/.test(event.EventType));
    const page = pageOf(
      events.reverse(),
      `DescribeEvents ${scope} ${failedOnly}`,
      textInput(input, 'NextToken'),
      deps.pageSize,
    );
    return { OperationEvents: page.items, NextToken: page.nextToken };
  };
}

interface Chosen {
  readonly stack: Stack;
  readonly operations: readonly StackOperation[];
  readonly scope: string;
}

function chosen(deps: CloudFormationDeps, input: OperationInput): Chosen {
  const operationId = textInput(input, 'OperationId');
  const changeSetName = textInput(input, 'ChangeSetName');
  if (changeSetName !== undefined) {
    // Unlike other operations, this one requires the ARN; the name is refused even with the stack's name.
    if (!changeSetName.startsWith('arn:')) throw nothingNamed();
    const changeSet = findChangeSet(deps, input);
    const stack = deps.store.get(changeSet.stackId);
    return { stack, operations: byId(stack, changeSet.operationId), scope: changeSet.id };
  }
  if (operationId !== undefined) {
    const owner = deps.store.all().find((stack) => byId(stack, operationId).length > 0);
    if (owner === undefined) throw validationError(`Operation [${operationId}] does not exist`);
    return { stack: owner, operations: byId(owner, operationId), scope: operationId };
  }
  if (textInput(input, 'StackName') === undefined) throw nothingNamed();
  const stack = deps.store.get(stackNameInput(input));
  return { stack, operations: stack.operations, scope: stack.id };
}

function byId(stack: Stack, operationId: string): readonly StackOperation[] {
  return stack.operations.filter((operation) => operation.id === operationId);
}

function nothingNamed(): Error {
  return validationError('One of ChangeSetName, OperationId or StackName must be specified');
}

interface OperationEvent {
  readonly EventType: 'STACK_EVENT' | 'PROGRESS_EVENT' | 'VALIDATION_ERROR' | 'PROVISIONING_ERROR';
  readonly [member: string]: unknown;
}

function operationEvents(
  deps: CloudFormationDeps,
  stack: Stack,
  operation: StackOperation,
): OperationEvent[] {
  const common = {
    StackId: stack.id,
    OperationId: operation.id,
    OperationType: operation.type,
    ClientRequestToken: operation.clientRequestToken,
  };
  const ended = operation.endedAtMs;
  return [
    {
      EventId: operation.id,
      ...common,
      OperationStatus: operation.status,
      EventType: 'STACK_EVENT',
      Timestamp: new Date(ended ?? operation.startedAtMs),
      StartTime: new Date(operation.startedAtMs),
      EndTime: ended === undefined ? undefined : new Date(ended),
    },
    ...stack.events
      .filter((event) => event.operationId === operation.id)
      .map((event) => ({ ...common, ...progressEvent(event) })),
    ...deps.store
      .changeSetsOf(stack)
      .filter((changeSet) => changeSet.operationId === operation.id)
      .flatMap((changeSet) => findingEvents(changeSet).map((event) => ({ ...common, ...event }))),
  ];
}

function progressEvent(event: StackEvent): OperationEvent {
  const failed = event.resourceType !== STACK_TYPE && event.status.endsWith('_FAILED');
  return {
    EventType: failed ? 'PROVISIONING_ERROR' : 'PROGRESS_EVENT',
    ...resourceEventShape(event),
  };
}

function findingEvents(changeSet: ChangeSet): OperationEvent[] {
  return changeSet.findings.map((finding, index) => ({
    EventId: `${changeSet.operationId}-${finding.logicalId}-${index}`,
    EventType: 'VALIDATION_ERROR',
    LogicalResourceId: finding.logicalId,
    PhysicalResourceId: finding.physicalId,
    ResourceType: finding.type,
    Timestamp: new Date(changeSet.endedAtMs ?? changeSet.createdAtMs),
    ValidationFailureMode: finding.mode,
    ValidationName: finding.name,
    ValidationStatus: 'FAILED',
    ValidationStatusReason: finding.reason,
    ValidationPath: finding.path,
  }));
}

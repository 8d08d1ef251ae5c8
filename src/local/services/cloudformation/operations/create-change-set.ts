import type { Operation, OperationInput } from '../../../protocols/operation.ts';
import { sameValue } from '../../../resources/value.ts';
import { ServiceError } from '../../../seams.ts';
import type { ChangeSet } from '../change-set.ts';
import { evaluateChangeSet, fail } from '../change-set-evaluation.ts';
import { DEFINITION_INPUTS, readDefinition } from '../definition.ts';
import type { CloudFormationDeps } from '../deps.ts';
import { validationError } from '../engine/template-error.ts';
import { beginOperation, Recorder } from '../executor/recorder.ts';
import { changeSetArn, stackArn } from '../ids.ts';
import {
  booleanInput,
  disableRollbackInput,
  enumInput,
  newStackNameInput,
  refuseOthers,
  requiredText,
  stackNameInput,
  textInput,
} from '../input.ts';
import { planUpdate, refuseUnlessUpdatable } from '../plan.ts';
import { Stack, type StackDefinition } from '../stack.ts';

const INPUTS = [
  ...DEFINITION_INPUTS,
  'ChangeSetName',
  'ChangeSetType',
  'ClientToken',
  'DeploymentConfig',
  'Description',
  'DisableValidation',
  // Accepted without effect, because nested stacks are not emulated.
  'IncludeNestedStacks',
  'OnStackFailure',
  'RoleARN',
  'StackName',
];
const NAME = /^[a-zA-Z][-a-zA-Z0-9]{0,127}$/;

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html */
export function createChangeSet(deps: CloudFormationDeps): Operation {
  return async (input) => {
    const name = changeSetNameInput(input);
    refuseOthers(input, INPUTS);
    const kind = readKind(input);
    const target = kind.type === 'CREATE' ? newTarget(deps, input, name) : existingTarget(deps, input);
    const { stack } = target;
    const definition = readDefinition(deps, input, stack, target.isNew ? undefined : stack);
    const repeated = deps.store
      .changeSetsOf(stack)
      .find((other) => other.name === name && ['AVAILABLE', 'UNAVAILABLE'].includes(other.executionStatus));
    if (repeated !== undefined) {
      refuseMismatch(repeated, definition);
      return { Id: repeated.id, StackId: stack.id };
    }
    const validates = booleanInput(input, 'DisableValidation') !== true;
    // A change that can't be compared at all is refused immediately. Other problems are found in the background.
    if (!target.isNew) planUpdate(stack, definition);
    if (target.isNew) register(deps, stack);
    const description = textInput(input, 'Description');
    const operation = beginOperation(
      stack,
      clockOf(deps),
      'CREATE_CHANGESET',
      textInput(input, 'ClientToken'),
    );
    const changeSet: ChangeSet = {
      id: changeSetArn(deps.cloud, name, deps.newId()),
      name,
      stackId: stack.id,
      stackName: stack.name,
      ...kind,
      createdAtMs: deps.cloud.now(),
      definition,
      operationId: operation.id,
      ...(description === undefined ? {} : { description }),
      status: 'CREATE_PENDING',
      statusReason: undefined,
      executionStatus: 'UNAVAILABLE',
      changes: [],
      findings: [],
      endedAtMs: undefined,
    };
    deps.store.addChangeSet(changeSet);
    deps.background(async () => {
      try {
        await evaluateToEnd(deps, stack, changeSet, validates);
      } finally {
        operation.endedAtMs = deps.cloud.now();
        operation.status = changeSet.status === 'FAILED' ? 'FAILED' : 'SUCCEEDED';
      }
    });
    return { Id: changeSet.id, StackId: stack.id };
  };
}

/** Evaluates a change set. Whatever fails, the change set gets a final status, because clients wait for one. */
async function evaluateToEnd(
  deps: CloudFormationDeps,
  stack: Stack,
  changeSet: ChangeSet,
  validates: boolean,
): Promise<void> {
  try {
    await evaluateChangeSet(deps, stack, changeSet, validates);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    fail(changeSet, error.message);
  } finally {
    if (changeSet.status !== 'CREATE_COMPLETE' && changeSet.status !== 'FAILED') {
      fail(changeSet, 'Internal Failure');
    }
  }
}

/** The type of a change set, and what happens to the stack if its execution fails. Undefined means a rollback. */
function readKind(input: OperationInput): Pick<ChangeSet, 'type' | 'onStackFailure'> {
  const type = enumInput(input, 'ChangeSetType', ['CREATE', 'UPDATE', 'IMPORT']) ?? 'UPDATE';
  if (type === 'IMPORT') throw validationError('ChangeSetType IMPORT is not emulated by the local cloud');
  const disableRollback = disableRollbackInput(input) === true;
  const onStackFailure =
    enumInput(input, 'OnStackFailure', ['DO_NOTHING', 'ROLLBACK', 'DELETE']) ??
    (disableRollback ? 'DO_NOTHING' : undefined);
  if (onStackFailure === 'DELETE' && type === 'UPDATE') {
    throw validationError('OnStackFailure DELETE is only valid for a change set of type CREATE');
  }
  return { type, ...(onStackFailure === undefined ? {} : { onStackFailure }) };
}

function changeSetNameInput(input: OperationInput): string {
  const name = requiredText(input, 'ChangeSetName');
  if (!NAME.test(name)) {
    throw validationError(
      `1 validation error detected: Value '${name}' at 'changeSetName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*`,
    );
  }
  return name;
}

interface Target {
  readonly stack: Stack;
  /** Whether the stack was created by this change set. */
  readonly isNew: boolean;
}

/** For a new stack: there must be none of that name, or one in review. */
function newTarget(deps: CloudFormationDeps, input: OperationInput, changeSetName: string): Target {
  const nameOrId = stackNameInput(input);
  const existing = deps.store.find(nameOrId);
  if (existing?.status === 'REVIEW_IN_PROGRESS') return { stack: existing, isNew: false };
  if (existing !== undefined || nameOrId.startsWith('arn:')) {
    throw validationError(
      `Stack [${nameOrId}] already exists and cannot be created again with the changeSet [${changeSetName}].`,
    );
  }
  const name = newStackNameInput(input);
  const id = stackArn(deps.cloud, name, deps.newId());
  return {
    stack: new Stack({ id, name, createdAtMs: deps.cloud.now(), status: 'REVIEW_IN_PROGRESS' }),
    isNew: true,
  };
}

function existingTarget(deps: CloudFormationDeps, input: OperationInput): Target {
  const stack = deps.store.get(stackNameInput(input));
  refuseUnlessUpdatable(stack);
  return { stack, isNew: false };
}

function register(deps: CloudFormationDeps, stack: Stack): void {
  deps.store.add(stack);
  const clock = clockOf(deps);
  const operation = beginOperation(stack, clock, 'CREATE_CHANGESET', undefined);
  operation.status = 'SUCCEEDED';
  operation.endedAtMs = deps.cloud.now();
  new Recorder(stack, clock, operation).stackStatus('REVIEW_IN_PROGRESS', 'User Initiated');
}

/** A change set of the same name: an equal request is answered again, a different one is refused. */
function refuseMismatch(existing: ChangeSet, definition: StackDefinition): void {
  const mismatch =
    existing.definition.templateBody !== definition.templateBody
      ? 'Template'
      : !sameValue([...existing.definition.prepared.parameters], [...definition.prepared.parameters])
        ? 'Parameters'
        : !sameValue(existing.definition.tags, definition.tags)
          ? 'Tags'
          : undefined;
  if (mismatch !== undefined) {
    throw new ServiceError(
      'AlreadyExistsException',
      `ChangeSet ${existing.name} cannot be created due to a mismatch with existing attribute ${mismatch}`,
    );
  }
}

function clockOf(deps: CloudFormationDeps): { now(): number; newId(): string } {
  return { now: () => deps.cloud.now(), newId: () => deps.newId() };
}

import { errorCodeOf, errorMessageOf, translateAwsError } from '../../aws/errors.ts';
import { awsError } from '../../errors.ts';
import { emptyBucket } from '../teardown/empty-bucket.ts';
import { type ChangeSet, createChangeSet, discardChangeSet } from './change-set.ts';
import { checkOwner } from './preflight.ts';
import {
  describeStack,
  describeStackResources,
  type EventMarker,
  type StackDescription,
} from './stack-api.ts';
import { type StackContext, stopIfInterrupted, untilDetached, untilInterrupted } from './stack-context.ts';
import {
  beginChangeSet,
  deleteStack,
  followChangeSet,
  followToEnd,
  recoverStack,
  stackFailure,
} from './stack-operations.ts';
import type { StackSpec } from './stack-specs.ts';
import { conditionOf } from './stack-state.ts';

/** A stack whose change set is ready. */
export interface PreparedStack {
  readonly spec: StackSpec;
  readonly operation: 'create' | 'update';
  readonly changeSet: ChangeSet;
}

/** The result for one stack. */
export interface StackOutcome {
  readonly stackName: string;
  readonly runtime: string | undefined;
  readonly outcome: 'created' | 'updated' | 'unchanged';
  readonly elapsedMs: number;
  readonly stack: StackDescription;
}

/** How often a stack is looked at and recovered. Each round ends with the stack in another state. */
const MAX_ROUNDS = 6;

/**
 * Brings a stack from any state into one that can be changed, and makes the change set. It does not execute it.
 * @throws ShedbenchError `name-clash`, `change-set-failed`, `stack-failed`, `stack-unsteady` (exit 3), `interrupted`,
 *   `detached` (exit 130)
 */
export async function prepareStack(
  context: StackContext,
  project: string,
  spec: StackSpec,
): Promise<PreparedStack> {
  const stopped = `Stopped before anything was done to ${spec.stackName}`;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    stopIfInterrupted(context, stopped);
    const found = await untilInterrupted(context, lookAtOwn(context, project, spec.stackName), stopped);
    const prepared =
      found === undefined || conditionOf(found.status) === 'absent'
        ? await makeChangeSet(context, spec, 'create')
        : await stepTowards(context, project, spec, found);
    if (prepared !== undefined) return prepared;
  }
  throw awsError(
    'stack-unsteady',
    `${spec.stackName} was in another state at each of ${MAX_ROUNDS} looks; somebody else is at work on it`,
    `Wait until they are done, then: ${context.pickUpCommand}`,
  );
}

/** The stack of a name. @throws ShedbenchError `name-clash` where it is not of the project */
async function lookAtOwn(
  context: StackContext,
  project: string,
  stackName: string,
): Promise<StackDescription | undefined> {
  const { first } = context.interrupt;
  const found = await describeStack(context, stackName, first);
  if (found !== undefined) await checkOwner(context, project, found, first);
  return found;
}

/** One round: makes the change set where the stack is ready for one, otherwise recovers the stack one step. */
async function stepTowards(
  context: StackContext,
  project: string,
  spec: StackSpec,
  found: StackDescription,
): Promise<PreparedStack | undefined> {
  const condition = conditionOf(found.status);
  const say = (what: string): void => {
    context.emit({ type: 'note', message: `${found.stackName} is in ${found.status}: ${what} first` });
  };
  switch (condition) {
    case 'absent':
      return undefined;
    case 'standing':
      return makeChangeSet(context, spec, 'update');
    case 'review':
      // Another change set exists that is not executed yet. A further one does not affect it.
      return makeChangeSet(context, spec, 'create');
    case 'busy':
      say('following that');
      await followToEnd(context, found);
      return undefined;
    case 'half-rolled-back':
    case 'half-updated':
      say('rolling it back');
      await recoverStack(context, found, condition);
      return undefined;
    case 'hollow':
    case 'half-created':
    case 'half-deleted':
      break;
  }
  say('deleting it');
  await clearAway(context, project, found);
  return undefined;
}

/**
 * Deletes a stack that cannot be changed any more. Its bucket is emptied first, because the project's zips can be built
 * again.
 * @throws ShedbenchError `foreign-objects` if somebody else put something into the bucket, `stack-failed` if the stack
 *   does not go
 */
async function clearAway(context: StackContext, project: string, stack: StackDescription): Promise<void> {
  const { second } = context.interrupt;
  const resources = await untilDetached(context, describeStackResources(context, stack.stackId, second));
  for (const { resourceType, physicalId, status } of resources) {
    if (resourceType !== 'AWS::S3::Bucket' || physicalId === undefined || status === 'DELETE_COMPLETE')
      continue;
    await untilDetached(context, emptyBucket(context, project, physicalId, second));
  }
  const result = await deleteStack(context, stack, { expectedResources: resources.length });
  if (!result.deleted) throw stackFailure(stack.stackName, result);
}

/** The change set. Undefined if the stack changed in the meantime and has to be looked at again. */
async function makeChangeSet(
  context: StackContext,
  spec: StackSpec,
  operation: 'create' | 'update',
): Promise<PreparedStack | undefined> {
  try {
    const changeSet = await untilInterrupted(
      context,
      createChangeSet(context, {
        stackName: spec.stackName,
        type: operation === 'create' ? 'CREATE' : 'UPDATE',
        templateBody: spec.template.body,
        parameters: spec.parameters,
        tags: spec.tags,
      }),
      `Stopped before anything was done to ${spec.stackName}; a change set that was not executed may be left`,
    );
    return { spec, operation, changeSet };
  } catch (error) {
    if (saysStackMoved(error)) return undefined;
    throw error;
  }
}

/** True for CloudFormation's errors about a stack that somebody else changed since it was looked at. */
function saysStackMoved(error: unknown): boolean {
  const code = errorCodeOf(error);
  if (code === 'AlreadyExistsException' || /^InvalidChangeSetStatus/.test(code)) return true;
  return (
    code === 'ValidationError' &&
    /is in \w+ state and can ?not be|already exists and cannot be created again/.test(errorMessageOf(error))
  );
}

/** Deletes what `prepareStack` made. A failure is only a warning, so that the earlier error stays the one reported. */
export async function discardPrepared(context: StackContext, prepared: PreparedStack): Promise<void> {
  const { spec, operation, changeSet } = prepared;
  if (changeSet.kind === 'no-changes') return;
  const type = operation === 'create' ? 'CREATE' : 'UPDATE';
  try {
    await untilDetached(context, discardChangeSet(context, type, changeSet));
  } catch (reason) {
    const error = translateAwsError(reason, context.clients.target);
    context.emit({
      type: 'warning',
      code: 'clean-up-failed',
      message: `A change set of ${spec.stackName} stays behind: ${error instanceof Error ? error.message : String(error)}`,
      hint: `The next run clears it away: ${context.pickUpCommand}`,
    });
  }
}

/**
 * Executes a prepared change set and follows it to its end. The result is `moved` if another operation came first and
 * the stack has to be prepared again. A change set that could not be started is deleted.
 * @throws ShedbenchError `stack-failed` (exit 3), `interrupted`, `detached` (exit 130)
 */
export async function executePrepared(
  context: StackContext,
  prepared: PreparedStack,
): Promise<StackOutcome | 'moved'> {
  const { spec, operation, changeSet } = prepared;
  const { stackName, runtime } = spec;
  const { second } = context.interrupt;
  const startedMs = context.now();
  if (changeSet.kind === 'no-changes') {
    const stack = await untilDetached(context, describeStack(context, changeSet.stackId, second));
    return stack === undefined ? 'moved' : { stackName, runtime, outcome: 'unchanged', elapsedMs: 0, stack };
  }
  let from: EventMarker | undefined;
  try {
    from = await beginChangeSet(context, changeSet);
  } catch (error) {
    if (second.aborted) throw error;
    await discardPrepared(context, prepared);
    if (saysStackMoved(error)) return 'moved';
    throw error;
  }
  const { stack } = await followChangeSet(context, stackName, operation, changeSet, from);
  if (stack === undefined) return 'moved';
  const outcome = operation === 'create' ? 'created' : 'updated';
  return { stackName, runtime, outcome, elapsedMs: context.now() - startedMs, stack };
}

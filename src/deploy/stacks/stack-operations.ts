import {
  CancelUpdateStackCommand,
  ContinueUpdateRollbackCommand,
  DeleteStackCommand,
  RollbackStackCommand,
} from '@aws-sdk/client-cloudformation';
import { errorMessageOf } from '../../aws/errors.ts';
import { awsError, type ShedbenchError } from '../../errors.ts';
import { type ChangeSet, executeChangeSet, requestToken } from './change-set.ts';
import { type FollowResult, followStack } from './follow-stack.ts';
import { plainReason } from './plain-reason.ts';
import { type EventMarker, newestEvent } from './stack-api.ts';
import { interrupted, type StackContext, untilDetached } from './stack-context.ts';
import { firstCause } from './stack-monitor.ts';
import { isSuccess } from './stack-state.ts';

/** A stack as an operation needs it. */
export interface StackRef {
  readonly stackName: string;
  readonly stackId: string;
}

/**
 * Starts the execution of a change set. If this fails, nothing has started and the change set still exists.
 * @returns the point in the stack's history after which its events belong to the change set
 */
export async function beginChangeSet(
  context: StackContext,
  { stackId, changeSetId }: Extract<ChangeSet, { kind: 'ready' }>,
): Promise<EventMarker | undefined> {
  const { second } = context.interrupt;
  const marker = await untilDetached(context, newestEvent(context, stackId, second));
  await untilDetached(context, executeChangeSet(context, changeSetId, stackId, second));
  return marker;
}

/**
 * Follows an executed change set to its end. The first Ctrl-C turns it back: a creation is deleted, an update is cancelled, and
 * that is followed to its end.
 * @throws ShedbenchError `stack-failed` (exit 3), `interrupted`, `detached` (exit 130)
 */
export async function followChangeSet(
  context: StackContext,
  stackName: string,
  operation: 'create' | 'update',
  { stackId, changes }: Extract<ChangeSet, { kind: 'ready' }>,
  from: EventMarker | undefined,
): Promise<FollowResult> {
  const stack: StackRef = { stackName, stackId };
  const result = await followStack(context, {
    ...stack,
    from,
    expectedResources: changes.length,
    onInterrupt: () => turnBack(context, stack, operation),
  });
  if (isSuccess(operation, result.status)) return result;
  const turnedBack = isSuccess('delete', result.status) || isSuccess('rollback', result.status);
  if (result.interrupted && turnedBack) {
    throw interrupted(
      `Stopped: ${stackName} ${operation === 'create' ? 'is deleted again' : 'is as it was before'} (${result.status})`,
      `Begin again with: ${context.pickUpCommand}`,
    );
  }
  throw stackFailure(stackName, result);
}

/**
 * Follows an operation that somebody else started. Its failure is not an error here, and a Ctrl-C does not turn it back.
 * @throws ShedbenchError `interrupted` at the first Ctrl-C
 */
export async function followToEnd(context: StackContext, stack: StackRef): Promise<FollowResult> {
  return followStack(context, {
    ...stack,
    from: 'last-operation',
    expectedResources: 0,
    onInterrupt: async () => {
      throw interrupted(
        `Stopped watching ${stack.stackName}, on which CloudFormation continues to work`,
        `Continue with: ${context.pickUpCommand}`,
      );
    },
  });
}

/** Asks CloudFormation to undo the operation. If that is too late, the operation runs to its end. */
async function turnBack(
  context: StackContext,
  stack: StackRef,
  operation: 'create' | 'update',
): Promise<void> {
  context.emit({
    type: 'note',
    message: `Undoing the change of ${stack.stackName}; Ctrl-C again stops watching and leaves it to CloudFormation`,
  });
  if (operation === 'create') {
    await requestDelete(context, stack, []);
    return;
  }
  const cloudFormation = await context.clients.cloudFormation();
  try {
    await context.patience.call(
      (abortSignal) =>
        cloudFormation.send(
          new CancelUpdateStackCommand({
            StackName: stack.stackId,
            ClientRequestToken: requestToken('cancel', stack.stackId, String(context.now())),
          }),
          { abortSignal },
        ),
      context.interrupt.second,
    );
  } catch (error) {
    if (context.interrupt.second.aborted) throw error;
    // Only a running update can be cancelled, not its clean-up or its rollback.
    context.emit({
      type: 'warning',
      code: 'cannot-cancel',
      message: `${stack.stackName} can't be cancelled any more: ${errorMessageOf(error)}`,
    });
  }
}

/** The end of a deletion. */
export interface DeletionResult extends FollowResult {
  readonly deleted: boolean;
}

/**
 * Deletes a stack and follows the deletion to its end. The first Ctrl-C changes nothing, because CloudFormation cannot
 * turn a deletion back. The second one ends the command.
 * @param retain logical ids of resources to keep; allowed only if the stack is in DELETE_FAILED
 */
export async function deleteStack(
  context: StackContext,
  stack: StackRef,
  options: { readonly expectedResources: number; readonly retain?: readonly string[] },
): Promise<DeletionResult> {
  const marker = await newestEvent(context, stack.stackId, context.interrupt.second);
  await untilDetached(context, requestDelete(context, stack, options.retain ?? []));
  const result = await followStack(context, {
    ...stack,
    from: marker,
    expectedResources: options.expectedResources,
    onInterrupt: async () => {
      context.emit({
        type: 'note',
        message: `The deletion of ${stack.stackName} can't be undone; following it to its end. Ctrl-C again stops watching`,
      });
    },
  });
  return { ...result, deleted: isSuccess('delete', result.status) };
}

async function requestDelete(
  context: StackContext,
  stack: StackRef,
  retain: readonly string[],
): Promise<void> {
  const cloudFormation = await context.clients.cloudFormation();
  const input = {
    StackName: stack.stackId,
    // The time is part of the token, because a deletion after a failed one is a new request.
    ClientRequestToken: requestToken('delete', stack.stackId, String(context.now())),
    ...(retain.length === 0 ? {} : { RetainResources: [...retain] }),
  };
  await context.patience.call(
    (abortSignal) => cloudFormation.send(new DeleteStackCommand(input), { abortSignal }),
    context.interrupt.second,
  );
}

/**
 * Brings a stack back to its last good state after a failed update or a failed rollback.
 * @throws ShedbenchError `stack-failed` if that fails as well
 */
export async function recoverStack(
  context: StackContext,
  stack: StackRef,
  from: 'half-rolled-back' | 'half-updated',
): Promise<FollowResult> {
  const cloudFormation = await context.clients.cloudFormation();
  const marker = await newestEvent(context, stack.stackId, context.interrupt.second);
  const input = {
    StackName: stack.stackId,
    ClientRequestToken: requestToken(from, stack.stackId, String(context.now())),
  };
  await untilDetached(
    context,
    context.patience.call<unknown>(
      (abortSignal) =>
        from === 'half-rolled-back'
          ? cloudFormation.send(new ContinueUpdateRollbackCommand(input), { abortSignal })
          : cloudFormation.send(new RollbackStackCommand(input), { abortSignal }),
      context.interrupt.second,
    ),
  );
  const result = await followStack(context, { ...stack, from: marker, expectedResources: 0 });
  if (!isSuccess('rollback', result.status)) throw stackFailure(stack.stackName, result);
  return result;
}

/**
 * The error of a failed operation: the resource that failed first and its reason (exit 3). If the rollback failed as
 * well, that follows the cause.
 */
export function stackFailure(stackName: string, result: FollowResult): ShedbenchError {
  const { monitor, status, stack } = result;
  const cause = firstCause(monitor);
  const ending = `${stackName} ended in ${status}`;
  if (cause === undefined) {
    const reason = stack?.statusReason ?? monitor.stackReasons.at(-1) ?? 'no reason given';
    return awsError('stack-failed', `${ending}: ${plainReason(reason)}`, hintFor(stackName, reason, status));
  }
  const rollback = monitor.failures.length > 0 ? monitor.rollbackFailures[0] : undefined;
  const also =
    rollback === undefined
      ? ''
      : `; on the way back ${rollback.logicalId} (${rollback.resourceType}) failed too: ${plainReason(rollback.reason)}`;
  return awsError(
    'stack-failed',
    `${ending}: ${cause.logicalId} (${cause.resourceType}): ${plainReason(cause.reason)}${also}`,
    hintFor(stackName, cause.reason, status),
  );
}

/** What to do about a failed resource, for the reasons that these templates can cause. */
function hintFor(stackName: string, reason: string, status: string): string {
  if (/already exists/i.test(reason)) {
    return 'Something else has this name: take another project (--project NAME), or delete it first';
  }
  if (/not authorized|AccessDenied|access denied/i.test(reason)) {
    return 'Ask for this permission; docs/iam-policy.json in the package lists all that shedbench needs';
  }
  if (/limit|quota|exceeded|too many/i.test(reason)) {
    return 'Raise the quota (Service Quotas), or make room in the account, and deploy again';
  }
  if (status === 'DELETE_FAILED') {
    return 'Remove the cause and run shedbench teardown again; --retain LOGICAL_ID gives a resource up';
  }
  return `Remove the cause and deploy again, which converges; all events: aws cloudformation describe-stack-events --stack-name ${stackName}`;
}

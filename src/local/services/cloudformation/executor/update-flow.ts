import { ServiceError } from '../../../seams.ts';
import type { Environment } from '../engine/evaluate.ts';
import type { Dependencies } from '../engine/graph.ts';
import type {
  DeployedResource,
  ResourceRecord,
  Stack,
  StackDefinition,
  StackOutput,
  StackState,
} from '../stack.ts';
import {
  byPolicyOnRollback,
  byReplacePolicy,
  type DeletionPlan,
  deleteAll,
  reportUnmade,
} from './delete-flow.ts';
import { CREATION_CANCELLED, failedResources, UPDATE_CANCELLED } from './failure.ts';
import {
  currentEnvironment,
  dependenciesOf,
  evaluateOutputs,
  type FlowContext,
  resourceOperations,
  stopReason,
} from './flow.ts';
import { runGraph } from './scheduler.ts';

/**
 * Makes the definition the stack's stable state, with which later changes are compared and to which they are rolled
 * back.
 */
export function settle(stack: Stack, definition: StackDefinition, outputs: readonly StackOutput[]): void {
  const resources = new Map<string, DeployedResource>();
  for (const record of stack.resources.values()) {
    if (record.current !== undefined) resources.set(record.logicalId, record.current);
  }
  stack.outputs = outputs;
  stack.definition = definition;
  stack.stable = { definition, resources, outputs };
}

/**
 * Updates the stack to another definition. It ends in UPDATE_COMPLETE; after a failure in UPDATE_FAILED if rollback is
 * disabled, otherwise in UPDATE_ROLLBACK_COMPLETE or UPDATE_ROLLBACK_FAILED.
 */
export async function updateFlow(
  context: FlowContext,
  definition: StackDefinition,
  options: { readonly disableRollback: boolean },
): Promise<void> {
  const { stack, recorder, signal } = context;
  const { prepared } = definition;
  const environment = currentEnvironment(stack, prepared);
  const { isStopped, failures } = await updateResources(context, definition, environment);
  const stopped = stopReason(signal);
  if (stopped === 'shutdown') return;
  let reason = stopped === 'cancel' ? 'User Initiated' : failures;
  let outputs: readonly StackOutput[] = [];
  if (!isStopped) {
    try {
      outputs = evaluateOutputs(prepared, environment);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      reason = error.message;
    }
  }
  if (!isStopped && reason === '') {
    recorder.stackStatus('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
    const clean = await cleanUp(context, new Set(prepared.resources.keys()), {
      current: (_record, deployed) =>
        deployed.declaration.deletionPolicy === 'Delete' ? 'delete' : 'retain',
      leftover: byReplacePolicy,
    });
    settle(stack, definition, outputs);
    recorder.stackStatus(
      'UPDATE_COMPLETE',
      clean ? undefined : 'Update successful. One or more resources could not be deleted.',
    );
  } else if (options.disableRollback && stopped !== 'cancel') recorder.stackStatus('UPDATE_FAILED', reason);
  else {
    recorder.stackStatus('UPDATE_ROLLBACK_IN_PROGRESS', reason);
    await rollbackUpdate(context, new Set());
  }
}

/**
 * Creates and updates the resources of a definition, each after those that it needs. Starts no more after a failure.
 * @returns whether some resources were not reached, and a text with the names of those that failed, empty if none did
 */
async function updateResources(
  context: FlowContext,
  definition: StackDefinition,
  environment: Environment,
): Promise<{ readonly isStopped: boolean; readonly failures: string }> {
  const { stack, signal } = context;
  const { prepared } = definition;
  const operations = resourceOperations(context);
  const failures = { create: new Set<string>(), update: new Set<string>() };
  const run = await runGraph(
    dependenciesOf(prepared),
    async (id) => {
      const resource = prepared.resources.get(id);
      if (resource === undefined) return true;
      const record = stack.resources.get(id);
      const before = await usable(context, record);
      if (record === undefined || before === undefined) {
        const created = await operations.create(resource, environment, definition.tags);
        if (!created) failures.create.add(id);
        return created;
      }
      const updated = await operations.update(resource, environment, definition.tags, record, before);
      if (!updated) failures.update.add(id);
      return updated;
    },
    {
      stopOnFailure: true,
      signal,
      onStop: (ids) => operations.cancel(ids, { create: CREATION_CANCELLED, update: UPDATE_CANCELLED }),
    },
  );
  return {
    isStopped: run.stopped,
    failures:
      failedResources('create', [...failures.create]) + failedResources('update', [...failures.update]),
  };
}

/**
 * Returns the physical resource to update. The remains of a failed creation are deleted first, and the id is created
 * again.
 */
async function usable(
  context: FlowContext,
  record: ResourceRecord | undefined,
): Promise<DeployedResource | undefined> {
  if (record?.current === undefined || record.status !== 'CREATE_FAILED') return record?.current;
  const half = record.current;
  record.leftovers = [...record.leftovers, half];
  record.current = undefined;
  await resourceOperations(context).delete(record, half, { current: false, retain: false });
  return undefined;
}

/**
 * Restores every resource to the last stable state, then deletes what the update created.
 * @param skipped logical ids that ContinueUpdateRollback leaves unchanged
 */
export async function rollbackUpdate(context: FlowContext, skipped: ReadonlySet<string>): Promise<void> {
  const { stack, recorder } = context;
  const { stable } = stack;
  if (stable === undefined) throw new Error(`stack ${stack.name} has no state to roll back to`);
  const operations = resourceOperations(context);
  const { failed } = await runGraph(
    dependenciesAmong(stable),
    async (id) => {
      const target = stable.resources.get(id);
      const record = stack.resources.get(id);
      if (target === undefined || record === undefined) return true;
      const now = record.attempted ?? record.current;
      if (skipped.has(id)) {
        record.current = target;
        record.attempted = undefined;
        recorder.resourceStatus(record, 'UPDATE_COMPLETE', { physicalId: target.physicalId });
        return true;
      }
      if (now === target && record.status !== 'UPDATE_FAILED') return true;
      if (now !== undefined && now.physicalId !== target.physicalId) {
        record.leftovers = [...record.leftovers.filter((leftover) => leftover !== target), now];
        record.current = target;
        const event = { physicalId: target.physicalId, properties: target.properties };
        recorder.resourceStatus(record, 'UPDATE_IN_PROGRESS', event);
        recorder.resourceStatus(record, 'UPDATE_COMPLETE', event);
        return true;
      }
      return operations.updateInPlace(record, target, now ?? target);
    },
    { stopOnFailure: false },
  );
  if (failed.length > 0) {
    recorder.stackStatus('UPDATE_ROLLBACK_FAILED', failedResources('update', failed));
    return;
  }
  recorder.stackStatus('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
  reportUnmade(context);
  await cleanUp(context, new Set(stable.resources.keys()), {
    current: (_record, deployed) => byPolicyOnRollback(stack, deployed),
    leftover: () => 'delete',
  });
  stack.definition = stable.definition;
  stack.outputs = stable.outputs;
  recorder.stackStatus('UPDATE_ROLLBACK_COMPLETE');
}

/**
 * Deletes replaced resources and those that the template no longer has. As on AWS, a resource that can't be deleted
 * stays in the account and no longer belongs to the stack.
 */
async function cleanUp(
  context: FlowContext,
  wanted: ReadonlySet<string>,
  plan: DeletionPlan,
): Promise<boolean> {
  const { stack } = context;
  const failed = await deleteAll(context, {
    ...plan,
    current: (record, deployed) => (wanted.has(record.logicalId) ? 'leave' : plan.current(record, deployed)),
  });
  for (const record of [...stack.resources.values()]) {
    record.leftovers = [];
    if (!wanted.has(record.logicalId)) stack.resources.delete(record.logicalId);
  }
  return failed.length === 0;
}

function dependenciesAmong(state: StackState): Dependencies {
  return new Map(
    [...state.resources].map(([id, resource]) => [
      id,
      new Set([...resource.dependencies].filter((need) => state.resources.has(need))),
    ]),
  );
}

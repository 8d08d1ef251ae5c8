import { type Dependencies, dependents } from '../engine/graph.ts';
import type { DeployedResource, ResourceRecord, Stack } from '../stack.ts';
import { failedResources } from './failure.ts';
import { type FlowContext, resourceOperations } from './flow.ts';
import type { ResourceOperations } from './resource-operations.ts';
import { runGraph } from './scheduler.ts';

/** What becomes of a physical resource when a flow deletes. */
export type Fate = 'delete' | 'retain' | 'leave';

export interface DeletionPlan {
  /** The logical id's current resource. */
  readonly current: (record: ResourceRecord, deployed: DeployedResource) => Fate;
  /** A replaced or half-made one. */
  readonly leftover: (deployed: DeployedResource) => 'delete' | 'retain';
}

/** Deletes what the stack has, and the stack with it. Ends in DELETE_COMPLETE or DELETE_FAILED. */
export async function deleteFlow(context: FlowContext, retained: ReadonlySet<string>): Promise<void> {
  const { stack, recorder } = context;
  const failed = await deleteAll(context, {
    current: (record, deployed) =>
      retained.has(record.logicalId) || deployed.declaration.deletionPolicy !== 'Delete'
        ? 'retain'
        : 'delete',
    leftover: byReplacePolicy,
  });
  if (failed.length === 0) {
    stack.deletedAtMs = context.deps.now();
    recorder.stackStatus('DELETE_COMPLETE');
  } else recorder.stackStatus('DELETE_FAILED', failedResources('delete', failed));
}

/**
 * Undoes a failed creation. Ends in ROLLBACK_COMPLETE or ROLLBACK_FAILED; the caller has set ROLLBACK_IN_PROGRESS.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
 */
export async function rollbackCreation(context: FlowContext): Promise<void> {
  const { stack, recorder } = context;
  reportUnmade(context);
  const failed = await deleteAll(context, {
    current: (_record, deployed) => byPolicyOnRollback(stack, deployed),
    leftover: () => 'delete',
  });
  if (failed.length === 0) {
    stack.deletedAtMs = context.deps.now();
    recorder.stackStatus('ROLLBACK_COMPLETE');
  } else recorder.stackStatus('ROLLBACK_FAILED', failedResources('delete', failed));
}

/** What never came to be counts as deleted at once. */
export function reportUnmade(context: FlowContext): void {
  for (const record of context.stack.resources.values()) {
    if (record.current === undefined && record.status === 'CREATE_FAILED') {
      context.recorder.resourceStatus(record, 'DELETE_COMPLETE', { physicalId: '' });
    }
  }
}

/** Deletes physical resources as planned, each after everything that needs it; resolves with the ids that failed. */
export async function deleteAll(context: FlowContext, plan: DeletionPlan): Promise<readonly string[]> {
  const operations = resourceOperations(context);
  const concerned = (record: ResourceRecord): boolean =>
    record.leftovers.length > 0 ||
    (record.current !== undefined && plan.current(record, record.current) !== 'leave');
  const records = [...context.stack.resources.values()].filter(concerned);
  const { failed } = await runGraph(
    deletionOrder(records),
    async (id) => {
      const record = context.stack.resources.get(id);
      return record === undefined || deleteRecord(operations, record, plan);
    },
    { stopOnFailure: false },
  );
  return failed;
}

/** Whether the policy keeps the old one of a replaced resource. */
export function byReplacePolicy(deployed: DeployedResource): 'delete' | 'retain' {
  return deployed.declaration.updateReplacePolicy === 'Retain' ? 'retain' : 'delete';
}

/** Whether the policy keeps what the operation that is rolled back made. */
export function byPolicyOnRollback(stack: Stack, deployed: DeployedResource): 'delete' | 'retain' {
  return deployed.declaration.deletionPolicy === 'Retain' && !stack.retainExceptOnCreate
    ? 'retain'
    : 'delete';
}

async function deleteRecord(
  operations: ResourceOperations,
  record: ResourceRecord,
  plan: DeletionPlan,
): Promise<boolean> {
  let succeeded = true;
  for (const leftover of record.leftovers) {
    const options = { current: false, retain: plan.leftover(leftover) === 'retain' };
    succeeded = (await operations.delete(record, leftover, options)) && succeeded;
  }
  const { current } = record;
  const fate = current === undefined ? 'leave' : plan.current(record, current);
  if (current === undefined || fate === 'leave') return succeeded;
  const options = { current: true, retain: fate === 'retain' };
  return (await operations.delete(record, current, options)) && succeeded;
}

/** The order of deletion: a resource goes after everything that needs it. */
function deletionOrder(records: readonly ResourceRecord[]): Dependencies {
  const ids = new Set(records.map((record) => record.logicalId));
  return dependents(
    new Map(
      records.map((record) => {
        const all = [record.current, ...record.leftovers].flatMap((deployed) => [
          ...(deployed?.dependencies ?? []),
        ]);
        return [record.logicalId, new Set(all.filter((id) => ids.has(id)))];
      }),
    ),
  );
}

import { type Dependencies, dependents } from '../engine/graph.ts';
import type { DeployedResource, ResourceRecord, Stack } from '../stack.ts';
import { failedResources } from './failure.ts';
import { type FlowContext, resourceOperations } from './flow.ts';
import type { ResourceOperations } from './resource-operations.ts';
import { runGraph } from './scheduler.ts';

/** What a deletion does with a physical resource. */
export type Fate = 'delete' | 'retain' | 'leave';

export interface DeletionPlan {
  /** For the current resource of a logical id. */
  readonly current: (record: ResourceRecord, deployed: DeployedResource) => Fate;
  /** For a replaced or partly created resource. */
  readonly leftover: (deployed: DeployedResource) => 'delete' | 'retain';
}

/** Deletes the resources of the stack and the stack itself. It ends in DELETE_COMPLETE or DELETE_FAILED. */
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
 * Rolls back a failed creation. The caller has set ROLLBACK_IN_PROGRESS. It ends in ROLLBACK_COMPLETE or
 * ROLLBACK_FAILED.
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

/** Reports resources that were never created as deleted. */
export function reportUnmade(context: FlowContext): void {
  for (const record of context.stack.resources.values()) {
    if (record.current === undefined && record.status === 'CREATE_FAILED') {
      context.recorder.resourceStatus(record, 'DELETE_COMPLETE', { physicalId: '' });
    }
  }
}

/** Deletes physical resources, each after all resources that depend on it. Resolves to the ids that failed. */
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

/** Whether UpdateReplacePolicy keeps the old physical resource of a replacement. */
export function byReplacePolicy(deployed: DeployedResource): 'delete' | 'retain' {
  return deployed.declaration.updateReplacePolicy === 'Retain' ? 'retain' : 'delete';
}

/** Whether the deletion policy keeps a resource that the rolled-back operation created. */
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

/** The order of deletion: each resource after all resources that depend on it. */
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

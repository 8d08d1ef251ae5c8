import type { DataLoss, PlanHeading, PlannedStack } from '../../model/deploy-plan.ts';
import type { PreparedStack, StackOutcome } from './converge-stack.ts';
import { dataLossOf } from './data-loss.ts';
import type { DeployDeps } from './stack-context.ts';

/** The heading of every plan: who does what where. */
export function headingOf(context: DeployDeps, project: string): PlanHeading {
  const { kind, region, endpoint, profile } = context.clients.target;
  return {
    kind,
    accountId: context.identity.accountId,
    callerArn: context.identity.arn,
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(profile === undefined ? {} : { profile }),
    project,
  };
}

/** What executing a prepared stack would lose for good. */
export function lossesOf({ spec, operation, changeSet }: PreparedStack): readonly DataLoss[] {
  return operation === 'create' || changeSet.kind === 'no-changes'
    ? []
    : dataLossOf(spec.stackName, changeSet.changes);
}

/** The plan once change sets are made: each stack with its changes, and what needs none says so. */
export function withChanges(
  stacks: readonly PlannedStack[],
  prepared: readonly PreparedStack[],
): readonly PlannedStack[] {
  return stacks.map((stack) => {
    const change = prepared.find(({ spec }) => spec.stackName === stack.stackName)?.changeSet;
    if (change === undefined) return stack;
    if (change.kind === 'no-changes') return { ...stack, action: 'none', changes: [] };
    return { ...stack, changes: change.changes };
  });
}

/** The plan once some stacks are as they should be: what turned out to need nothing says so. */
export function withOutcomes(
  stacks: readonly PlannedStack[],
  done: readonly StackOutcome[],
): readonly PlannedStack[] {
  return stacks.map((stack) => {
    const outcome = done.find(({ stackName }) => stackName === stack.stackName)?.outcome;
    return outcome === 'unchanged' ? { ...stack, action: 'none', changes: [] } : stack;
  });
}

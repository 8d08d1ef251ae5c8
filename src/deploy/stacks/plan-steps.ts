import type { DataLoss, PlanHeading, PlannedStack } from '../../model/deploy-plan.ts';
import type { PreparedStack, StackOutcome } from './converge-stack.ts';
import { dataLossOf } from './data-loss.ts';
import type { DeployDeps } from './stack-context.ts';

/** The heading of every plan: the caller, the target and the project. */
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

/** The data that the execution of a prepared change set would destroy. */
export function lossesOf({ spec, operation, changeSet }: PreparedStack): readonly DataLoss[] {
  return operation === 'create' || changeSet.kind === 'no-changes'
    ? []
    : dataLossOf(spec.stackName, changeSet.changes);
}

/** The plan with the changes of the change sets. */
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

/** The plan with the results of the stacks that are finished. */
export function withOutcomes(
  stacks: readonly PlannedStack[],
  done: readonly StackOutcome[],
): readonly PlannedStack[] {
  return stacks.map((stack) => {
    const outcome = done.find(({ stackName }) => stackName === stack.stackName)?.outcome;
    return outcome === 'unchanged' ? { ...stack, action: 'none', changes: [] } : stack;
  });
}

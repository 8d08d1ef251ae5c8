import type {
  DeployPlan,
  PlanHeading,
  PlannedChange,
  PlannedStack,
  ReceiptLine,
  TeardownPlan,
} from '../model/deploy-plan.ts';
import type { ProgressEvent } from '../model/events.ts';
import { counted } from '../model/number-text.ts';
import { receiptLines } from '../model/receipt-lines.ts';

const ACTION_WORDS: Readonly<Record<PlannedStack['action'], string>> = {
  create: 'create',
  recreate: 'delete what a failed deploy left, then create',
  resume: 'follow the operation under way, then update',
  recover: 'finish its interrupted update, then update',
  update: 'update',
  none: 'nothing to change',
};

/** The plan of a `deploy` as lines: the place, the stacks, and the cost while nobody calls the functions. */
export function deployPlanLines(plan: DeployPlan): string[] {
  const width = Math.max(0, ...plan.stacks.map(({ stackName }) => stackName.length));
  const lines = headingLines(plan.heading);
  for (const stack of plan.stacks) {
    const functions = stack.functions.length === 0 ? '' : `, ${counted(stack.functions.length, 'function')}`;
    const status = stack.status === undefined ? '' : ` (is ${stack.status})`;
    lines.push(
      `  ${stack.stackName.padEnd(width)}  ${ACTION_WORDS[stack.action]}${functions}${stack.action === 'create' ? '' : status}`,
    );
    if (stack.action !== 'create') lines.push(...(stack.changes ?? []).map(changeLine));
  }
  for (const { kind, name, state, remedy } of plan.leftovers) {
    lines.push(
      `  ${kind === 'stack' ? 'stack' : 'log group'} ${name}: ${state}; ${remedy === 'clean' ? 'deleted, because it contains no data' : 'contains data, so you are asked before it is deleted'}`,
    );
  }
  lines.push('  Idle it costs nothing: everything is billed by use.');
  return lines;
}

function changeLine(change: PlannedChange): string {
  const replaced =
    change.replacement === 'always'
      ? ', replaced'
      : change.replacement === 'maybe'
        ? ', perhaps replaced'
        : '';
  return `    ${change.action} ${change.logicalId} (${change.resourceType})${replaced}`;
}

/**
 * Returns a function that gives a plan's lines whenever they change. A deploy emits its plan before the first change
 * and again when its change sets exist, which add nothing to the plan of new stacks.
 */
export function createPlanTeller(): (plan: DeployPlan) => string[] {
  let told = '';
  return (plan) => {
    const lines = deployPlanLines(plan);
    const text = lines.join('\n');
    if (text === told) return [];
    told = text;
    return lines;
  };
}

/** The findings of a `teardown`, which it will delete, as lines. */
export function teardownPlanLines(plan: TeardownPlan): string[] {
  const lines = headingLines(plan.heading);
  for (const { stackName, status, resources } of plan.stacks) {
    lines.push(`  delete ${stackName}: ${counted(resources, 'resource')} (is ${status})`);
  }
  if (plan.bucket !== undefined) {
    lines.push(`  empty the bucket ${plan.bucket.name}: ${counted(plan.bucket.objects, 'object version')}`);
  }
  for (const name of plan.logGroups) lines.push(`  delete the log group ${name}`);
  return lines;
}

function headingLines({
  kind,
  accountId,
  callerArn,
  region,
  endpoint,
  profile,
  project,
}: PlanHeading): string[] {
  const account = kind === 'aws' ? 'AWS account' : 'account';
  const place =
    kind === 'local' ? 'Local cloud of this machine, ' : kind === 'endpoint' ? `${endpoint}, ` : '';
  return [
    `${place}${account} ${accountId}, ${region}${profile === undefined ? '' : `, profile ${profile}`}, project ${project}`,
    ...(kind === 'local' ? [] : [`  as ${callerArn}`]),
  ];
}

/** The receipt of a teardown as one sentence, or as `receiptText` if something is left. */
export function receiptSummary(event: Extract<ProgressEvent, { type: 'receipt' }>): string[] {
  const { project, receipt } = event;
  if (receipt.some(({ left }) => left.length > 0)) return receiptText(event);
  const isStack = ({ resourceType }: ReceiptLine): boolean => resourceType === 'AWS::CloudFormation::Stack';
  const stacks = receipt.find(isStack)?.deleted ?? 0;
  const others = receipt.filter((line) => !isStack(line));
  const resources = others.reduce((sum, { deleted }) => sum + deleted, 0);
  return [
    `Project ${project} is deleted: ${counted(stacks, 'stack')} with ${counted(resources, 'resource')} of ${counted(others.length, 'type')}, 0 left.`,
  ];
}

/** The receipt of a teardown as lines. */
export function receiptText({ project, receipt }: Extract<ProgressEvent, { type: 'receipt' }>): string[] {
  const isGone = receipt.every(({ left }) => left.length === 0);
  return [
    isGone ? `Project ${project} is deleted:` : `Parts of project ${project} are left:`,
    ...receiptLines(receipt).map(({ text }) => text),
  ];
}

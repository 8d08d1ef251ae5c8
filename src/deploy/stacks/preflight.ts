import type { DataLoss, Leftover, PlannedStack } from '../../model/deploy-plan.ts';
import { assetsStackName } from '../../model/project.ts';
import { findFunctions } from '../discovery/functions.ts';
import { type FoundLogGroup, findLogGroups, isLateRemnant, logGroupTags } from '../discovery/log-groups.ts';
import { findMissingParts, partsMissing } from '../discovery/missing-parts.ts';
import { isOfProject, nameClash } from '../discovery/ownership.ts';
import { listChangeSets } from './change-set.ts';
import { describeStack, describeStackResources, type StackDescription } from './stack-api.ts';
import type { StackContext } from './stack-context.ts';
import { conditionOf, type StackCondition } from './stack-state.ts';

/** A stack that the deploy will create or update. */
export interface WantedStack {
  readonly stackName: string;
  readonly runtime: string | undefined;
  readonly functions: readonly string[];
}

/** What was found before a deploy, and what will be done about it. */
export interface Preflight {
  readonly stacks: readonly PlannedStack[];
  readonly leftovers: readonly Leftover[];
  /** The data that is lost when the leftovers are deleted. */
  readonly losses: readonly DataLoss[];
  /** Log groups without a function. They are deleted before the stack that creates them again. */
  readonly orphanedLogGroups: readonly string[];
}

/**
 * Checks every name that a deploy will use, and changes nothing.
 * @throws ShedbenchError exit 3: `name-clash` if a stack, function or log group of somebody else has one of the names,
 * `parts-missing` if somebody deleted parts of an existing stack by hand
 */
export async function inspect(
  context: StackContext,
  project: string,
  wanted: readonly WantedStack[],
  signal: AbortSignal,
): Promise<Preflight> {
  const parts = await Promise.all(wanted.map((stack) => inspectStack(context, project, stack, signal)));
  return {
    stacks: parts.map(({ stack }) => stack),
    leftovers: parts.flatMap(({ leftovers }) => leftovers),
    losses: parts.flatMap(({ losses }) => losses),
    orphanedLogGroups: parts.flatMap(({ orphanedLogGroups }) => orphanedLogGroups),
  };
}

interface Part {
  readonly stack: PlannedStack;
  readonly leftovers: readonly Leftover[];
  readonly losses: readonly DataLoss[];
  readonly orphanedLogGroups: readonly string[];
}

async function inspectStack(
  context: StackContext,
  project: string,
  wanted: WantedStack,
  signal: AbortSignal,
): Promise<Part> {
  const { stackName, runtime, functions } = wanted;
  const found = await describeStack(context, stackName, signal);
  if (found !== undefined) await checkOwner(context, project, found, signal);
  const condition = conditionOf(found?.status);
  const stack: PlannedStack = {
    stackName,
    ...(runtime === undefined ? {} : { runtime }),
    action: ACTIONS[condition],
    ...(found === undefined ? {} : { status: found.status }),
    functions,
  };
  if (condition === 'absent' && runtime !== undefined) {
    const orphans = await inspectOrphans(context, project, stackName, runtime, signal);
    return { stack, ...orphans };
  }
  if (condition === 'standing' && found !== undefined) {
    const missing = await findMissingParts(context, found, runtime, signal);
    if (missing.length > 0) throw partsMissing(context, project, stackName, runtime, missing);
  }
  const none = { leftovers: [], losses: [], orphanedLogGroups: [] };
  if (found === undefined || !LEFTOVERS.has(condition)) return { stack, ...none };
  const losses = await lossesOfHalfStack(context, found, condition, signal);
  const remedy = losses.length > 0 ? 'ask' : 'clean';
  return {
    stack,
    ...none,
    leftovers: [{ kind: 'stack', name: stackName, state: found.status, remedy }],
    losses,
  };
}

const ACTIONS: Readonly<Record<StackCondition, PlannedStack['action']>> = {
  absent: 'create',
  standing: 'update',
  busy: 'resume',
  review: 'create',
  hollow: 'recreate',
  'half-created': 'recreate',
  'half-deleted': 'recreate',
  'half-rolled-back': 'recover',
  'half-updated': 'recover',
};

const LEFTOVERS: ReadonlySet<StackCondition> = new Set(['review', 'hollow', 'half-created', 'half-deleted']);

/** @throws ShedbenchError `name-clash` unless the stack is of this project */
export async function checkOwner(
  context: StackContext,
  project: string,
  stack: StackDescription,
  signal: AbortSignal,
): Promise<void> {
  if (isOfProject(stack.tags, project)) return;
  // A stack gets its tags with the first execution. Until then its change sets show whose it is.
  if (stack.status === 'REVIEW_IN_PROGRESS') {
    const strangers = (await listChangeSets(context, stack.stackId, signal)).filter(({ ours }) => !ours);
    if (strangers.length === 0) return;
    throw nameClash('Stack', stack.stackName, `change set ${strangers[0]?.name ?? ''} waits for its review`);
  }
  const owner = stack.tags['shedbench:project'];
  throw nameClash(
    'Stack',
    stack.stackName,
    owner === undefined ? 'it has no tag shedbench:project' : `its tag says project ${owner}`,
  );
}

/**
 * The data that is lost when a half-created stack is deleted. A stack that was rolled back or only reviewed has none, and one
 * in DELETE_FAILED was to be deleted anyway.
 */
async function lossesOfHalfStack(
  context: StackContext,
  stack: StackDescription,
  condition: StackCondition,
  signal: AbortSignal,
): Promise<readonly DataLoss[]> {
  if (condition !== 'half-created') return [];
  const resources = await describeStackResources(context, stack.stackId, signal);
  return resources
    .filter(
      ({ resourceType, status }) => resourceType === 'AWS::DynamoDB::Table' && status === 'CREATE_COMPLETE',
    )
    .map(({ logicalId, physicalId }) => ({
      stackName: stack.stackName,
      kind: 'table-removed' as const,
      logicalId,
      name: physicalId ?? logicalId,
      reason: `${stack.stackName} is in ${stack.status} and can only be deleted, its table with it`,
    }));
}

/** Functions and log groups that have the project's names although their stack does not exist. */
async function inspectOrphans(
  context: StackContext,
  project: string,
  stackName: string,
  runtime: string,
  signal: AbortSignal,
): Promise<Omit<Part, 'stack'>> {
  const [functions, groups] = await Promise.all([
    findFunctions(context, project, runtime, signal),
    findLogGroups(context, project, runtime, signal),
  ]);
  const stranger = functions[0];
  if (stranger !== undefined) {
    const owner = stranger.tags['aws:cloudformation:stack-name'];
    throw nameClash(
      'Function',
      stranger.name,
      owner === undefined ? 'no stack of ours holds it' : `it belongs to stack ${owner}`,
    );
  }
  const judged = await Promise.all(
    groups.map(async (group) => ({ group, remnant: await judgeOrphan(context, project, group, signal) })),
  );
  return {
    leftovers: judged.map(({ group, remnant }) => ({
      kind: 'log-group',
      name: group.name,
      state: remnant ? 'its function was deleted; it holds only late lines' : 'its function was deleted',
      remedy: remnant ? 'clean' : 'ask',
    })),
    losses: judged
      .filter(({ remnant }) => !remnant)
      .map(({ group }) => ({
        stackName,
        kind: 'log-group-deleted' as const,
        name: group.name,
        reason: `${stackName} creates this log group again; the existing one holds lines of a deleted function`,
      })),
    orphanedLogGroups: groups.map(({ name }) => name),
  };
}

/** True for a log group that can be deleted without a question. */
async function judgeOrphan(
  context: StackContext,
  project: string,
  group: FoundLogGroup,
  signal: AbortSignal,
): Promise<boolean> {
  const tags = await logGroupTags(context, group, signal);
  if (Object.keys(tags).length > 0 && !isOfProject(tags, project)) {
    throw nameClash('Log group', group.name, 'its tags are of somebody else');
  }
  return isLateRemnant(context, group, signal);
}

/** The stacks that a deploy of these runtimes needs, the assets stack first. */
export function wantedStacks(
  project: string,
  apis: readonly {
    readonly stackName: string;
    readonly runtime: string;
    readonly functions: readonly string[];
  }[],
): readonly WantedStack[] {
  return [{ stackName: assetsStackName(project), runtime: undefined, functions: [] }, ...apis];
}

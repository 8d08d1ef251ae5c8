import { translateAwsError } from '../../aws/errors.ts';
import { awsError, ShedbenchError, usageError } from '../../errors.ts';
import { didYouMean } from '../../model/closest.ts';
import type { PlanHeading, ReceiptLine, TeardownPlan } from '../../model/deploy-plan.ts';
import { counted } from '../../model/number-text.ts';
import { settleAll } from '../../model/settle-all.ts';
import { withStep } from '../../model/with-step.ts';
import { readRecords, recordFileName, removeRecord, writeRecord } from '../../store/deployments.ts';
import { findProject, type ProjectStack } from '../discovery/find-project.ts';
import type { FollowResult } from '../stacks/follow-stack.ts';
import { gatherErrors } from '../stacks/gather-errors.ts';
import { createPatience } from '../stacks/patience.ts';
import { headingOf } from '../stacks/plan-steps.ts';
import { describeStackResources } from '../stacks/stack-api.ts';
import {
  type DeployDeps,
  type StackContext,
  stopIfInterrupted,
  untilDetached,
} from '../stacks/stack-context.ts';
import { deleteStack, followToEnd, stackFailure } from '../stacks/stack-operations.ts';
import { conditionOf } from '../stacks/stack-state.ts';
import { type BucketContent, emptyBucket, readBucket } from './empty-bucket.ts';
import { findOrphanedLogGroups, sweepLogGroups } from './orphaned-log-groups.ts';
import { makeReceipt, type TornStack } from './receipt.ts';

export interface TeardownOptions {
  readonly project: string;
  /** Deletes only these runtimes and keeps the bucket. Undefined: deletes everything. */
  readonly runtimes: readonly string[] | undefined;
  /** Labels of the shipped and the recorded runtimes, whose leftovers are looked for even where no stack is left. */
  readonly knownRuntimes: readonly string[];
  /** Logical ids of resources to keep where they cannot be deleted. */
  readonly retain: readonly string[];
  /** Called before anything is deleted. False leaves everything as it is. */
  readonly confirm: (plan: TeardownPlan) => Promise<boolean>;
  /** The command that continues after an interruption. */
  readonly pickUpCommand: string;
}

/** Something that could not be deleted, and what to do about it. */
export interface TeardownProblem {
  readonly stackName: string;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

export interface TeardownResult {
  /** `nothing`: there was nothing to delete. `incomplete`: something is left, see `receipt` and `problems`. */
  readonly outcome: 'nothing' | 'removed' | 'incomplete' | 'declined';
  readonly heading: PlanHeading;
  /** How stacks were looked for: all of the region by their tags, or by name where the caller may not list them. */
  readonly searchedBy: 'tags' | 'names';
  /** The names of stacks that were looked up where `searchedBy` is `names`; otherwise empty. */
  readonly names: readonly string[];
  readonly plan: TeardownPlan;
  readonly receipt: readonly ReceiptLine[];
  readonly problems: readonly TeardownProblem[];
}

/**
 * Deletes a project's stacks, found by project name, region and tags alone. It deletes the runtimes' stacks in
 * parallel, empties the bucket, deletes the bucket's stack, deletes log groups that came back, and looks for everything
 * once more. The result contains the resources that cannot be deleted; no error is thrown for them.
 * @throws ShedbenchError as `translateAwsError` returns it (exit 3), `interrupted`, `detached` (exit 130)
 */
export async function teardownProject(options: TeardownOptions, deps: DeployDeps): Promise<TeardownResult> {
  const patience = createPatience({ ...deps, target: deps.clients.target });
  const context: StackContext = { ...deps, patience, pickUpCommand: options.pickUpCommand };
  try {
    return await teardown(options, context);
  } catch (error) {
    throw translateAwsError(error, deps.clients.target);
  }
}

/** A stack that will be deleted, as it was found. */
interface Condemned extends ProjectStack {
  readonly resources: TornStack['resources'];
}

async function teardown(options: TeardownOptions, context: StackContext): Promise<TeardownResult> {
  const { project } = options;
  const heading = headingOf(context, project);
  const survey = await untilDetached(context, takeSurvey(options, context, heading));
  const { plan, searchedBy, names } = survey;
  const unchanged = { heading, searchedBy, names, plan, receipt: [], problems: [] };
  if (plan.stacks.length === 0 && plan.logGroups.length === 0) {
    await forget(options, context);
    return { outcome: 'nothing', ...unchanged };
  }
  context.emit({ type: 'teardown-plan', plan });
  refuseProtected([...survey.apis, ...survey.assets]);
  refuseUnknownResources(options.retain, [...survey.apis, ...survey.assets]);
  const agreed = await options.confirm(plan);
  stopIfInterrupted(context, 'Stopped before anything was deleted');
  if (!agreed) return { outcome: 'declined', ...unchanged };

  const problems: TeardownProblem[] = [];
  const tear = (stack: Condemned): Promise<TornStack> => tearStack(options, context, stack, problems);
  const torn = [...(await settleAll(survey.apis.map(tear), gatherErrors))];
  const standing = new Set(torn.flatMap(({ deleted, runtime }) => (deleted ? [] : (runtime ?? []))));
  const goneRuntimes = survey.runtimes.filter((runtime) => !standing.has(runtime));
  const swept = await untilDetached(context, sweepLogGroups(context, project, goneRuntimes));
  stopIfInterrupted(context, 'Stopped after the stacks of the APIs');
  // The rollback of an API stack can need the objects in the bucket, so they stay while one of these stacks exists.
  const mayEmpty = problems.length === 0 && (await emptyBucketOf(context, project, survey, problems));
  torn.push(
    ...(mayEmpty ? await settleAll(survey.assets.map(tear), gatherErrors) : survey.assets.map(untouched)),
  );
  swept.push(...(await untilDetached(context, sweepLogGroups(context, project, goneRuntimes))));

  const receipt = await untilDetached(
    context,
    makeReceipt(context, project, torn, [...new Set(swept)], context.interrupt.second),
  );
  const left = receipt.some((line) => line.left.length > 0);
  const outcome = left || problems.length > 0 ? 'incomplete' : 'removed';
  if (outcome === 'removed') await forget(options, context);
  return { outcome, heading, searchedBy, names, plan, receipt, problems };
}

/** What exists before anything is deleted. */
interface Survey {
  readonly plan: TeardownPlan;
  readonly searchedBy: 'tags' | 'names';
  readonly names: readonly string[];
  /** The stacks of the APIs and of the loaders: all whose code is in the bucket. */
  readonly apis: readonly Condemned[];
  readonly assets: readonly Condemned[];
  readonly bucket: { readonly name: string; readonly content: BucketContent } | undefined;
  /** Every runtime whose leftover log groups will be deleted. */
  readonly runtimes: readonly string[];
}

async function takeSurvey(
  options: TeardownOptions,
  context: StackContext,
  heading: PlanHeading,
): Promise<Survey> {
  const { project } = options;
  const { second } = context.interrupt;
  const wanted = (runtime: string): boolean => options.runtimes?.includes(runtime) ?? true;
  const found = await findProject(context, project, options.knownRuntimes, second);
  if (found.strange.length > 0) {
    context.emit({
      type: 'warning',
      code: 'strange-stacks',
      message: `Tagged for ${project}, but with names that shedbench does not give, so left alone: ${found.strange.join(', ')}`,
    });
  }
  const condemned = await Promise.all(
    found.stacks
      .filter(({ runtime }) => (runtime === undefined ? options.runtimes === undefined : wanted(runtime)))
      .map(async (each) => ({
        ...each,
        resources: await describeStackResources(context, each.stack.stackId, second),
      })),
  );
  const apis = condemned.filter(({ kind }) => kind !== 'assets');
  const assets = condemned.filter(({ kind }) => kind === 'assets');
  const withStack = new Set(apis.flatMap(({ runtime }) => runtime ?? []));
  const runtimes = [...new Set([...withStack, ...options.knownRuntimes.filter(wanted)])];
  const stackless = runtimes.filter((runtime) => !withStack.has(runtime));
  const orphans = await findOrphanedLogGroups(context, project, stackless);
  const bucket = await surveyBucket(context, project, assets);
  const plan: TeardownPlan = {
    heading,
    stacks: condemned.map(({ stack, runtime, resources }) => ({
      stackName: stack.stackName,
      ...(runtime === undefined ? {} : { runtime }),
      status: stack.status,
      resources: resources.filter(({ status }) => status !== 'DELETE_COMPLETE').length,
    })),
    ...(bucket === undefined
      ? {}
      : {
          bucket: {
            name: bucket.name,
            objects: bucket.content.own.length + bucket.content.foreign.length,
          },
        }),
    logGroups: orphans,
  };
  return { plan, searchedBy: found.searchedBy, names: found.names, apis, assets, bucket, runtimes };
}

async function surveyBucket(
  context: StackContext,
  project: string,
  assets: readonly Condemned[],
): Promise<Survey['bucket']> {
  const [name] = assets.flatMap(({ resources }) => bucketsOf(resources));
  if (name === undefined) return undefined;
  const content = await readBucket(context, project, name, context.interrupt.second);
  return content === undefined ? undefined : { name, content };
}

/**
 * Empties the bucket and returns whether its stack can be deleted now. If the bucket contains an object of somebody
 * else, nothing is deleted.
 */
async function emptyBucketOf(
  context: StackContext,
  project: string,
  { bucket, assets }: Survey,
  problems: TeardownProblem[],
): Promise<boolean> {
  const assetsStack = assets[0]?.stack.stackName;
  if (bucket === undefined || assetsStack === undefined) return true;
  const { name } = bucket;
  try {
    await withStep(
      { id: 'empty-bucket', title: `Emptying s3://${name}` },
      context.emit,
      () => untilDetached(context, emptyBucket(context, project, name, context.interrupt.second)),
      (deleted) => ({ outcome: 'done', detail: `${counted(deleted, 'object')} deleted` }),
    );
    return true;
  } catch (error) {
    problems.push(toProblem(context, assetsStack, error));
    return false;
  }
}

/** @throws ShedbenchError `termination-protected` (exit 3) before anything is deleted */
function refuseProtected(condemned: readonly Condemned[]): void {
  const names = condemned
    .filter(({ stack }) => stack.terminationProtection)
    .map(({ stack }) => stack.stackName);
  const [first] = names;
  if (first === undefined) return;
  throw awsError(
    'termination-protected',
    `Nothing was deleted: ${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} protected from termination`,
    names
      .map(
        (name) =>
          `aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name ${name}`,
      )
      .join('; '),
  );
}

/**
 * The pause before a failed deletion is repeated, ms. Many deletions fail because something else is still being
 * deleted.
 */
const RETRY_DELETE_AFTER_MS = 3_000;

/** Deletes one stack in any state. A failure becomes a problem in the result, so that the other stacks are still deleted. */
async function tearStack(
  options: TeardownOptions,
  context: StackContext,
  condemned: Condemned,
  problems: TeardownProblem[],
): Promise<TornStack> {
  const { stack, runtime, resources } = condemned;
  const { stackName } = stack;
  try {
    const result = await withStep(
      { id: stackName, title: `Stack ${stackName}` },
      context.emit,
      () => deleteWhateverState(options, context, condemned),
      ({ status }) => ({ outcome: status === 'DELETE_COMPLETE' ? 'done' : 'failed' }),
    );
    const endings = new Map([...result.monitor.resources].map(([id, { status }]) => [id, status]));
    const deleted = result.status === 'DELETE_COMPLETE';
    if (!deleted) problems.push(toProblem(context, stackName, stackFailure(stackName, result)));
    return { stack, runtime, resources, deleted, endings };
  } catch (error) {
    problems.push(toProblem(context, stackName, error));
    return untouched(condemned);
  }
}

async function deleteWhateverState(
  options: TeardownOptions,
  context: StackContext,
  { stack, resources: before }: Condemned,
): Promise<FollowResult> {
  const { stackName } = stack;
  // A stack that is being created can be deleted at once. Every other operation has to end first.
  if (conditionOf(stack.status) === 'busy' && stack.status !== 'CREATE_IN_PROGRESS') {
    context.emit({ type: 'note', message: `${stackName} is in ${stack.status}: following that first` });
    const ended = await followToEnd(context, stack);
    if (ended.status === 'DELETE_COMPLETE') return ended;
  }
  const expectedResources = before.filter(({ status }) => status !== 'DELETE_COMPLETE').length;
  const once = await deleteStack(context, stack, { expectedResources });
  if (once.deleted) return once;
  const failed = [...once.monitor.resources.values()].filter(({ status }) => status === 'DELETE_FAILED');
  const retain = failed.map(({ logicalId }) => logicalId).filter((id) => options.retain.includes(id));
  context.emit({
    type: 'warning',
    code: 'delete-failed',
    message: `${stackFailure(stackName, once).message}; trying once more${retain.length === 0 ? '' : `, giving up ${retain.join(', ')}`}`,
  });
  await untilDetached(context, context.sleep(RETRY_DELETE_AFTER_MS, context.interrupt.second));
  // Objects that were added to the bucket in the meantime would make the second deletion fail as well.
  for (const bucket of bucketsOf(before)) {
    await untilDetached(context, emptyBucket(context, options.project, bucket, context.interrupt.second));
  }
  const twice = await deleteStack(context, stack, { expectedResources: failed.length, retain });
  const resources = new Map([...once.monitor.resources, ...twice.monitor.resources]);
  return { ...twice, monitor: { ...twice.monitor, resources } };
}

function bucketsOf(resources: TornStack['resources']): readonly string[] {
  return resources.flatMap(({ resourceType, physicalId = '', status }) =>
    resourceType === 'AWS::S3::Bucket' && physicalId !== '' && status !== 'DELETE_COMPLETE'
      ? [physicalId]
      : [],
  );
}

function untouched({ stack, runtime, resources }: Condemned): TornStack {
  return { stack, runtime, resources, deleted: false, endings: new Map() };
}

/** Converts an error to a problem of a stack. @throws the error itself if it is `detached` or a bug */
function toProblem(context: StackContext, stackName: string, error: unknown): TeardownProblem {
  const told = translateAwsError(error, context.clients.target);
  if (!(told instanceof ShedbenchError) || told.code === 'detached') throw told;
  const { code, message, hint } = told;
  return { stackName, code, message, ...(hint === undefined ? {} : { hint }) };
}

/**
 * Refuses a logical id that no stack has: it would have no effect.
 *
 * @throws usageError `no-such-resource`, before anything is deleted
 */
function refuseUnknownResources(retain: readonly string[], stacks: readonly Condemned[]): void {
  const known = [
    ...new Set(stacks.flatMap(({ resources }) => resources.map(({ logicalId }) => logicalId))),
  ].sort();
  const unknown = retain.find((id) => !known.includes(id));
  if (unknown === undefined) return;
  throw usageError(
    'no-such-resource',
    `No stack of the project has a resource with the logical id '${unknown}'.${didYouMean(unknown, known)}`,
    `--retain takes one of ${known.join(', ')}`,
  );
}

/** Removes the deleted runtimes from the record, and the record itself with its last runtime. */
async function forget(options: TeardownOptions, context: StackContext): Promise<void> {
  const { kind, region } = context.clients.target;
  const { accountId } = context.identity;
  const { project } = options;
  const { runtimes } = options;
  if (runtimes === undefined) {
    await removeRecord(context.cwd, { project, target: { kind, accountId, region } });
    return;
  }
  const fileName = recordFileName({ project, target: { kind, accountId, region } });
  const records = await readRecords(context.cwd, context.emit);
  const record = records.find((each) => recordFileName(each) === fileName);
  if (record === undefined) return;
  const kept = record.runtimes.filter(({ runtime }) => !runtimes.includes(runtime));
  await writeRecord(context.cwd, { ...record, runtimes: kept, updatedAtEpochMs: context.now() });
}

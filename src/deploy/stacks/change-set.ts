import { createHash } from 'node:crypto';
import {
  type Change,
  CreateChangeSetCommand,
  type CreateChangeSetCommandInput,
  type CreateChangeSetCommandOutput,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  type DescribeChangeSetCommandOutput,
  DescribeEventsCommand,
  ExecuteChangeSetCommand,
  ListChangeSetsCommand,
} from '@aws-sdk/client-cloudformation';
import { errorCodeOf, errorMessageOf } from '../../aws/errors.ts';
import { classifyFailure, isNotFound } from '../../aws/failure-kind.ts';
import { awsError, ShedbenchError } from '../../errors.ts';
import type { PlannedChange } from '../../model/deploy-plan.ts';
import { describeStack } from './stack-api.ts';
import { type StackContext, stopIfInterrupted } from './stack-context.ts';

/** The prefix of every change set's name, by which shedbench recognizes its own abandoned ones. */
const CHANGE_SET_PREFIX = 'shedbench-';

export interface ChangeSetRequest {
  readonly stackName: string;
  readonly type: 'CREATE' | 'UPDATE';
  readonly templateBody: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** A change set that can be executed, or the result that there is nothing to change. */
export type ChangeSet =
  | { readonly kind: 'no-changes'; readonly stackId: string }
  | {
      readonly kind: 'ready';
      readonly stackId: string;
      readonly changeSetId: string;
      readonly changes: readonly PlannedChange[];
    };

const FIRST_DELAY_MS = 150;
const MAX_DELAY_MS = 3_000;
const DELAY_GROWTH = 1.5;

/**
 * Makes a change set and waits until it can be executed. A change set that cannot be executed is deleted again, together with
 * the empty stack that CloudFormation creates for the first change set of a stack.
 * @throws ShedbenchError `change-set-failed` (exit 3) with CloudFormation's reasons; `interrupted` at the first Ctrl-C
 */
export async function createChangeSet(context: StackContext, request: ChangeSetRequest): Promise<ChangeSet> {
  const { second } = context.interrupt;
  // One name for all attempts, so that a repeated attempt is the same request.
  const name = `${CHANGE_SET_PREFIX}${context.now()}-${Math.floor(context.random() * 0xffffffff).toString(16)}`;
  const made = await requestChangeSet(context, toInput(context, request, name));
  if (made === 'no-changes') {
    const stack = await describeStack(context, request.stackName, second);
    return { kind: 'no-changes', stackId: stack?.stackId ?? request.stackName };
  }
  const changeSetId = made.Id ?? name;
  const stackId = made.StackId ?? request.stackName;
  const discard = () => discardChangeSet(context, request.type, { stackId, changeSetId });
  try {
    const description = await untilMade(context, changeSetId, stackId);
    if (description.Status === 'CREATE_COMPLETE') {
      return { kind: 'ready', stackId, changeSetId, changes: description.changes };
    }
    const reason = description.StatusReason ?? 'no reason given';
    const reasons = saysNoChanges(reason) ? [] : await failureReasons(context, changeSetId, reason, second);
    await discard();
    if (reasons.length === 0) return { kind: 'no-changes', stackId };
    throw awsError(
      'change-set-failed',
      `CloudFormation refuses the change of ${request.stackName}: ${reasons.join('; ')}`,
    );
  } catch (error) {
    if (error instanceof ShedbenchError && error.code === 'change-set-failed') throw error;
    if (second.aborted) throw error;
    await discard();
    stopIfInterrupted(context, `Stopped before anything was done to ${request.stackName}`);
    throw error;
  }
}

/** Requests the change set. Some endpoints say at once that it would change nothing; AWS says so only once it is made. */
async function requestChangeSet(
  context: StackContext,
  input: CreateChangeSetCommandInput,
): Promise<CreateChangeSetCommandOutput | 'no-changes'> {
  const cloudFormation = await context.clients.cloudFormation();
  try {
    return await context.patience.call(
      (abortSignal) => cloudFormation.send(new CreateChangeSetCommand(input), { abortSignal }),
      context.interrupt.second,
      { stopWaiting: context.interrupt.first },
    );
  } catch (error) {
    const { first, second } = context.interrupt;
    if (second.aborted || error === first.reason || classifyFailure(error) === 'aborted') {
      stopIfInterrupted(context, `Stopped before anything was done to ${input.StackName}`);
    }
    if (errorCodeOf(error) === 'ValidationError' && saysNoChanges(errorMessageOf(error))) return 'no-changes';
    throw error;
  }
}

function toInput(
  context: StackContext,
  request: ChangeSetRequest,
  name: string,
): CreateChangeSetCommandInput {
  return {
    StackName: request.stackName,
    ChangeSetName: name,
    ChangeSetType: request.type,
    ClientToken: name,
    Description: `shedbench ${context.toolVersion}`,
    TemplateBody: request.templateBody,
    Capabilities: ['CAPABILITY_IAM'],
    Parameters: Object.entries(request.parameters).map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
    })),
    Tags: Object.entries(request.tags).map(([Key, Value]) => ({ Key, Value })),
  };
}

type ChangeSetDescription = DescribeChangeSetCommandOutput & { readonly changes: readonly PlannedChange[] };

async function untilMade(
  context: StackContext,
  changeSetId: string,
  stackId: string,
): Promise<ChangeSetDescription> {
  const { first } = context.interrupt;
  let delayMs = FIRST_DELAY_MS;
  for (;;) {
    const description = await describeChangeSet(context, changeSetId, stackId, first);
    if (description.Status === 'CREATE_COMPLETE' || description.Status === 'FAILED') return description;
    await context.sleep(delayMs, first);
    delayMs = Math.min(MAX_DELAY_MS, delayMs * DELAY_GROWTH);
  }
}

/**
 * Deletes a change set that will not be executed. Also deletes the empty stack that was created for it, unless somebody else
 * has a change set for that stack. What does not exist counts as deleted.
 */
export async function discardChangeSet(
  context: StackContext,
  type: 'CREATE' | 'UPDATE',
  made: { readonly stackId: string; readonly changeSetId: string },
): Promise<void> {
  const { second } = context.interrupt;
  await deleteChangeSet(context, made.changeSetId, made.stackId, second);
  if (type === 'UPDATE') return;
  const others = await listChangeSets(context, made.stackId, second);
  // Read after the list: if a change set is missing there because it was executed, the status shows that.
  const stack = await describeStack(context, made.stackId, second);
  if (others.length > 0 || stack?.status !== 'REVIEW_IN_PROGRESS') return;
  const cloudFormation = await context.clients.cloudFormation();
  await context.patience.call(
    (abortSignal) =>
      cloudFormation.send(new DeleteStackCommand({ StackName: made.stackId }), { abortSignal }),
    second,
  );
}

/** The change sets of a stack that are not executed yet. Empty for a stack that does not exist. */
export async function listChangeSets(
  context: StackContext,
  stackId: string,
  signal: AbortSignal,
): Promise<readonly { readonly name: string; readonly ours: boolean }[]> {
  const cloudFormation = await context.clients.cloudFormation();
  const changeSets: { name: string; ours: boolean }[] = [];
  let nextToken: string | undefined;
  try {
    do {
      const input = { StackName: stackId, ...(nextToken === undefined ? {} : { NextToken: nextToken }) };
      const page = await context.patience.call(
        (abortSignal) => cloudFormation.send(new ListChangeSetsCommand(input), { abortSignal }),
        signal,
      );
      for (const { ChangeSetName: name = '', StackId } of page.Summaries ?? []) {
        // moto lists the change sets of every stack.
        if (StackId !== undefined && StackId !== stackId) continue;
        changeSets.push({ name, ours: name.startsWith(CHANGE_SET_PREFIX) });
      }
      nextToken = page.NextToken;
    } while (nextToken !== undefined && nextToken !== '');
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  return changeSets;
}

/**
 * True for CloudFormation's two messages about an empty change set.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets-create.html
 */
function saysNoChanges(reason: string): boolean {
  return /didn't contain changes|No updates are to be performed/i.test(reason);
}

async function describeChangeSet(
  context: StackContext,
  changeSetId: string,
  stackId: string,
  signal: AbortSignal,
): Promise<ChangeSetDescription> {
  const cloudFormation = await context.clients.cloudFormation();
  const changes: PlannedChange[] = [];
  let NextToken: string | undefined;
  for (;;) {
    const input = {
      ChangeSetName: changeSetId,
      StackName: stackId,
      ...(NextToken === undefined ? {} : { NextToken }),
    };
    const page = await context.patience.call(
      (abortSignal) => cloudFormation.send(new DescribeChangeSetCommand(input), { abortSignal }),
      signal,
    );
    for (const change of page.Changes ?? []) changes.push(...toPlannedChange(change));
    NextToken = page.NextToken;
    if (NextToken === undefined || NextToken === '') return { ...page, changes };
  }
}

/** A change in the form that the plan has. Empty for a change that is not about a resource. */
function toPlannedChange(change: Change): readonly PlannedChange[] {
  const resource = change.ResourceChange;
  if (resource === undefined) return [];
  const replacement = { True: 'always', Conditional: 'maybe', False: 'never' } as const;
  const action = {
    Add: 'add',
    Modify: 'modify',
    Remove: 'remove',
    Import: 'import',
    Dynamic: 'dynamic',
  } as const;
  return [
    {
      action: action[(resource.Action ?? 'Dynamic') as keyof typeof action] ?? 'dynamic',
      logicalId: resource.LogicalResourceId ?? '',
      ...(resource.PhysicalResourceId === undefined ? {} : { physicalId: resource.PhysicalResourceId }),
      resourceType: resource.ResourceType ?? '',
      replacement: replacement[(resource.Replacement ?? 'False') as keyof typeof replacement] ?? 'maybe',
    },
  ];
}

/**
 * The reasons why a change set failed. The validation before execution reports its reasons through DescribeEvents only.
 * If an endpoint does not have that operation, the status reason is all there is.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/validate-stack-deployments.html
 */
async function failureReasons(
  context: StackContext,
  changeSetId: string,
  statusReason: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const cloudFormation = await context.clients.cloudFormation();
  try {
    const answer = await cloudFormation.send(
      new DescribeEventsCommand({ ChangeSetName: changeSetId, Filters: { FailedEvents: true } }),
      { abortSignal: signal },
    );
    const reasons = (answer.OperationEvents ?? []).flatMap((event) => {
      const reason = event.ValidationStatusReason ?? event.HookStatusReason ?? event.ResourceStatusReason;
      if (reason === undefined || event.ValidationFailureMode === 'WARN') return [];
      const where = [
        event.LogicalResourceId,
        event.ResourceType === undefined ? '' : `(${event.ResourceType})`,
      ];
      const path = event.ValidationPath === undefined ? '' : ` at ${event.ValidationPath}`;
      return [`${where.filter(Boolean).join(' ')}${path}: ${reason}`];
    });
    if (reasons.length > 0) return [...new Set(reasons)];
  } catch (error) {
    if (signal.aborted) throw error;
    // The status reason still says what kind of failure it was.
    return [`${statusReason} (no details: ${errorMessageOf(error)})`];
  }
  return [statusReason];
}

/** Deletes a change set. One that does not exist counts as deleted. */
export async function deleteChangeSet(
  context: StackContext,
  changeSetId: string,
  stackId: string,
  signal: AbortSignal,
): Promise<void> {
  const cloudFormation = await context.clients.cloudFormation();
  try {
    await context.patience.call(
      (abortSignal) =>
        cloudFormation.send(new DeleteChangeSetCommand({ ChangeSetName: changeSetId, StackName: stackId }), {
          abortSignal,
        }),
      signal,
    );
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Starts the execution of a change set. The stack's events report its progress. */
export async function executeChangeSet(
  context: StackContext,
  changeSetId: string,
  stackId: string,
  signal: AbortSignal,
): Promise<void> {
  const cloudFormation = await context.clients.cloudFormation();
  await context.patience.call(
    (abortSignal) =>
      cloudFormation.send(
        new ExecuteChangeSetCommand({
          ChangeSetName: changeSetId,
          StackName: stackId,
          ClientRequestToken: requestToken(changeSetId),
        }),
        { abortSignal },
      ),
    signal,
  );
}

/** A request token of at most 128 characters: the same subject gives the same token, so that AWS recognizes a repetition. */
export function requestToken(...subject: readonly string[]): string {
  return `shedbench-${createHash('sha256').update(subject.join('\n')).digest('hex').slice(0, 32)}`;
}

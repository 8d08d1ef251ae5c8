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

/** Head of every change set's name, by which an abandoned one is known as ours. */
const CHANGE_SET_PREFIX = 'shedbench-';

export interface ChangeSetRequest {
  readonly stackName: string;
  readonly type: 'CREATE' | 'UPDATE';
  readonly templateBody: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** A change set that is ready; `changes` is empty only where nothing would change. */
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
 * Makes a change set and waits until it can be executed. What can't be, whatever the cause, is deleted again, together
 * with the empty stack that CloudFormation makes for a first one.
 * @throws ShedbenchError `change-set-failed` (exit 3) with CloudFormation's reasons; `interrupted` at the first Ctrl-C
 */
export async function createChangeSet(context: StackContext, request: ChangeSetRequest): Promise<ChangeSet> {
  const { second } = context.interrupt;
  // Named once per call of ours, so that a repeated attempt of it is the same request.
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

/** Asks for the change set; some endpoints say at once that it would change nothing, AWS only once it is made. */
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
 * Deletes a change set that will not be executed, and the empty stack that was made for it, unless somebody else has a
 * change set for that stack as well. What is gone already is as good.
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
  // Looked at after the list: a change set that is missing there since it was executed shows in the status here.
  const stack = await describeStack(context, made.stackId, second);
  if (others.length > 0 || stack?.status !== 'REVIEW_IN_PROGRESS') return;
  const cloudFormation = await context.clients.cloudFormation();
  await context.patience.call(
    (abortSignal) =>
      cloudFormation.send(new DeleteStackCommand({ StackName: made.stackId }), { abortSignal }),
    second,
  );
}

/** The names of a stack's change sets that wait to be executed; none for a stack that is gone. */
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
        // moto lists those of every stack.
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
 * CloudFormation's two ways of saying that a change set is empty.
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

/** A change as the plan tells it; none for a change that concerns no resource. */
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
 * Why a change set failed. Validation before execution gives its reasons through DescribeEvents alone; an endpoint that
 * has not got that operation leaves us with the status reason.
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
    // Without the details the status reason still says what kind of failure it was.
    return [`${statusReason} (no details: ${errorMessageOf(error)})`];
  }
  return [statusReason];
}

/** Deletes a change set; one that is gone already is as good. */
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

/** Begins what a change set describes; the stack's events tell the rest. */
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

/** The same token for the same subject, so that a repeated request is recognized as one; at most 128 characters. */
export function requestToken(...subject: readonly string[]): string {
  return `shedbench-${createHash('sha256').update(subject.join('\n')).digest('hex').slice(0, 32)}`;
}

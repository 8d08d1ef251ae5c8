import {
  DescribeStackEventsCommand,
  type DescribeStackEventsCommandOutput,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  type StackEvent as SdkStackEvent,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { isNotFound } from '../../aws/failure-kind.ts';
import type { StackContext } from './stack-context.ts';
import type { StackEvent } from './stack-monitor.ts';

/** The current state of a stack. */
export interface StackDescription {
  readonly stackName: string;
  readonly stackId: string;
  readonly status: string;
  readonly statusReason: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
  readonly createdAtEpochMs: number;
  readonly updatedAtEpochMs: number;
  readonly terminationProtection: boolean;
}

/** One resource of a stack. */
export interface StackResource {
  readonly logicalId: string;
  readonly physicalId: string | undefined;
  readonly resourceType: string;
  readonly status: string;
}

/** A stack by name or id. Undefined if there is none. A deleted one is found by its id only. */
export async function describeStack(
  context: StackContext,
  nameOrId: string,
  signal: AbortSignal,
): Promise<StackDescription | undefined> {
  const cloudFormation = await context.clients.cloudFormation();
  try {
    const answer = await context.patience.call(
      (abortSignal) =>
        cloudFormation.send(new DescribeStacksCommand({ StackName: nameOrId }), { abortSignal }),
      signal,
    );
    const stack = answer.Stacks?.[0];
    return stack === undefined ? undefined : toDescription(stack);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Every stack of the region that is not deleted; needs `cloudformation:DescribeStacks` on all of them. */
export async function describeAllStacks(
  context: StackContext,
  signal: AbortSignal,
): Promise<readonly StackDescription[]> {
  const cloudFormation = await context.clients.cloudFormation();
  const stacks: StackDescription[] = [];
  let NextToken: string | undefined;
  do {
    const page = await context.patience.call(
      (abortSignal) =>
        cloudFormation.send(new DescribeStacksCommand(NextToken === undefined ? {} : { NextToken }), {
          abortSignal,
        }),
      signal,
    );
    for (const stack of page.Stacks ?? []) stacks.push(toDescription(stack));
    NextToken = page.NextToken;
  } while (NextToken !== undefined && NextToken !== '');
  return stacks.filter(({ status }) => status !== 'DELETE_COMPLETE');
}

function toDescription(stack: Stack): StackDescription {
  const pairs = <T>(items: readonly T[] | undefined, key: keyof T, value: keyof T): Record<string, string> =>
    Object.fromEntries((items ?? []).map((item) => [String(item[key] ?? ''), String(item[value] ?? '')]));
  const createdAtEpochMs = stack.CreationTime?.getTime() ?? 0;
  return {
    stackName: stack.StackName ?? '',
    stackId: stack.StackId ?? '',
    status: stack.StackStatus ?? '',
    statusReason: stack.StackStatusReason || undefined,
    tags: pairs(stack.Tags, 'Key', 'Value'),
    outputs: pairs(stack.Outputs, 'OutputKey', 'OutputValue'),
    parameters: pairs(stack.Parameters, 'ParameterKey', 'ParameterValue'),
    createdAtEpochMs,
    updatedAtEpochMs: stack.LastUpdatedTime?.getTime() ?? createdAtEpochMs,
    terminationProtection: stack.EnableTerminationProtection ?? false,
  };
}

/**
 * The resources of a stack, by name or id. Empty if there is no such stack. A deleted stack is found by its id only.
 */
export async function describeStackResources(
  context: StackContext,
  nameOrId: string,
  signal: AbortSignal,
): Promise<readonly StackResource[]> {
  const cloudFormation = await context.clients.cloudFormation();
  try {
    const answer = await context.patience.call(
      (abortSignal) =>
        cloudFormation.send(new DescribeStackResourcesCommand({ StackName: nameOrId }), { abortSignal }),
      signal,
    );
    // moto also lists resources that it does not create, without a logical id.
    return (answer.StackResources ?? []).flatMap((resource) =>
      resource.LogicalResourceId === undefined
        ? []
        : [
            {
              logicalId: resource.LogicalResourceId,
              physicalId: resource.PhysicalResourceId,
              resourceType: resource.ResourceType ?? 'unknown',
              status: resource.ResourceStatus ?? '',
            },
          ],
    );
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

/** A point in a stack's history. Later events belong to later operations. */
export interface EventMarker {
  readonly eventId: string;
  readonly atEpochMs: number;
}

/**
 * The events after a marker, newest first; all events without one. Reading stops at the marker, because an old stack
 * has thousands of events.
 */
export async function eventsSince(
  context: StackContext,
  stackId: string,
  marker: EventMarker | undefined,
  signal: AbortSignal,
): Promise<readonly StackEvent[]> {
  const events: StackEvent[] = [];
  for await (const event of allEvents(context, stackId, signal)) {
    if (marker !== undefined && (event.eventId === marker.eventId || event.atEpochMs < marker.atEpochMs))
      break;
    events.push(event);
  }
  return events;
}

/** The newest event of a stack, as a marker. Undefined for a stack without events. */
export async function newestEvent(
  context: StackContext,
  stackId: string,
  signal: AbortSignal,
): Promise<EventMarker | undefined> {
  for await (const { eventId, atEpochMs } of allEvents(context, stackId, signal))
    return { eventId, atEpochMs };
  return undefined;
}

/** The events of a stack, newest first, page by page. Empty for a stack that the endpoint does not know any more. */
async function* allEvents(
  context: StackContext,
  stackId: string,
  signal: AbortSignal,
): AsyncGenerator<StackEvent, undefined> {
  let nextToken: string | undefined;
  do {
    const page = await eventsPage(context, stackId, nextToken, signal);
    for (const event of page?.StackEvents ?? []) yield toEvent(event);
    nextToken = page?.NextToken;
  } while (nextToken !== undefined && nextToken !== '');
}

async function eventsPage(
  context: StackContext,
  stackId: string,
  nextToken: string | undefined,
  signal: AbortSignal,
): Promise<DescribeStackEventsCommandOutput | undefined> {
  const cloudFormation = await context.clients.cloudFormation();
  const input = { StackName: stackId, ...(nextToken === undefined ? {} : { NextToken: nextToken }) };
  try {
    return await context.patience.call(
      (abortSignal) => cloudFormation.send(new DescribeStackEventsCommand(input), { abortSignal }),
      signal,
    );
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function toEvent(event: SdkStackEvent): StackEvent {
  // A hook that refuses gives its reason only in a field of its own.
  const reason = event.ResourceStatusReason ?? event.HookStatusReason;
  return {
    eventId: event.EventId ?? '',
    atEpochMs: event.Timestamp?.getTime() ?? 0,
    logicalId: event.LogicalResourceId ?? '',
    physicalId: event.PhysicalResourceId,
    resourceType: event.ResourceType ?? '',
    status: event.ResourceStatus ?? '',
    reason: reason === '' ? undefined : reason,
  };
}

import {
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
  ListTagsForResourceCommand,
  type LogGroup,
} from '@aws-sdk/client-cloudwatch-logs';
import { classifyFailure, isNotFound } from '../../aws/failure-kind.ts';
import { logGroupName, ROUTE_SPECS, ROUTES } from '../../model/route.ts';
import type { StackContext } from '../stacks/stack-context.ts';

/** A log group that has the name of a function of the project. */
export interface FoundLogGroup {
  readonly name: string;
  readonly arn: string;
  readonly createdAtEpochMs: number;
}

/** The four log groups of a runtime that exist, by exact name. */
export async function findLogGroups(
  context: StackContext,
  project: string,
  runtime: string,
  signal: AbortSignal,
): Promise<readonly FoundLogGroup[]> {
  const names = new Set(ROUTES.map((route) => logGroupName(project, runtime, route)));
  // The prefix also fits a runtime whose label begins with this one.
  const groups = await listLogGroups(context, `/aws/lambda/${project}-${runtime}-`, signal);
  return groups.filter(({ name }) => names.has(name));
}

/** Whether a log group of this very name exists. */
export async function logGroupExists(
  context: StackContext,
  name: string,
  signal: AbortSignal,
): Promise<boolean> {
  return (await listLogGroups(context, name, signal)).some((group) => group.name === name);
}

/**
 * The runtime labels in the names of log groups that begin with the project's name. A project whose name begins with
 * this one's yields labels too (`big-node` for `shed-big-node-…`). Only the tags of a stack tell which project it
 * belongs to.
 */
export async function labelsInLogGroups(
  context: StackContext,
  project: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const head = `/aws/lambda/${project}-`;
  const tails = ROUTES.map((route) => `-${ROUTE_SPECS[route].functionSuffix}`);
  const labels = (await listLogGroups(context, head, signal)).flatMap(({ name }) => {
    const tail = tails.find((each) => name.endsWith(each));
    const label = tail === undefined ? '' : name.slice(head.length, -tail.length);
    return label === '' ? [] : [label];
  });
  return [...new Set(labels)];
}

async function listLogGroups(
  context: StackContext,
  logGroupNamePrefix: string,
  signal: AbortSignal,
): Promise<readonly FoundLogGroup[]> {
  const logs = await context.clients.logs();
  const found: FoundLogGroup[] = [];
  let nextToken: string | undefined;
  do {
    const input = { logGroupNamePrefix, ...(nextToken === undefined ? {} : { nextToken }) };
    const page = await context.patience.call(
      (abortSignal) => logs.send(new DescribeLogGroupsCommand(input), { abortSignal }),
      signal,
    );
    found.push(...(page.logGroups ?? []).map(toFound));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return found;
}

function toFound(group: LogGroup): FoundLogGroup {
  return {
    name: group.logGroupName ?? '',
    // Tagging calls want the ARN without the `:*` that `arn` ends in.
    arn: (group.logGroupArn ?? group.arn ?? '').replace(/:\*$/, ''),
    createdAtEpochMs: group.creationTime ?? 0,
  };
}

/**
 * True for a log group that contains only late lines. When Lambda delivers lines after a group was deleted, it creates
 * the group again, so every line in it is older than the group itself. False if the endpoint cannot search events.
 */
export async function isLateRemnant(
  context: StackContext,
  group: FoundLogGroup,
  signal: AbortSignal,
): Promise<boolean> {
  const logs = await context.clients.logs();
  try {
    let nextToken: string | undefined;
    do {
      const input = {
        logGroupName: group.name,
        startTime: group.createdAtEpochMs,
        limit: 1,
        ...(nextToken === undefined ? {} : { nextToken }),
      };
      const page = await context.patience.call(
        (abortSignal) => logs.send(new FilterLogEventsCommand(input), { abortSignal }),
        signal,
      );
      if ((page.events ?? []).length > 0) return false;
      // An empty page need not be the last one.
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return true;
  } catch (error) {
    if (isNotFound(error)) return true;
    if (classifyFailure(error) === 'unsupported') return false;
    throw error;
  }
}

/** The tags of a log group. Empty for a group that does not exist, and where the endpoint has no tags. */
export async function logGroupTags(
  context: StackContext,
  group: FoundLogGroup,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const logs = await context.clients.logs();
  try {
    const answer = await context.patience.call(
      (abortSignal) => logs.send(new ListTagsForResourceCommand({ resourceArn: group.arn }), { abortSignal }),
      signal,
    );
    return answer.tags ?? {};
  } catch (error) {
    if (isNotFound(error) || classifyFailure(error) === 'unsupported') return {};
    throw error;
  }
}

/** Deletes a log group. A group that does not exist counts as deleted. */
export async function deleteLogGroup(
  context: StackContext,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const logs = await context.clients.logs();
  try {
    await context.patience.call(
      (abortSignal) => logs.send(new DeleteLogGroupCommand({ logGroupName: name }), { abortSignal }),
      signal,
    );
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

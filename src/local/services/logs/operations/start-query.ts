import type { SourceSelection } from '../../../insights/ast.ts';
import { compileQuery } from '../../../insights/compile-query.ts';
import { MAX_LIMIT, MAX_QUERY_LENGTH } from '../../../insights/parser.ts';
import type { QueryPlan } from '../../../insights/plan.ts';
import { QueryError } from '../../../insights/query-error.ts';
import type { Operation, OperationInput } from '../../../protocols/operation.ts';
import { ServiceError } from '../../../seams.ts';
import { groupSource } from '../group-source.ts';
import {
  invalidParameter,
  onlyKnown,
  optionalInteger,
  optionalString,
  optionalStrings,
  requiredString,
} from '../input.ts';
import type { LogGroup } from '../log-group.ts';
import type { LogGroups } from '../log-groups.ts';
import type { Queries } from '../queries.ts';

const MAX_GROUPS = 50;
const DEFAULT_LIMIT = 10_000;

/**
 * Compiles a query and schedules it. The time range is in epoch seconds, both ends inclusive.
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
 */
export function startQuery(groups: LogGroups, queries: Queries): Operation {
  return async (input) => {
    onlyKnown(input, [
      'logGroupName',
      'logGroupNames',
      'logGroupIdentifiers',
      'startTime',
      'endTime',
      'queryString',
      'limit',
      'queryLanguage',
    ]);
    const language = optionalString(input, 'queryLanguage') ?? 'CWLI';
    if (language !== 'CWLI') {
      throw invalidParameter(`The local cloud supports only the query language CWLI, not ${language}`);
    }
    const startSeconds = requiredSeconds(input, 'startTime');
    const endSeconds = requiredSeconds(input, 'endTime');
    if (startSeconds > endSeconds) throw invalidParameter('startTime must not be later than endTime');
    const limit = optionalInteger(input, 'limit', 1, MAX_LIMIT);
    const queryString = requiredString(input, 'queryString');
    const plan = compile(queryString);
    const queried =
      plan.source === undefined ? queriedGroups(groups, input) : sourceGroups(groups, input, plan.source);
    const queryId = queries.start({
      queryString,
      groupNames: queried.map((group) => group.name),
      plan,
      sources: queried.map((group) => groupSource(group, groups.logIdentifier(group))),
      startMs: startSeconds * 1_000,
      endMs: endSeconds * 1_000,
      limit: limit ?? (plan.hasLimit ? MAX_LIMIT : DEFAULT_LIMIT),
    });
    return { queryId };
  };
}

function compile(queryString: string): QueryPlan {
  if (queryString.length > MAX_QUERY_LENGTH) {
    throw invalidParameter(`queryString must be of at most ${MAX_QUERY_LENGTH} characters`);
  }
  try {
    return compileQuery(queryString);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    const { message, startCharOffset, endCharOffset } = error;
    throw new ServiceError('MalformedQueryException', message, 400, {
      queryCompileError: { location: { startCharOffset, endCharOffset }, message },
    });
  }
}

function requiredSeconds(input: OperationInput, name: string): number {
  const seconds = optionalInteger(input, name, 0, Number.MAX_SAFE_INTEGER / 1_000);
  if (seconds === undefined) throw invalidParameter(`${name} must be given, in epoch seconds`);
  return seconds;
}

/** Returns the groups that the query names by SOURCE. The request must not name others. */
function sourceGroups(
  groups: LogGroups,
  input: OperationInput,
  { names, namePrefixes }: SourceSelection,
): LogGroup[] {
  for (const member of ['logGroupName', 'logGroupNames', 'logGroupIdentifiers']) {
    if (input[member] !== undefined && input[member] !== null) {
      throw invalidParameter(`A query with SOURCE names its log groups itself: leave out ${member}`);
    }
  }
  const byPrefix = groups
    .list()
    .filter((group) => namePrefixes.some((prefix) => group.name.startsWith(prefix)));
  const chosen = [...new Set([...names.map((name) => queriedGroup(groups, name)), ...byPrefix])];
  if (chosen.length < 1 || chosen.length > MAX_GROUPS) {
    throw invalidParameter(
      `A query takes 1 to ${MAX_GROUPS} log groups, and its SOURCE finds ${chosen.length}`,
    );
  }
  return chosen;
}

function queriedGroups(groups: LogGroups, input: OperationInput): LogGroup[] {
  const name = optionalString(input, 'logGroupName');
  const names = optionalStrings(input, 'logGroupNames');
  const identifiers = optionalStrings(input, 'logGroupIdentifiers');
  const given = [name === undefined ? undefined : [name], names, identifiers].filter(
    (choice) => choice !== undefined,
  );
  const [chosen] = given;
  if (given.length !== 1 || chosen === undefined) {
    throw invalidParameter(
      'Exactly one of logGroupName, logGroupNames and logGroupIdentifiers must be given',
    );
  }
  if (chosen.length < 1 || chosen.length > MAX_GROUPS) {
    throw invalidParameter(`A query takes 1 to ${MAX_GROUPS} log groups, not ${chosen.length}`);
  }
  // A group that is named twice is read once.
  return [...new Set(chosen.map((identifier) => queriedGroup(groups, identifier)))];
}

function queriedGroup(groups: LogGroups, identifier: string): LogGroup {
  try {
    return groups.groupByIdentifier(identifier);
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== 'ResourceNotFoundException') throw error;
    throw new ServiceError(error.code, `Log group '${identifier}' does not exist`);
  }
}

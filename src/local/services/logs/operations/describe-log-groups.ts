import type { Operation } from '../../../protocols/operation.ts';
import {
  invalidParameter,
  onlyKnown,
  optionalInteger,
  optionalString,
  optionalStrings,
  pageToken,
  tokenPosition,
} from '../input.ts';
import type { LogGroup } from '../log-group.ts';
import type { LogGroups } from '../log-groups.ts';

const PAGE = 50;

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html */
export function describeLogGroups(groups: LogGroups): Operation {
  return async (input) => {
    onlyKnown(input, [
      'logGroupNamePrefix',
      'logGroupNamePattern',
      'logGroupIdentifiers',
      'logGroupClass',
      'limit',
      'nextToken',
    ]);
    const prefix = optionalString(input, 'logGroupNamePrefix');
    const pattern = optionalString(input, 'logGroupNamePattern');
    const identifiers = optionalStrings(input, 'logGroupIdentifiers');
    if ([prefix, pattern, identifiers].filter((choice) => choice !== undefined).length > 1) {
      throw invalidParameter(
        'Only one of logGroupNamePrefix, logGroupNamePattern and logGroupIdentifiers can be specified',
      );
    }
    const limit = optionalInteger(input, 'limit', 1, PAGE) ?? PAGE;
    const after = tokenPosition(input);
    const wanted = identifiers?.map((identifier) => groups.groupByIdentifier(identifier));
    const all = groups
      .list()
      .filter(
        (group) =>
          (prefix === undefined || group.name.startsWith(prefix)) &&
          (pattern === undefined || group.name.toLowerCase().includes(pattern.toLowerCase())) &&
          (wanted === undefined || wanted.includes(group)) &&
          (optionalString(input, 'logGroupClass') ?? 'STANDARD') === 'STANDARD' &&
          (after === undefined || group.name > after),
      );
    const page = all.slice(0, limit);
    return {
      logGroups: page.map((group) => describe(groups, group)),
      nextToken: all.length > limit ? pageToken(page.at(-1)?.name ?? '') : undefined,
    };
  };
}

function describe(groups: LogGroups, group: LogGroup): object {
  const arn = groups.arn(group);
  return {
    logGroupName: group.name,
    creationTime: group.createdAtMs,
    retentionInDays: group.retentionInDays,
    metricFilterCount: 0,
    arn: `${arn}:*`,
    logGroupArn: arn,
    logGroupClass: 'STANDARD',
    storedBytes: group.events.messageBytes,
  };
}

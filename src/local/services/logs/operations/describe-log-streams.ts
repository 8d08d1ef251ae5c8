import type { Operation } from '../../../protocols/operation.ts';
import { groupOf } from '../group-input.ts';
import {
  flag,
  invalidParameter,
  onlyKnown,
  optionalInteger,
  optionalString,
  pageToken,
  tokenPosition,
} from '../input.ts';
import type { LogGroups } from '../log-groups.ts';

const PAGE = 50;

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html */
export function describeLogStreams(groups: LogGroups): Operation {
  return async (input) => {
    onlyKnown(input, [
      'logGroupName',
      'logGroupIdentifier',
      'logStreamNamePrefix',
      'orderBy',
      'descending',
      'limit',
      'nextToken',
    ]);
    const group = groupOf(groups, input);
    const prefix = optionalString(input, 'logStreamNamePrefix');
    const orderBy = optionalString(input, 'orderBy') ?? 'LogStreamName';
    if (orderBy !== 'LogStreamName' && orderBy !== 'LastEventTime') {
      throw invalidParameter(`orderBy must be LogStreamName or LastEventTime, not ${orderBy}`);
    }
    if (orderBy === 'LastEventTime' && prefix !== undefined) {
      throw invalidParameter('Cannot order by LastEventTime with a logStreamNamePrefix.');
    }
    const direction = flag(input, 'descending') ? -1 : 1;
    const streams = [...group.streams]
      .filter((stream) => prefix === undefined || stream.name.startsWith(prefix))
      .sort((a, b) => {
        const byTime = orderBy === 'LastEventTime' ? (a.lastEventMs ?? 0) - (b.lastEventMs ?? 0) : 0;
        return direction * (byTime || (a.name < b.name ? -1 : 1));
      });
    const limit = optionalInteger(input, 'limit', 1, PAGE) ?? PAGE;
    const after = tokenPosition(input);
    const start = after === undefined ? 0 : streams.findIndex((stream) => stream.name === after) + 1;
    const page = streams.slice(start, start + limit);
    return {
      logStreams: page.map((stream) => ({
        logStreamName: stream.name,
        creationTime: stream.createdAtMs,
        firstEventTimestamp: stream.firstEventMs,
        lastEventTimestamp: stream.lastEventMs,
        lastIngestionTime: stream.lastIngestionMs,
        arn: `${groups.arn(group)}:log-stream:${stream.name}`,
        // AWS has returned 0 since 2019, whatever the stream contains.
        storedBytes: 0,
      })),
      nextToken: start + limit < streams.length ? pageToken(page.at(-1)?.name ?? '') : undefined,
    };
  };
}

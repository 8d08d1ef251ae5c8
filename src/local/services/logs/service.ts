import { awsJsonService } from '../../protocols/aws-json.ts';
import type { Cloud, LogStore, Service } from '../../seams.ts';
import { LogGroups } from './log-groups.ts';
import { createLogGroup } from './operations/create-log-group.ts';
import { createLogStream } from './operations/create-log-stream.ts';
import { deleteLogGroup } from './operations/delete-log-group.ts';
import { deleteRetentionPolicy } from './operations/delete-retention-policy.ts';
import { describeLogGroups } from './operations/describe-log-groups.ts';
import { describeLogStreams } from './operations/describe-log-streams.ts';
import { describeQueries } from './operations/describe-queries.ts';
import { filterLogEvents } from './operations/filter-log-events.ts';
import { getLogEvents } from './operations/get-log-events.ts';
import { getLogRecord } from './operations/get-log-record.ts';
import { getQueryResults } from './operations/get-query-results.ts';
import { listTagsForResource } from './operations/list-tags-for-resource.ts';
import { listTagsLogGroup } from './operations/list-tags-log-group.ts';
import { putLogEvents } from './operations/put-log-events.ts';
import { putRetentionPolicy } from './operations/put-retention-policy.ts';
import { startQuery } from './operations/start-query.ts';
import { stopQuery } from './operations/stop-query.ts';
import { tagResource } from './operations/tag-resource.ts';
import { untagResource } from './operations/untag-resource.ts';
import { Queries } from './queries.ts';

/** The parts of the cloud that CloudWatch Logs uses. */
export type LogsEnvironment = Pick<Cloud, 'accountId' | 'region' | 'now' | 'log'>;

/** Creates CloudWatch Logs: the store for other services that write logs, and the API. */
export function createLogs(environment: LogsEnvironment): {
  readonly store: LogStore;
  readonly service: Service;
} {
  const groups = new LogGroups(environment);
  const queries = new Queries(environment);
  const service = awsJsonService({
    signingName: 'logs',
    targetPrefix: 'Logs_20140328',
    jsonVersion: '1.1',
    log: (message) => environment.log(message),
    operations: {
      CreateLogGroup: createLogGroup(groups),
      CreateLogStream: createLogStream(groups),
      DeleteLogGroup: deleteLogGroup(groups),
      DeleteRetentionPolicy: deleteRetentionPolicy(groups),
      DescribeLogGroups: describeLogGroups(groups),
      DescribeLogStreams: describeLogStreams(groups),
      DescribeQueries: describeQueries(queries),
      FilterLogEvents: filterLogEvents(groups),
      GetLogEvents: getLogEvents(groups),
      GetLogRecord: getLogRecord(groups),
      GetQueryResults: getQueryResults(queries),
      ListTagsForResource: listTagsForResource(groups),
      ListTagsLogGroup: listTagsLogGroup(groups),
      PutLogEvents: putLogEvents(groups),
      PutRetentionPolicy: putRetentionPolicy(groups),
      StartQuery: startQuery(groups, queries),
      StopQuery: stopQuery(queries),
      TagResource: tagResource(groups),
      UntagResource: untagResource(groups),
    },
  });
  return { store: groups, service };
}

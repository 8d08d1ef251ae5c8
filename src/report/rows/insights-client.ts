import {
  type CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  GetQueryResultsCommand,
  type ResultField,
  StartQueryCommand,
  StopQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import type { InsightsPort, InsightsRow, QueryStatus } from './insights-port.ts';

/**
 * The largest number of rows in one answer. @see
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html
 */
const PAGE_ROWS = 10_000;

function rowOf(fields: readonly ResultField[]): InsightsRow {
  const row: Record<string, string> = {};
  for (const { field, value } of fields) {
    if (field !== undefined && value !== undefined) row[field] = value;
  }
  return row;
}

/** Queries Insights with an AWS SDK client, at the endpoint of that client. */
export function createInsightsPort(client: CloudWatchLogsClient): InsightsPort {
  return {
    async startQuery(request, signal) {
      const answer = await client.send(
        new StartQueryCommand({
          logGroupNames: [...request.logGroupNames],
          startTime: request.startEpochSeconds,
          endTime: request.endEpochSeconds,
          queryString: request.query,
          ...(request.limit === undefined ? {} : { limit: request.limit }),
        }),
        { abortSignal: signal },
      );
      if (answer.queryId === undefined) throw new Error('StartQuery answered without a queryId.');
      return answer.queryId;
    },
    async getQueryResults(queryId, nextToken, signal) {
      const answer = await client.send(
        new GetQueryResultsCommand({
          queryId,
          maxItems: PAGE_ROWS,
          ...(nextToken === undefined ? {} : { nextToken }),
        }),
        { abortSignal: signal },
      );
      const status: QueryStatus = answer.status ?? 'Unknown';
      return {
        status,
        // The rows of a running query are partial, so they are not read.
        rows: status === 'Complete' ? (answer.results ?? []).map(rowOf) : [],
        ...(answer.nextToken === undefined ? {} : { nextToken: answer.nextToken }),
      };
    },
    async stopQuery(queryId) {
      await client.send(new StopQueryCommand({ queryId }));
    },
    async logGroupCreatedAt(name, signal) {
      // The group of exactly this name comes before all others with this prefix.
      const answer = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name, limit: 1 }), {
        abortSignal: signal,
      });
      const group = answer.logGroups?.find(({ logGroupName }) => logGroupName === name);
      return group?.creationTime;
    },
  };
}

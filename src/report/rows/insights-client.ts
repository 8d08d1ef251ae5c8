import {
  type CloudWatchLogsClient,
  GetQueryResultsCommand,
  type ResultField,
  StartQueryCommand,
  StopQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import type { InsightsPort, InsightsRow, QueryStatus } from './insights-port.ts';

/** Rows that one answer holds at most. @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html */
const PAGE_ROWS = 10_000;

function rowOf(fields: readonly ResultField[]): InsightsRow {
  const row: Record<string, string> = {};
  for (const { field, value } of fields) {
    if (field !== undefined && value !== undefined) row[field] = value;
  }
  return row;
}

/** Asks Insights through an AWS SDK client, on AWS or wherever the client's endpoint points. */
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
        // Rows of a running query are partial: not worth turning over at every poll.
        rows: status === 'Complete' ? (answer.results ?? []).map(rowOf) : [],
        ...(answer.nextToken === undefined ? {} : { nextToken: answer.nextToken }),
      };
    },
    async stopQuery(queryId) {
      await client.send(new StopQueryCommand({ queryId }));
    },
  };
}

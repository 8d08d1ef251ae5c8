import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import type { LocalCloud } from '../../src/local/cloud.ts';

/** The messages of all events in a log group of a local cloud, in the order of time. */
export async function messagesOf(
  { endpoint, region, credentials }: LocalCloud,
  logGroupName: string,
): Promise<string[]> {
  const logs = new CloudWatchLogsClient({ endpoint, region, credentials });
  const messages: string[] = [];
  for await (const page of paginateFilterLogEvents({ client: logs }, { logGroupName })) {
    messages.push(...(page.events ?? []).map((event) => event.message ?? ''));
  }
  logs.destroy();
  return messages;
}

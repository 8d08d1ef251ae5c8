import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { createLogs } from '../../src/local/services/logs/service.ts';
import type { FakeLine } from './fake-insights.ts';
import { NOON } from './fixtures.ts';

/** A REPORT line as Lambda writes it. */
export function reportText(line: FakeLine, index: number): string {
  const id = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
  const parts = [
    `REPORT RequestId: ${id}`,
    `Duration: ${line.durationMs.toFixed(2)} ms`,
    `Billed Duration: ${line.billedMs} ms`,
    'Memory Size: 128 MB',
    `Max Memory Used: ${line.memoryMB} MB`,
    ...(line.initMs === undefined ? [] : [`Init Duration: ${line.initMs.toFixed(2)} ms`]),
    ...(line.status === undefined ? [] : [`Status: ${line.status}`]),
  ];
  return `${parts.join('\t')}\t\n`;
}

export interface LocalLogs {
  readonly client: CloudWatchLogsClient;
  close(): Promise<void>;
}

/**
 * Starts the local cloud's CloudWatch Logs on loopback, without its other services and without signatures, and fills it
 * with lines. Returns an SDK client for it.
 */
export async function openLocalLogs(
  groups: Readonly<Record<string, readonly FakeLine[]>>,
  nowEpochMs: () => number,
): Promise<LocalLogs> {
  // The log groups were created at the time of the runs in the fixtures.
  let isFilled = false;
  const { store, service } = createLogs({
    accountId: '123456789012',
    region: 'us-east-1',
    now: () => (isFilled ? nowEpochMs() : NOON),
    log: () => {},
  });
  for (const [name, lines] of Object.entries(groups)) {
    store.createLogGroup(name, {});
    lines.forEach((line, index) => {
      if (line.text !== undefined) {
        const stream = line.logStream ?? '2026/11/23/[$LATEST]0123456789abcdef';
        store.append(name, stream, [{ timestampMs: line.atEpochMs, message: line.text }]);
        return;
      }
      const id = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
      store.append(name, '2026/11/23/[$LATEST]0123456789abcdef', [
        { timestampMs: line.atEpochMs, message: `START RequestId: ${id} Version: $LATEST\n` },
        { timestampMs: line.atEpochMs, message: `END RequestId: ${id}\n` },
        { timestampMs: line.atEpochMs, message: reportText(line, index) },
      ]);
    });
  }
  isFilled = true;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [
          name,
          Array.isArray(value) ? value.join(', ') : (value ?? ''),
        ]),
      );
      service
        .handle({
          method: request.method ?? 'POST',
          path: '/',
          query: new URLSearchParams(),
          headers,
          body: Buffer.concat(chunks),
          requestId: 'request',
        })
        .then(
          (answer) => response.writeHead(answer.status, answer.headers).end(answer.body),
          (error: unknown) => response.writeHead(500).end(String(error)),
        );
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const client = new CloudWatchLogsClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  return {
    client,
    close: async () => {
      client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

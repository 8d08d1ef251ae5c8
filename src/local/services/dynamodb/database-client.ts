import { Agent, request } from 'node:http';

export interface DatabaseReply {
  readonly status: number;
  readonly body: string;
}

/** Sends the cloud's own operations to the database process. */
export interface DatabaseClient {
  /** Rejects if the process can't be reached or its answer is incomplete. */
  send(target: string, body: string | Buffer): Promise<DatabaseReply>;
  close(): void;
}

export function createDatabaseClient(port: number, accessKeyId: string): DatabaseClient {
  const agent = new Agent({ keepAlive: true });
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/local`;
  return {
    send: (target, body) =>
      new Promise((resolve, reject) => {
        const outgoing = request(
          {
            agent,
            host: '127.0.0.1',
            port,
            method: 'POST',
            headers: {
              'content-type': 'application/x-amz-json-1.0',
              'content-length': Buffer.byteLength(body),
              'x-amz-target': target,
              authorization,
            },
          },
          (incoming) => {
            const parts: Buffer[] = [];
            incoming.on('data', (part: Buffer) => parts.push(part));
            incoming.on('error', reject);
            incoming.on('end', () =>
              resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(parts).toString('utf8') }),
            );
          },
        );
        outgoing.on('error', reject);
        outgoing.end(body);
      }),
    close: () => agent.destroy(),
  };
}

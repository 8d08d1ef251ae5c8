import { createHash, createHmac } from 'node:crypto';
import { request } from 'node:http';
import type { LocalCloudState } from '../store/local-state.ts';

const SERVICE = 'shedbench';
const EMPTY_SHA256 = createHash('sha256').digest('hex');

export interface LocalAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * Sends one signed request without a body to the local cloud's own routes. Only the cloud that wrote the state file
 * knows the secret, so status 200 proves that this cloud answers on the port.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function requestLocalCloud(
  state: LocalCloudState,
  options: {
    readonly method: 'GET' | 'POST';
    readonly path: string;
    readonly nowEpochMs: number;
    readonly timeoutMs: number;
  },
): Promise<LocalAnswer> {
  const { method, path } = options;
  const stamp = new Date(options.nowEpochMs).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const host = new URL(state.endpoint).host;
  const scope = `${stamp.slice(0, 8)}/${state.region}/${SERVICE}/aws4_request`;
  const signedHeaders = 'host;x-amz-date';
  const canonical = `${method}\n${path}\n\nhost:${host}\nx-amz-date:${stamp}\n\n${signedHeaders}\n${EMPTY_SHA256}`;
  const toSign = `AWS4-HMAC-SHA256\n${stamp}\n${scope}\n${createHash('sha256').update(canonical).digest('hex')}`;
  const key = scope
    .split('/')
    .reduce<string | Buffer>(
      (secret, part) => createHmac('sha256', secret).update(part).digest(),
      `AWS4${state.secretAccessKey}`,
    );
  const signature = createHmac('sha256', key).update(toSign).digest('hex');
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port: state.port,
        method,
        path,
        agent: false,
        headers: {
          host,
          'x-amz-date': stamp,
          authorization: `AWS4-HMAC-SHA256 Credential=${state.accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`,
        },
        signal: AbortSignal.timeout(options.timeoutMs),
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
    outgoing.end();
  });
}

import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import type { LocalCloudState } from '../../../src/store/local-state.ts';
import { seededRandom } from '../../load/support/fuzz-responses.ts';
import { type FuzzRequest, fuzzRequest } from './requests.ts';

/** Requests under way together. */
const PARALLEL = 4;
/** Statuses of 500 and more that say what is wrong with the request. */
const REFUSALS = new Set([501, 503, 505]);
const STACKS_SWEPT_EVERY = 500;

export interface FuzzLimits {
  /** The longest that an answer may take, ms. */
  readonly answerMs: number;
  /** The most that the cloud and its database may hold together, MiB. */
  readonly memoryMiB: number;
}

export interface FuzzResult {
  readonly answers: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  /** Highest resident memory of the cloud and its database together; undefined where the system does not tell. */
  readonly peakMiB: number | undefined;
  /** One line each: a crash, a 500, a late answer, too much memory. */
  readonly faults: readonly string[];
}

/** Sends mutated requests to a running cloud and looks whether it answers each, in time, within its memory. */
export async function fuzzLocal(
  cloud: LocalCloudState,
  { seed, count, zip, limits }: { seed: number; count: number; zip: Buffer; limits: FuzzLimits },
): Promise<FuzzResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: PARALLEL });
  const answers: Record<string, number> = {};
  const faults: string[] = [];
  let slowestMs = 0;
  let peakMiB: number | undefined;
  let next = 0;
  const note = (fault: string): void => {
    if (faults.length < 50) faults.push(fault);
  };
  const one = async (index: number): Promise<void> => {
    const random = seededRandom((seed + index) >>> 0);
    const made = fuzzRequest(random, zip);
    const sentMs = performance.now();
    const what = `input ${index} (seed ${seed + index}), ${made.kind}`;
    try {
      const status = await send(cloud, made, agent, limits.answerMs);
      const tookMs = performance.now() - sentMs;
      slowestMs = Math.max(slowestMs, tookMs);
      const name = `${made.kind} ${status}`;
      answers[name] = (answers[name] ?? 0) + 1;
      if (status >= 500 && !REFUSALS.has(status))
        note(`${what}: ${status} for ${made.body.toString('latin1').slice(0, 200)}`);
      if (tookMs > limits.answerMs) note(`${what}: answered after ${Math.round(tookMs)} ms`);
    } catch (error) {
      note(
        `${what}: ${String(error)} after ${Math.round(performance.now() - sentMs)} ms: ${made.body.toString('latin1').slice(0, 200)}`,
      );
    }
  };
  const worker = async (): Promise<void> => {
    while (next < count && faults.length < 50) {
      const index = next;
      next += 1;
      await one(index);
      if (index % STACKS_SWEPT_EVERY === 0) {
        peakMiB = Math.max(peakMiB ?? 0, memoryMiB(cloud) ?? 0) || undefined;
        await sweepStacks(cloud, agent);
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  agent.destroy();
  if (peakMiB !== undefined && peakMiB > limits.memoryMiB) note(`the cloud took ${Math.round(peakMiB)} MiB`);
  return { answers, slowestMs, peakMiB, faults };
}

/** Change sets leave stacks in review behind, which would count as memory of the cloud. */
async function sweepStacks(cloud: LocalCloudState, agent: Agent): Promise<void> {
  for (let name = 0; name < 10; name += 1) {
    const body = `Action=DeleteStack&Version=2010-05-15&StackName=fuzz-${name}`;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    await send(
      cloud,
      {
        kind: 'sweep',
        service: 'cloudformation',
        method: 'POST',
        path: '/',
        headers,
        body: Buffer.from(body),
      },
      agent,
      10_000,
    );
  }
}

/** Resident memory of the cloud and its helpers from /proc; undefined where there is none. */
function memoryMiB(cloud: LocalCloudState): number | undefined {
  try {
    const kiB = [cloud, ...cloud.helpers].map(({ pid }) =>
      Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0),
    );
    return kiB.reduce((sum, value) => sum + value, 0) / 1024;
  } catch {
    return undefined;
  }
}

/** Signs and sends, and resolves with the status once the answer is whole. */
export function send(
  cloud: LocalCloudState,
  made: FuzzRequest,
  agent: Agent,
  limitMs: number,
): Promise<number> {
  const host = new URL(cloud.endpoint).host;
  const stamp = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = `${stamp.slice(0, 8)}/${cloud.region}/${made.service}/aws4_request`;
  const hash = createHash('sha256').update(made.body).digest('hex');
  const [path = '/', query = ''] = made.path.split('?');
  const canonicalPath = made.service === 's3' ? path : canonical(path);
  const text = `${made.method}\n${canonicalPath}\n${canonicalQuery(query)}\nhost:${host}\nx-amz-content-sha256:${hash}\nx-amz-date:${stamp}\n\nhost;x-amz-content-sha256;x-amz-date\n${hash}`;
  const toSign = `AWS4-HMAC-SHA256\n${stamp}\n${scope}\n${createHash('sha256').update(text).digest('hex')}`;
  const key = scope
    .split('/')
    .reduce<string | Buffer>(
      (secret, part) => createHmac('sha256', secret).update(part).digest(),
      `AWS4${cloud.secretAccessKey}`,
    );
  const signature = createHmac('sha256', key).update(toSign).digest('hex');
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        agent,
        host: '127.0.0.1',
        port: cloud.port,
        method: made.method,
        path: made.path,
        headers: {
          ...made.headers,
          host,
          'content-length': made.body.length,
          'x-amz-content-sha256': hash,
          'x-amz-date': stamp,
          authorization: `AWS4-HMAC-SHA256 Credential=${cloud.accessKeyId}/${scope}, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${signature}`,
        },
        signal: AbortSignal.timeout(limitMs * 5),
      },
      (incoming) => {
        incoming.on('error', reject);
        incoming.on('end', () => resolve(incoming.statusCode ?? 0));
        incoming.resume();
      },
    );
    outgoing.on('error', reject);
    outgoing.end(made.body);
  });
}

function canonical(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '.' && segment !== '') segments.push(encode(segment));
  }
  return `/${segments.join('/')}${segments.length > 0 && path.endsWith('/') ? '/' : ''}`;
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  return query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', ...value] = part.split('=');
      return `${decodedAndEncoded(name)}=${decodedAndEncoded(value.join('='))}`;
    })
    .sort()
    .join('&');
}

function decodedAndEncoded(text: string): string {
  try {
    return encode(decodeURIComponent(text));
  } catch {
    return encode(text);
  }
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

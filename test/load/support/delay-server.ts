import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** What a server's delays follow; times in ms. */
export type Delays =
  | { readonly kind: 'constant'; readonly ms: number }
  /** Every tenth request takes the longer time. */
  | { readonly kind: 'bimodal'; readonly ms: number; readonly everyTenthMs: number }
  /** No answer leaves in this span after the first request; each then leaves at its end. */
  | { readonly kind: 'stall'; readonly ms: number; readonly fromMs: number; readonly untilMs: number };

export interface DelayServer {
  readonly url: string;
  /** How many requests it had. */
  requests(): Promise<number>;
  close(): Promise<void>;
}

const SOURCE = `
const { parentPort, workerData: delays } = require('node:worker_threads');
const { createServer } = require('node:http');
const { performance } = require('node:perf_hooks');
let requests = 0;
let first;
const server = createServer((request, response) => {
  const now = performance.now();
  first ??= now;
  const index = requests++;
  let delay = delays.ms;
  if (delays.kind === 'bimodal' && index % 10 === 9) delay = delays.everyTenthMs;
  if (delays.kind === 'stall') {
    const at = now - first;
    if (at >= delays.fromMs && at < delays.untilMs) delay += delays.untilMs - at;
  }
  const end = () => {
    const left = now + delay - performance.now();
    // A timer may fire a little early; the truth must not.
    if (left > 0) setTimeout(end, left);
    else response.end('{"count":1}');
  };
  if (delay > 0) end();
  else response.end('{"count":1}');
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
parentPort.on('message', () => parentPort.postMessage(requests));
`;

/** A server whose delays are known, on a thread of its own, so that load and truth do not share an event loop. */
export async function delayServer(delays: Delays): Promise<DelayServer> {
  const worker = new Worker(SOURCE, { eval: true, workerData: delays });
  const [port] = (await once(worker, 'message')) as [number];
  return {
    url: `http://127.0.0.1:${port}`,
    async requests() {
      const answered = once(worker, 'message');
      worker.postMessage('count');
      const [count] = (await answered) as [number];
      return count;
    },
    async close() {
      await worker.terminate();
    },
  };
}

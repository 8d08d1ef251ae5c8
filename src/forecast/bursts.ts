import type { DatabaseWait, MeasuredInvocation } from '../model/forecast.ts';
import type { Burst } from './cpu-share.ts';

/** CPU time of TLS, in ms; 0 where the measured CPU time already includes it. */
export interface TlsCpu {
  /** For each connection that is opened. */
  readonly connectionMs: number;
  /** For each request over an open connection: encryption, and the client's longer way to the socket. */
  readonly requestMs: number;
}

/** The measured CPU time includes TLS, or the place has none. */
export const NO_TLS: TlsCpu = { connectionMs: 0, requestMs: 0 };

/** How the place of the forecast differs from the machine that ran the invocation. */
export interface Elsewhere {
  /** CPU time there for 1 ms of CPU time here. */
  readonly coreFactor: number;
  /** CPU time that the service itself spends around the handler within Duration, in ms. */
  readonly overheadMs: number;
  /** What TLS adds to the CPU time there. */
  readonly tls: TlsCpu;
  /** How long the database takes there for the n-th request of the invocation, in ms. */
  readonly databaseMs: (operation: string, index: number) => number;
}

/** Requests that were under way at the same time count as one wait. */
interface MergedWait {
  readonly startMs: number;
  readonly endMs: number;
  readonly connections: number;
  readonly requests: readonly { readonly operation: string; readonly index: number }[];
}

/**
 * The bursts of an invocation as they would be elsewhere. The waits for the database cut the invocation into stretches.
 * Its CPU time is spread over them by their lengths, since only its sum is known. What a stretch holds beside CPU time
 * and waiting for a core is another wait, such as a timer or another service, and stays as long as it was.
 */
export function burstsOf(invocation: MeasuredInvocation, elsewhere: Elsewhere): Burst[] {
  const { durationMs, cpuMs, queuedMs } = invocation;
  const waits = mergeWaits(invocation.waits);
  const edges = [0, ...waits.flatMap(({ startMs, endMs }) => [startMs, endMs]), durationMs];
  const stretches = [...waits, undefined].map((wait, index) => ({
    wait,
    lengthMs: Math.max(0, (edges[2 * index + 1] ?? 0) - (edges[2 * index] ?? 0)),
  }));
  const stretchesMs = stretches.reduce((sum, { lengthMs }) => sum + lengthMs, 0);
  const otherMs = Math.max(0, stretchesMs - cpuMs - queuedMs);
  const half = elsewhere.overheadMs / 2;
  return stretches.map(({ wait, lengthMs }, index) => {
    const share = stretchesMs > 0 ? lengthMs / stretchesMs : 1 / stretches.length;
    const around = (index === 0 ? half : 0) + (index === stretches.length - 1 ? half : 0);
    return {
      cpuMs: cpuMs * share * elsewhere.coreFactor + around + tlsMs(wait, elsewhere),
      waitMs: otherMs * share + (wait === undefined ? 0 : waitMs(wait, elsewhere)),
    };
  });
}

/** CPU time of TLS before a wait. */
function tlsMs(wait: MergedWait | undefined, { tls }: Elsewhere): number {
  return wait === undefined ? 0 : wait.connections * tls.connectionMs + wait.requests.length * tls.requestMs;
}

/** Requests side by side are answered once the slowest of them is. */
function waitMs({ requests }: MergedWait, { databaseMs }: Elsewhere): number {
  return Math.max(...requests.map(({ operation, index }) => databaseMs(operation, index)));
}

function mergeWaits(waits: readonly DatabaseWait[]): MergedWait[] {
  const merged: MergedWait[] = [];
  for (const [index, { operation, startMs, ms, opensConnection }] of waits.entries()) {
    const last = merged.at(-1);
    const endMs = startMs + ms;
    const connections = opensConnection === true ? 1 : 0;
    if (last !== undefined && startMs < last.endMs) {
      merged[merged.length - 1] = {
        startMs: last.startMs,
        endMs: Math.max(last.endMs, endMs),
        connections: last.connections + connections,
        requests: [...last.requests, { operation, index }],
      };
    } else merged.push({ startMs, endMs, connections, requests: [{ operation, index }] });
  }
  return merged;
}

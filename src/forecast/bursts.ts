import type { DatabaseWait, MeasuredInvocation } from '../model/forecast.ts';

/** The CPU time of TLS, in ms. 0 if the measured CPU time already includes it. */
export interface TlsCpu {
  /** For each new connection. */
  readonly connectionMs: number;
  /** For each request over an open connection: encryption, and the client's additional code. */
  readonly requestMs: number;
}

/** For measured CPU times that include TLS, and for places without TLS. */
export const NO_TLS: TlsCpu = { connectionMs: 0, requestMs: 0 };

/** The differences between the place of the forecast and the machine that ran the invocation. */
export interface Elsewhere {
  /** The CPU time there for 1 ms of CPU time here. */
  readonly coreFactor: number;
  /** The CPU time that the service itself uses around the handler within Duration, in ms. */
  readonly overheadMs: number;
  /** The additional CPU time of TLS there. */
  readonly tls: TlsCpu;
  /** The duration of the n-th database request of the invocation there, in ms. */
  readonly databaseMs: (operation: string, index: number) => number;
}

/** Requests that were in progress at the same time count as one wait. */
interface MergedWait {
  readonly startMs: number;
  readonly endMs: number;
  readonly connections: number;
  readonly requests: readonly { readonly operation: string; readonly index: number }[];
}

/** A part of an invocation between two waits for the database, and the wait that ends it. */
interface Stretch {
  /** The wait after it. Undefined for the last stretch. */
  readonly wait: MergedWait | undefined;
  /** Its share of the time outside these waits, 0 to 1. */
  readonly share: number;
}

/** An invocation, cut at its waits for the database. */
interface CutInvocation {
  readonly stretches: readonly Stretch[];
  /** Time outside these waits without CPU time and without waiting for a core, ms. */
  readonly otherMs: number;
}

/** A forecast computes the bursts of each invocation at many memory sizes, but the cuts are always the same. */
const cutInvocations = new WeakMap<MeasuredInvocation, CutInvocation>();

/**
 * Converts an invocation to the bursts that it would have in another place, and calls `visit` with each of them in turn. A
 * forecast visits a hundred thousand bursts and keeps none of them. The waits for the database divide the invocation into
 * stretches. Its CPU time is distributed over them in proportion to their lengths, because only its sum is known. The part
 * of a stretch that is neither CPU time nor waiting for a core is another wait, such as a timer or another service. It
 * keeps its length.
 */
export function eachBurst(
  invocation: MeasuredInvocation,
  elsewhere: Elsewhere,
  visit: (cpuMs: number, waitMs: number) => void,
): void {
  let cut = cutInvocations.get(invocation);
  if (cut === undefined) {
    cut = cutAtWaits(invocation);
    cutInvocations.set(invocation, cut);
  }
  const { stretches, otherMs } = cut;
  const cpuMs = invocation.cpuMs * elsewhere.coreFactor;
  const half = elsewhere.overheadMs / 2;
  for (const [index, { wait, share }] of stretches.entries()) {
    const around = (index === 0 ? half : 0) + (index === stretches.length - 1 ? half : 0);
    visit(
      cpuMs * share + around + tlsMs(wait, elsewhere),
      otherMs * share + (wait === undefined ? 0 : waitMs(wait, elsewhere)),
    );
  }
}

function cutAtWaits({ durationMs, cpuMs, queuedMs, waits }: MeasuredInvocation): CutInvocation {
  const merged = mergeWaits(waits);
  const edges = [0, ...merged.flatMap(({ startMs, endMs }) => [startMs, endMs]), durationMs];
  const stretches = [...merged, undefined].map((wait, index) => ({
    wait,
    lengthMs: Math.max(0, (edges[2 * index + 1] ?? 0) - (edges[2 * index] ?? 0)),
  }));
  const totalMs = stretches.reduce((sum, { lengthMs }) => sum + lengthMs, 0);
  return {
    stretches: stretches.map(({ wait, lengthMs }) => ({
      wait,
      share: totalMs > 0 ? lengthMs / totalMs : 1 / stretches.length,
    })),
    otherMs: Math.max(0, totalMs - cpuMs - queuedMs),
  };
}

/** CPU time of TLS before a wait. */
function tlsMs(wait: MergedWait | undefined, { tls }: Elsewhere): number {
  return wait === undefined ? 0 : wait.connections * tls.connectionMs + wait.requests.length * tls.requestMs;
}

/** Simultaneous requests end when the slowest of them ends. */
function waitMs({ requests }: MergedWait, { databaseMs }: Elsewhere): number {
  let slowestMs = 0;
  for (const { operation, index } of requests) slowestMs = Math.max(slowestMs, databaseMs(operation, index));
  return slowestMs;
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

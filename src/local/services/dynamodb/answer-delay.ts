import type { AsLambdaSettings, LatencyPoints } from '../../start-protocol.ts';

/** The latencies of the database, by operation. */
export type Latencies = Pick<AsLambdaSettings, 'dynamodbLatency' | 'otherDynamodbLatency'>;

/**
 * A random latency in ms of an operation.
 * @param random uniform in [0, 1)
 */
export function randomLatencyMs(latencies: Latencies, operation: string, random: number): number {
  const { dynamodbLatency, otherDynamodbLatency } = latencies;
  return latencyAt(dynamodbLatency[operation] ?? otherDynamodbLatency, random);
}

/** The latency that a share of all requests stays within, on straight lines between the points. */
function latencyAt(points: LatencyPoints, share: number): number {
  let [beforeShare, beforeMs] = points[0] ?? [0, 0];
  for (const [pointShare, ms] of points) {
    if (share <= pointShare) {
      const width = pointShare - beforeShare;
      return width === 0 ? ms : beforeMs + ((ms - beforeMs) * (share - beforeShare)) / width;
    }
    [beforeShare, beforeMs] = [pointShare, ms];
  }
  return beforeMs;
}

/** How late a timer of Node calls back, in ms. Measured: 0.08 to 0.18. */
const TIMER_LATE_MS = 0.1;

/**
 * Calls back in so many ms, to the nearest whole one: Node's timers know no shorter. Waiting for the rest in turns of
 * the event loop would take a core from the functions. Below half a ms it calls back at once.
 */
export function callAfter(ms: number, call: () => void): void {
  const wholeMs = Math.round(ms - TIMER_LATE_MS);
  if (wholeMs < 1) call();
  else setTimeout(call, wholeMs);
}

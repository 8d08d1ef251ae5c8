/** How many times both clocks are read to find their difference. */
const PROBES = 20;

/**
 * Returns what the clock `systemMs` showed when the clock `nowMs` was 0, in ms. The system clock is read between two
 * readings of the other clock. A pause between these readings would be a part of the result, and the first call of
 * `performance.now()` takes 1 to 2 ms. So both clocks are read several times, and the reading with the shortest pause
 * counts.
 */
export function originOf(nowMs: () => number, systemMs: () => number): number {
  let shortestMs = Number.POSITIVE_INFINITY;
  let originMs = 0;
  for (let probe = 0; probe < PROBES; probe += 1) {
    const beforeMs = nowMs();
    const atMs = systemMs();
    const tookMs = nowMs() - beforeMs;
    if (tookMs >= shortestMs) continue;
    shortestMs = tookMs;
    originMs = atMs - beforeMs - tookMs / 2;
  }
  return originMs;
}

/**
 * The reading of the system's monotonic clock at which this process's `performance.now()` was 0, in ms. Both read the
 * same clock.
 */
const originMs = originOf(
  () => performance.now(),
  () => Number(process.hrtime.bigint()) / 1e6,
);

/** The system's monotonic clock in ms. It reads the same in every process of this machine, to about a microsecond. */
export function monotonicMs(): number {
  return originMs + performance.now();
}

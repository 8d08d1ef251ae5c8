/** How often both clocks are read to find where one begins on the other. */
const PROBES = 20;

/**
 * The reading of one clock at which another clock was 0, in ms. A pause between two readings would count as a
 * difference of the clocks: the first reading of `performance.now()` loads it, which takes 1 to 2 ms. So one clock is
 * read between two readings of the other, several times, and the pair with the shortest time between them counts.
 * @param nowMs the clock whose 0 is wanted
 * @param systemMs the clock on which it is wanted
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

/** Where this process's `performance.now()` begins on the system's monotonic clock, in ms. Both read the same clock. */
const originMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** The system's monotonic clock in ms. It reads the same in every process of this machine, to about a microsecond. */
export function monotonicMs(): number {
  return originMs + performance.now();
}

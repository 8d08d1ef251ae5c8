/**
 * How often the person asked to stop. `main` makes one from SIGINT and SIGTERM; domain code only reads it. The first
 * request means: end in order, keep the measurements, and name everything that is left. The second means: stop at
 * once and say how to continue.
 */
export interface Interrupt {
  /** Aborted at the first request. */
  readonly first: AbortSignal;
  /** Aborted at the second request. */
  readonly second: AbortSignal;
}

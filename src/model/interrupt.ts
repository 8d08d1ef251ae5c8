/**
 * How often the person asked to stop. `main` makes one from SIGINT and SIGTERM; domain code only reads it.
 * The first request means: end in order, keep what was measured, leave nothing unknown behind. The second: let go
 * at once and say how to pick up again.
 */
export interface Interrupt {
  /** Aborted at the first request. */
  readonly first: AbortSignal;
  /** Aborted at the second request. */
  readonly second: AbortSignal;
}

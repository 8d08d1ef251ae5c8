import type { Emit } from '../model/events.ts';

/** The external dependencies of collecting a report. Tests replace all of them. */
export interface ReportDeps {
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Wall clock, epoch ms. */
  readonly now: () => number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

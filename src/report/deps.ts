import type { Emit } from '../model/events.ts';

/** What collecting a report needs of the world; all of it can be faked. */
export interface ReportDeps {
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Wall clock, epoch ms. */
  readonly now: () => number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

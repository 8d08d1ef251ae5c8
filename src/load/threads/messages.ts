import type { EncodedHistogram } from '../../model/histogram.ts';
import type { EngineSetup } from '../engine/create-engine.ts';
import type { Phase, PhaseOutcome, ThreadShare } from '../engine/engine.ts';

/** The data that a thread is started with. */
export interface WorkerSetup {
  readonly engine: EngineSetup;
  /** The call counter that the threads share. */
  readonly counter: SharedArrayBuffer;
}

/** A message from the main thread. */
export type Order =
  | { readonly do: 'start' }
  | { readonly do: 'prepare' }
  | { readonly do: 'run'; readonly phase: Phase; readonly share: ThreadShare }
  | { readonly do: 'stop' }
  | { readonly do: 'cut' }
  | { readonly do: 'finish' };

/**
 * A message to the main thread. Each `start`, `prepare`, `run` and `finish` gets one answer. Snapshots are sent without being
 * asked for.
 */
export type Report =
  | { readonly is: 'started' }
  | { readonly is: 'prepared'; readonly isStarved: boolean }
  | { readonly is: 'ran'; readonly outcome: PhaseOutcome; readonly snapshot: ThreadSnapshot }
  | { readonly is: 'finished' }
  | { readonly is: 'snapshot'; readonly snapshot: ThreadSnapshot };

export interface ThreadSnapshot {
  readonly successes: number;
  readonly unexpected: number;
  readonly errors: number;
  readonly latency: readonly EncodedHistogram[];
}

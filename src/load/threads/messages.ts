import type { EncodedHistogram } from '../../model/histogram.ts';
import type { LoadPlan } from '../../model/run.ts';
import type { Phase, PhaseOutcome } from '../engine/engine.ts';
import type { EndpointOptions } from '../wire/connector.ts';

/** What a thread is started with. */
export interface WorkerSetup {
  readonly plan: LoadPlan;
  readonly url: string;
  readonly endpoint: EndpointOptions;
  readonly userAgent: string;
  readonly thread: { readonly index: number; readonly count: number };
  /** The call counter that the threads share. */
  readonly counter: SharedArrayBuffer;
}

/** From the main thread. */
export type Order =
  | { readonly do: 'prepare' }
  | { readonly do: 'run'; readonly phase: Phase }
  | { readonly do: 'stop' }
  | { readonly do: 'cut' }
  | { readonly do: 'finish' };

/** To the main thread. Each `prepare`, `run` and `finish` is answered once; snapshots come unasked. */
export type Report =
  | { readonly is: 'prepared' }
  | { readonly is: 'ran'; readonly outcome: PhaseOutcome; readonly snapshot: ThreadSnapshot }
  | { readonly is: 'finished' }
  | { readonly is: 'snapshot'; readonly snapshot: ThreadSnapshot };

export interface ThreadSnapshot {
  readonly successes: number;
  readonly unexpected: number;
  readonly errors: number;
  readonly latency: readonly EncodedHistogram[];
}

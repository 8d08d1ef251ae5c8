import type { DeployPlan, ReceiptLine, TeardownPlan } from './deploy-plan.ts';

/**
 * What a command reports while it works. Events are data: `ui/` turns them into lines, bars and NDJSON. A listener
 * understands each event without the earlier ones.
 */
export type ProgressEvent =
  /** A step of a command began; `id` pairs it with its end. */
  | { readonly type: 'step-start'; readonly id: string; readonly title: string }
  | { readonly type: 'step-progress'; readonly id: string; readonly detail: string }
  | {
      readonly type: 'step-end';
      readonly id: string;
      readonly outcome: 'done' | 'skipped' | 'failed';
      readonly detail?: string;
    }
  /** A fact worth one line, such as which target is used. */
  | { readonly type: 'note'; readonly message: string }
  /** A problem that does not end the command. The hint says what to try. */
  | { readonly type: 'warning'; readonly code: string; readonly message: string; readonly hint?: string }
  /**
   * The plan of a deploy. Emitted before anything is created, and again with each stack's changes when its change set
   * exists.
   */
  | { readonly type: 'deploy-plan'; readonly plan: DeployPlan }
  /** The plan of a teardown. Emitted before anything is deleted. */
  | { readonly type: 'teardown-plan'; readonly plan: TeardownPlan }
  /** The receipt of a teardown after a bench. The verb `teardown` prints its receipt as its result. */
  | { readonly type: 'receipt'; readonly project: string; readonly receipt: readonly ReceiptLine[] }
  /** One CloudFormation stack event. They come in order, each once. */
  | {
      readonly type: 'stack-event';
      readonly stackName: string;
      readonly logicalId: string;
      readonly resourceType: string;
      readonly status: string;
      readonly reason?: string;
      readonly atEpochMs: number;
      readonly resourcesDone: number;
      readonly resourcesTotal: number;
    }
  /** Emitted before the first call: all following loads, the estimated time from now, and on AWS their cost. */
  | {
      readonly type: 'work-estimate';
      readonly loads: number;
      /** The number of calls. Undefined if time bounds the loads. */
      readonly calls?: number;
      readonly expectedMs: number;
      /** Where the estimated time ends: when the report is shown, or after the last call. */
      readonly until: 'report' | 'last-call';
      readonly expectedUsd?: number;
      /** The source of the estimate: runs of this folder, or figures of the documentation. */
      readonly basis: 'earlier-run' | 'typical';
    }
  | {
      readonly type: 'load-start';
      readonly runtime: string;
      readonly route: string;
      /** Open loop: `parallel` is a limit of connections. */
      readonly mode: 'closed' | 'open';
      readonly parallel: number;
      readonly calls?: number;
      readonly durationMs?: number;
    }
  /** The progress of a load, at most ten times a second. */
  | {
      readonly type: 'load-progress';
      readonly runtime: string;
      readonly route: string;
      readonly progress: LoadProgress;
      readonly whole?: WholeProgress;
    }
  | {
      readonly type: 'load-end';
      readonly runtime: string;
      readonly route: string;
      readonly progress: LoadProgress;
      readonly interrupted: boolean;
      readonly whole?: WholeProgress;
    }
  /** Emitted while the report waits for rows. */
  | { readonly type: 'rows'; readonly found: number; readonly expected: number; readonly waitLeftMs: number };

/** The position of a load among all loads of the command. */
export interface WholeProgress {
  /** Counts from 1. */
  readonly load: number;
  readonly of: number;
  /** The estimated remaining time of all loads. */
  readonly leftMs: number;
}

export interface LoadProgress {
  readonly phase: 'warmup' | 'measure';
  readonly callsDone: number;
  /** The number of calls. Undefined for a load bounded by time. */
  readonly callsPlanned?: number;
  readonly successes: number;
  readonly unexpected: number;
  readonly errors: number;
  readonly ratePerSecond: number;
  readonly elapsedMs: number;
  readonly leftMs?: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

export type Emit = (event: ProgressEvent) => void;

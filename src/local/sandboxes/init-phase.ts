import type { Fault } from './fault.ts';

/** The outcome of a function's init phase. Durations in ms. */
export type InitOutcome = { readonly kind: 'ok'; readonly durationMs: number } | InitFailure;

export interface InitFailure {
  readonly kind: 'failed';
  readonly durationMs: number;
  readonly fault: Fault;
}

/** The init phase of a function: it lasts until the runtime asks for the first invocation, or until it fails. */
export class InitPhase {
  /** The outcome of the phase. Decided by the first of `succeed`, `fail` and the time limit. Never rejects. */
  readonly outcome: Promise<InitOutcome>;
  readonly #nowMs: () => number;
  readonly #timer: NodeJS.Timeout;
  #settle: (outcome: InitOutcome) => void = () => undefined;
  #startedMs: number;

  /** @param onLimit creates the fault of a phase that takes longer than `limitMs` */
  constructor(nowMs: () => number, limitMs: number, onLimit: () => Fault) {
    this.#nowMs = nowMs;
    this.#startedMs = nowMs();
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#timer = setTimeout(() => this.fail(onLimit(), limitMs), limitMs);
  }

  /** Sets the time at which the process was started. The init's duration is counted from then. */
  begin(startedMs: number): void {
    this.#startedMs = startedMs;
  }

  /** Ends the phase, because the runtime has asked for the first invocation. */
  succeed(): void {
    this.#end({ kind: 'ok', durationMs: this.#nowMs() - this.#startedMs });
  }

  fail(fault: Fault, durationMs = this.#nowMs() - this.#startedMs): void {
    this.#end({ kind: 'failed', durationMs, fault });
  }

  #end(outcome: InitOutcome): void {
    clearTimeout(this.#timer);
    this.#settle(outcome);
  }
}

import type { Fault } from './fault.ts';

/** The outcome of starting a function's process. Durations in ms. */
export type InitOutcome = { readonly kind: 'ok'; readonly durationMs: number } | InitFailure;

export interface InitFailure {
  readonly kind: 'failed';
  readonly durationMs: number;
  readonly fault: Fault;
}

/** The start of a function's process, until its runtime asks for work or the start has failed. */
export class InitPhase {
  /** Never rejects. The first of `succeed`, `fail` and the time limit decides. */
  readonly outcome: Promise<InitOutcome>;
  readonly #nowMs: () => number;
  readonly #timer: NodeJS.Timeout;
  #settle: (outcome: InitOutcome) => void = () => undefined;
  #startedMs: number;

  /** @param onLimit creates the fault of a start that takes longer than `limitMs` */
  constructor(nowMs: () => number, limitMs: number, onLimit: () => Fault) {
    this.#nowMs = nowMs;
    this.#startedMs = nowMs();
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#timer = setTimeout(() => this.fail(onLimit(), limitMs), limitMs);
  }

  /** Marks the start of the process. The time before it does not count into the init's duration. */
  begin(startedMs: number): void {
    this.#startedMs = startedMs;
  }

  /** The runtime asks for work. */
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

import type { Interrupt } from './model/interrupt.ts';

/** The signals with which a person, a closing terminal or a supervisor asks the program to stop. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** The time after which an interrupted process that does not end by itself is ended by its signal. */
const END_BY_ITSELF_MS = 300;

export interface Interrupts {
  readonly interrupt: Interrupt;
  wasInterrupted(): boolean;
  /** Removes the listeners. After an interrupt, the signal itself ends the process if it does not end by itself. */
  close(): void;
}

/**
 * Counts the requests to stop. The first and the second each abort a signal; the third ends the process by its own
 * signal. `process.exit` would wait for a current DNS lookup, which takes 10 s if the server does not answer.
 */
export function createInterrupts(process: NodeJS.Process): Interrupts {
  const first = new AbortController();
  const second = new AbortController();
  let last: NodeJS.Signals | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    last = signal;
    if (!first.signal.aborted) first.abort(abortError('interrupted'));
    else if (!second.signal.aborted) second.abort(abortError('interrupted twice'));
    else endBySignal();
  };
  const stopListening = (): void => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  const endBySignal = (): void => {
    stopListening();
    process.kill(process.pid, last);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    interrupt: { first: first.signal, second: second.signal },
    wasInterrupted: () => first.signal.aborted,
    close() {
      stopListening();
      if (last !== undefined) setTimeout(endBySignal, END_BY_ITSELF_MS).unref();
    },
  };
}

function abortError(message: string): Error {
  const error = new Error(message);
  error.name = 'AbortError';
  return error;
}

import type { Interrupt } from './model/interrupt.ts';

/** The signals by which a person, a terminal that closes, or a supervisor asks to stop. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** How long the process may take to end by itself once an interrupted command has said its last word. */
const END_BY_ITSELF_MS = 300;

export interface Interrupts {
  readonly interrupt: Interrupt;
  wasInterrupted(): boolean;
  /** Listens no more. After an interrupt the signal itself ends the process if something holds it up. */
  close(): void;
}

/**
 * Counts the requests to stop: the first and second abort a signal each, a third ends the process by its signal. An exit
 * would wait for a DNS lookup under way, which takes 10 s where the server is silent.
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

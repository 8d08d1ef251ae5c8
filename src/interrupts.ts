import { EXIT } from './errors.ts';
import type { Interrupt } from './model/interrupt.ts';

/** The signals by which a person, a terminal that closes, or a supervisor asks to stop. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export interface Interrupts {
  readonly interrupt: Interrupt;
  wasInterrupted(): boolean;
  close(): void;
}

/**
 * Counts the requests to stop. The first and the second abort a signal each; the third ends the process and lets go of
 * whatever still runs.
 */
export function createInterrupts(process: NodeJS.Process): Interrupts {
  const first = new AbortController();
  const second = new AbortController();
  const onSignal = (): void => {
    if (!first.signal.aborted) first.abort(abortError('interrupted'));
    else if (!second.signal.aborted) second.abort(abortError('interrupted twice'));
    else process.exit(EXIT.interrupted);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    interrupt: { first: first.signal, second: second.signal },
    wasInterrupted: () => first.signal.aborted,
    close() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}

function abortError(message: string): Error {
  const error = new Error(message);
  error.name = 'AbortError';
  return error;
}

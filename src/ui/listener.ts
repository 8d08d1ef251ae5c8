import type { ProgressEvent } from '../model/events.ts';

/** Receives the progress events of a command and shows or stores them. It never receives the result. */
export interface Listener {
  handle(event: ProgressEvent): void;
  /** Clears the lines of current work from the terminal, so that a result can be printed. */
  pause(): void;
  /** Restores the terminal. Later events are not shown. */
  close(): void;
}

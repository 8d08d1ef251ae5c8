import type { ProgressEvent } from '../model/events.ts';

/** Receives the progress events of a command and shows or keeps them. It never gets the result. */
export interface Listener {
  handle(event: ProgressEvent): void;
  /** Clears the terminal of work under way, so that a result can be printed. */
  pause(): void;
  /** Restores the terminal. Events that come later are not shown. */
  close(): void;
}

import type { ProgressEvent } from '../model/events.ts';

/** Hears the progress events of a command and shows them, or keeps them. Results are not its matter. */
export interface Listener {
  handle(event: ProgressEvent): void;
  /** Leaves the terminal as it was found; nothing is shown after it. */
  close(): void;
}

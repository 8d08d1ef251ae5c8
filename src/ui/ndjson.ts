import { escapeControls } from '../model/visible-text.ts';
import type { Listener } from './listener.ts';

/** Writes each event as one line of JSON. `--json` sends these lines to stderr; the result goes to stdout. */
export function createNdjsonListener(write: (text: string) => void): Listener {
  return {
    handle(event) {
      write(`${escapeControls(JSON.stringify(event))}\n`);
    },
    pause() {},
    close() {},
  };
}

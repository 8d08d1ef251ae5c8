import { escapeControls } from '../model/visible-text.ts';
import type { Listener } from './listener.ts';

/** One JSON object a line for every event: what `--json` writes to stderr while the result waits for stdout. */
export function createNdjsonListener(write: (text: string) => void): Listener {
  return {
    handle(event) {
      write(`${escapeControls(JSON.stringify(event))}\n`);
    },
    close() {},
  };
}

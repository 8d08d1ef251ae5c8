import type { ProgressEvent } from '../../src/model/events.ts';
import type { Listener } from '../../src/ui/listener.ts';

/** Keeps every event in order: what tests assert on. */
export function createRecordingListener(): Listener & { readonly events: readonly ProgressEvent[] } {
  const events: ProgressEvent[] = [];
  return {
    events,
    handle(event) {
      events.push(event);
    },
    pause() {},
    close() {},
  };
}

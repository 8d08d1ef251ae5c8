import { setTimeout as sleep } from 'node:timers/promises';

/** What starting and stopping the local cloud of a folder needs: the real clock, and no listener. */
export function localDeps(folder: string) {
  return {
    folder,
    now: Date.now,
    emit: () => {},
    sleep: (ms: number, signal?: AbortSignal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
  };
}

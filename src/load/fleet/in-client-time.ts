import type { EngineData } from '../engine/engine.ts';
import type { ClockReading } from './loader-clocks.ts';

/**
 * What a loader measured, with its moments by this machine's clock, as the rest of the run has them.
 * @param clock the loader's clock minus this machine's
 */
export function inClientTime(data: EngineData, { offsetMs, errorMs }: ClockReading): EngineData {
  const { clockOffset, mayRunUntilEpochMs } = data;
  return {
    ...data,
    mayRunUntilEpochMs: mayRunUntilEpochMs > 0 ? mayRunUntilEpochMs - offsetMs : 0,
    // The loader's clock minus the server's, less the loader's minus this machine's, is this machine's minus the server's.
    ...(clockOffset === undefined
      ? {}
      : {
          clockOffset: {
            minMs: clockOffset.minMs - offsetMs - errorMs,
            maxMs: clockOffset.maxMs - offsetMs + errorMs,
          },
        }),
  };
}

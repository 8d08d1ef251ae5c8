import type { EngineData } from '../engine/engine.ts';
import type { ClockReading } from './loader-clocks.ts';

/**
 * Converts the times of a loader's results to this machine's clock, which the rest of the run uses.
 * @param clock the loader's clock minus this machine's
 */
export function inClientTime(data: EngineData, { offsetMs, errorMs }: ClockReading): EngineData {
  const { clockOffset, mayRunUntilEpochMs } = data;
  return {
    ...data,
    mayRunUntilEpochMs: mayRunUntilEpochMs > 0 ? mayRunUntilEpochMs - offsetMs : 0,
    // (loader − server) − (loader − this machine) = this machine − server.
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

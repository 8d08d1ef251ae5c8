/**
 * One exchange with a loader: the times of order and answer by this machine's clock and by the loader's, epoch ms.
 */
export interface Exchange {
  readonly sentEpochMs: number;
  readonly receivedEpochMs: number;
  readonly answeredEpochMs: number;
  readonly returnedEpochMs: number;
}

/** A loader's clock minus this machine's, ms. The true difference lies within `errorMs` of it. */
export interface ClockReading {
  readonly offsetMs: number;
  readonly errorMs: number;
}

/** The differences between the loaders' clocks. */
export interface ClockSpread {
  /** The largest observed difference between two of them, ms. */
  readonly spreadMs: number;
  /** The error of each reading, ms. The spread may be wrong by twice as much. */
  readonly errorMs: number;
}

/**
 * Computes the difference of two clocks from one exchange. It assumes that both directions took the same time, and is
 * wrong by at most `errorMs` if they did not.
 * @see RFC 5905, §8 (the on-wire protocol of NTP)
 */
export function readClock(exchange: Exchange): ClockReading {
  const { sentEpochMs, receivedEpochMs, answeredEpochMs, returnedEpochMs } = exchange;
  const roundTripMs = returnedEpochMs - sentEpochMs - (answeredEpochMs - receivedEpochMs);
  return {
    offsetMs: (receivedEpochMs - sentEpochMs + answeredEpochMs - returnedEpochMs) / 2,
    errorMs: Math.max(0, roundTripMs / 2),
  };
}

/** The reading of each loader's clock that has the smallest error, by environment. */
export class LoaderClocks {
  readonly #byEnvironment = new Map<string, ClockReading>();

  add(environment: string, reading: ClockReading): void {
    const known = this.#byEnvironment.get(environment);
    if (known === undefined || reading.errorMs < known.errorMs) this.#byEnvironment.set(environment, reading);
  }

  /**
   * The reading with the smallest error of all loaders. It is used for all of them, because their clocks share AWS's
   * time service.
   */
  get best(): ClockReading | undefined {
    return [...this.#byEnvironment.values()].sort((a, b) => a.errorMs - b.errorMs)[0];
  }

  /** Undefined while fewer than two environments have answered. */
  get spread(): ClockSpread | undefined {
    const readings = [...this.#byEnvironment.values()];
    if (readings.length < 2) return undefined;
    const offsets = readings.map(({ offsetMs }) => offsetMs);
    return {
      spreadMs: Math.max(...offsets) - Math.min(...offsets),
      errorMs: Math.max(...readings.map(({ errorMs }) => errorMs)),
    };
  }
}

/** One exchange with a loader: when the order left and the answer came by this machine's clock, and what the loader's said. */
export interface Exchange {
  readonly sentEpochMs: number;
  readonly receivedEpochMs: number;
  readonly answeredEpochMs: number;
  readonly returnedEpochMs: number;
}

/** A loader's clock minus this machine's, ms; the true difference is within `errorMs` of it. */
export interface ClockReading {
  readonly offsetMs: number;
  readonly errorMs: number;
}

/** How far the loaders' clocks are apart. */
export interface ClockSpread {
  /** The largest difference between two of them, as far as it was seen, ms. */
  readonly spreadMs: number;
  /** Each reading is true to this, ms; so the spread is true to twice as much. */
  readonly errorMs: number;
}

/**
 * The difference of two clocks from one exchange: the way there and the way back took the same time but for `errorMs`.
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

/** Readings of the loaders' clocks by environment: of each, the one with the smallest error. */
export class LoaderClocks {
  readonly #byEnvironment = new Map<string, ClockReading>();

  add(environment: string, reading: ClockReading): void {
    const known = this.#byEnvironment.get(environment);
    if (known === undefined || reading.errorMs < known.errorMs) this.#byEnvironment.set(environment, reading);
  }

  /** The reading with the smallest error of all. Loaders share AWS's time service, so it stands for them all. */
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

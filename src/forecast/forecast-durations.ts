import { dynamodbLatencyOf, latencyQuantileMs } from '../model/dynamodb-latency.ts';
import type { ForecastSummary, MeasuredInvocation } from '../model/forecast.ts';
import { nearestRank } from '../model/nearest-rank.ts';
import { eachBurst, type TlsCpu } from './bursts.ts';
import { cpuOf, startOffsetMs } from './cpu-share.ts';

/** The place where the invocations would run. */
export interface Place {
  readonly memoryMB: number;
  /** The CPU time there for 1 ms of CPU time here. 1 for the same machine. */
  readonly coreFactor: number;
  /** The CPU time of the service around the handler, within Duration, in ms. 0 if the measured durations include it. */
  readonly overheadMs: number;
  /** The additional CPU time of TLS. */
  readonly tls: TlsCpu;
  /** The factor of DynamoDB's latency. It is 1, except when the error from the latency is computed. */
  readonly latencyFactor: number;
  /**
   * The start of an invocation within a period, and the time of the first tick, both in ms, for two evenly spread
   * numbers from 0 to 1. By default as on Lambda.
   */
  readonly start?: (one: number, other: number) => PeriodStart;
}

/** The arguments of `elapsedMs`. */
export interface PeriodStart {
  readonly offsetMs: number;
  readonly tickOffsetMs: number;
}

/** The number of invocations that are drawn for one distribution. */
const DRAWS = 240;
/**
 * The fractional parts of the multiples of these numbers fill the interval from 0 to 1 evenly. So a few draws represent
 * all combinations of invocation, start within the period and latency, and the same inputs always give the same
 * figures.
 */
const GOLDEN = (Math.sqrt(5) - 1) / 2;
const TICK_ROOT = Math.sqrt(5) * Math.SQRT2;
const ROOTS = [2, 3, 7, 11, 13, 17, 19, 23].map(Math.sqrt);

/** When each draw starts within a period on Lambda, ms. */
const LAMBDA_OFFSETS = Float64Array.from({ length: DRAWS }, (_, draw) =>
  startOffsetMs(fraction(draw, GOLDEN)),
);

/**
 * The durations in ms, ascending, that invocations would have in another place: their CPU time under the CPU share of a
 * memory size, with DynamoDB's latency instead of the emulator's.
 * @param invocations warm ones, or cold ones without their inits; at least one
 */
export function forecastDurations(invocations: readonly MeasuredInvocation[], place: Place): Float64Array {
  const drawn = drawnFrom(invocations);
  const durations = new Float64Array(drawn.length);
  const cpu = cpuOf(place.memoryMB);
  let draw = 0;
  const elsewhere = {
    ...place,
    databaseMs: (_operation: string, index: number) =>
      place.latencyFactor * (drawn[draw]?.latenciesMs[index] ?? 0),
  };
  const visit = (cpuMs: number, waitMs: number): void => {
    cpu.run(cpuMs);
    cpu.wait(waitMs);
  };
  for (const { invocation } of drawn) {
    const start = place.start?.(fraction(draw, GOLDEN), fraction(draw, TICK_ROOT));
    cpu.start(start?.offsetMs ?? LAMBDA_OFFSETS[draw] ?? 0, start?.tickOffsetMs ?? 0);
    eachBurst(invocation, elsewhere, visit);
    durations[draw] = cpu.elapsedMs;
    draw += 1;
  }
  return durations.sort();
}

/** An invocation of a draw, and DynamoDB's latency of each of its waits, ms. */
interface DrawnInvocation {
  readonly invocation: MeasuredInvocation;
  readonly latenciesMs: readonly number[];
}

/** A forecast uses the same invocations at many memory sizes. */
const drawnInvocations = new WeakMap<readonly MeasuredInvocation[], readonly DrawnInvocation[]>();

/** The invocations of all draws, in the order of their CPU time. */
function drawnFrom(invocations: readonly MeasuredInvocation[]): readonly DrawnInvocation[] {
  const known = drawnInvocations.get(invocations);
  if (known !== undefined) return known;
  const ordered = invocations.toSorted((a, b) => a.cpuMs - b.cpuMs);
  const drawn: DrawnInvocation[] = [];
  for (let draw = 0; draw < DRAWS; draw += 1) {
    const invocation = ordered[Math.floor(((draw + 0.5) / DRAWS) * ordered.length)];
    if (invocation === undefined) break;
    const latenciesMs = invocation.waits.map(({ operation }, index) =>
      latencyQuantileMs(dynamodbLatencyOf(operation), fraction(draw, ROOTS[index % ROOTS.length] ?? 1)),
    );
    drawn.push({ invocation, latenciesMs });
  }
  drawnInvocations.set(invocations, drawn);
  return drawn;
}

/** The fractional part of a multiple, shifted by a half so that the first draw is a typical one. */
function fraction(draw: number, step: number): number {
  const multiple = 0.5 + draw * step;
  return multiple - Math.floor(multiple);
}

/** Mean and percentiles, in ms, of at least one duration, in ascending order. */
export function summaryOf(durations: Float64Array): ForecastSummary {
  const rank = (share: number) => durations[nearestRank(share, durations.length) - 1] ?? 0;
  return {
    mean: durations.reduce((sum, ms) => sum + ms, 0) / durations.length,
    p50: rank(0.5),
    p90: rank(0.9),
    p99: rank(0.99),
  };
}

import { type EncodedHistogram, quantileMs } from '../../model/histogram.ts';
import type { InstrumentHealth } from '../../model/run.ts';

/** Shorter runs are not judged, because they are mostly start-up. */
const MIN_JUDGED_MS = 500;
/** If a thread is busy for more of the time, it can't send and read at the right moments any more. */
const BUSY_UTILIZATION = 0.9;
/** A timer delay above this, and above a fifth of a typical latency, affects the figures. */
const DELAY_MS = 20;
const DELAY_SHARE = 0.2;
/**
 * Open loop: if more than 1 % of the calls are sent later than this although a connection was free, the plan was not
 * kept.
 */
const SEND_LAG_MS = 10;

/**
 * A load generator that stood still for longer than this gets a warning. A shorter standstill shows in the delay of the
 * event loop.
 */
export const MIN_STANDSTILL_MS = 1000;

export interface Observed {
  /** CPU time of the process in the measured part, ms. */
  readonly cpuMs: number;
  readonly elapsedMs: number;
  readonly peakRssMiB: number;
  readonly threads: number;
  /** Cores that this process may use. */
  readonly cores: number;
  /** That of the busiest thread, 0 to 1. */
  readonly eventLoopUtilization: number;
  readonly eventLoopDelayP99Ms: number;
  /** For how long the load generator stood still in the measured part, ms. */
  readonly stoodStillMs: number;
  /** Whether loaders elsewhere sent the load. `threads` is then how many. */
  readonly isFleet?: boolean;
  /** How long after its due time each call was sent, ms. Open loop only. */
  readonly sendLag?: EncodedHistogram;
  readonly success: EncodedHistogram;
}

/** Judges the load generator by its own measurements. If it limited the run, `bottleneck` says why and what to do. */
export function judgeInstrument(observed: Observed): InstrumentHealth {
  const lagMs = (q: number) => (observed.sendLag === undefined ? undefined : quantileMs(observed.sendLag, q));
  const [sendLagP50Ms, sendLagP99Ms] = [lagMs(0.5), lagMs(0.99)];
  const found = findBottleneck(observed, sendLagP99Ms);
  const bottleneck = found !== undefined && observed.isFleet === true ? ofFleet(found, observed) : found;
  return {
    cpuShare: observed.elapsedMs > 0 ? observed.cpuMs / observed.elapsedMs : 0,
    eventLoopUtilization: observed.eventLoopUtilization,
    eventLoopDelayP99Ms: observed.eventLoopDelayP99Ms,
    ...(sendLagP50Ms === undefined ? {} : { sendLagP50Ms }),
    ...(sendLagP99Ms === undefined ? {} : { sendLagP99Ms }),
    threads: observed.threads,
    peakRssMiB: observed.peakRssMiB,
    ...(bottleneck === undefined ? {} : { bottleneck }),
  };
}

interface Bottleneck {
  readonly reason: string;
  readonly hint: string;
}

/** The same bottleneck in the words of a fleet, whose remedy is more loaders. */
function ofFleet({ reason }: Bottleneck, { threads }: Observed): Bottleneck {
  return {
    reason: reason
      .replace(/^its (thread was|busiest of \d+ threads was)/, 'the busiest loader was')
      .replace(/^this machine delayed it/, "a loader's machine delayed it")
      .replace(/^it sent/, 'a loader sent'),
    hint: `--from lambda=${threads * 2}, or a smaller -p or --rate`,
  };
}

function findBottleneck(observed: Observed, sendLagP99Ms: number | undefined): Bottleneck | undefined {
  const { eventLoopUtilization, eventLoopDelayP99Ms, threads, cores } = observed;
  // A run without a success has no figure that the load generator could distort.
  if (observed.elapsedMs < MIN_JUDGED_MS || observed.success.count === 0) return undefined;
  const spare = threads < cores;
  if (eventLoopUtilization >= BUSY_UTILIZATION) {
    const share = `${Math.round(eventLoopUtilization * 100)} %`;
    return {
      reason: `its ${threads === 1 ? 'thread was' : `busiest of ${threads} threads was`} at work ${share} of the time`,
      hint: spare
        ? `--threads ${Math.min(cores, threads * 2)}, or a smaller -p`
        : 'A smaller -p or --rate, or a machine with more cores',
    };
  }
  // A warning of its own names the standstill. Delays follow from it, and neither threads nor a quieter machine would help.
  if (observed.stoodStillMs >= MIN_STANDSTILL_MS) return undefined;
  const typicalMs = quantileMs(observed.success, 0.5) ?? 0;
  if (eventLoopDelayP99Ms > DELAY_MS && eventLoopDelayP99Ms > typicalMs * DELAY_SHARE) {
    return {
      reason: `this machine delayed it by up to ${Math.round(eventLoopDelayP99Ms)} ms (p99), which the latencies include`,
      hint: 'Run nothing else on this machine, or send the load from another one',
    };
  }
  if (sendLagP99Ms !== undefined && sendLagP99Ms > SEND_LAG_MS) {
    return {
      reason: `it sent calls up to ${Math.round(sendLagP99Ms)} ms late (p99) although connections were free`,
      hint: spare
        ? `--threads ${Math.min(cores, threads * 2)}`
        : 'A lower --rate, or a machine with more cores',
    };
  }
  return undefined;
}

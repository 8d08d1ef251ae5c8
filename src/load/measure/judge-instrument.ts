import { type EncodedHistogram, quantileMs } from '../../model/histogram.ts';
import type { InstrumentHealth } from '../../model/run.ts';

/** Shorter runs are mostly start-up, and are not judged. */
const MIN_JUDGED_MS = 500;
/** A thread that waits less than a tenth of the time can no longer choose when it sends and reads. */
const BUSY_UTILIZATION = 0.9;
/** A timer that is later than this, and than a fifth of a typical answer, shows in the figures. */
const DELAY_MS = 20;
const DELAY_SHARE = 0.2;
/** Open loop: where one call in a hundred is sent later than this though a connection was free, the plan was not kept. */
const SEND_LAG_MS = 10;

export interface Observed {
  /** CPU time of the process in the measured part, ms. */
  readonly cpuMs: number;
  readonly elapsedMs: number;
  readonly peakRssMiB: number;
  readonly threads: number;
  /** Cores that this process may use. */
  readonly cores: number;
  /** Of the busiest thread. */
  readonly eventLoopUtilization: number;
  readonly eventLoopDelayP99Ms: number;
  /** Open loop only. */
  readonly sendLag?: EncodedHistogram;
  readonly success: EncodedHistogram;
}

/** What the instrument saw of itself. `bottleneck` is set where it limited the run, with what to do about it. */
export function judgeInstrument(observed: Observed): InstrumentHealth {
  const lagMs = (q: number) => (observed.sendLag === undefined ? undefined : quantileMs(observed.sendLag, q));
  const [sendLagP50Ms, sendLagP99Ms] = [lagMs(0.5), lagMs(0.99)];
  const bottleneck = findBottleneck(observed, sendLagP99Ms);
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

function findBottleneck(
  observed: Observed,
  sendLagP99Ms: number | undefined,
): { readonly reason: string; readonly hint: string } | undefined {
  const { eventLoopUtilization, eventLoopDelayP99Ms, threads, cores } = observed;
  // Without a success the run has no figure that the instrument could have spoilt.
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
  const typicalMs = quantileMs(observed.success, 0.5) ?? 0;
  if (eventLoopDelayP99Ms > DELAY_MS && eventLoopDelayP99Ms > typicalMs * DELAY_SHARE) {
    return {
      reason: `this machine kept it waiting up to ${Math.round(eventLoopDelayP99Ms)} ms for a turn (p99), which is in the latencies`,
      hint: 'Let nothing else run beside it, or load from another machine',
    };
  }
  if (sendLagP99Ms !== undefined && sendLagP99Ms > SEND_LAG_MS) {
    return {
      reason: `it sent calls up to ${Math.round(sendLagP99Ms)} ms late (p99) though connections were free`,
      hint: spare
        ? `--threads ${Math.min(cores, threads * 2)}`
        : 'A lower --rate, or a machine with more cores',
    };
  }
  return undefined;
}

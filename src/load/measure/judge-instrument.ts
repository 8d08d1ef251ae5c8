import { type EncodedHistogram, quantileMs } from '../../model/histogram.ts';
import type { InstrumentHealth } from '../../model/run.ts';

/** Shorter runs are mostly start-up: what they show of the instrument says nothing of a longer one. */
const MIN_JUDGED_MS = 500;
/** A thread that waits less than a tenth of the time has no say left in when it sends and reads. */
const BUSY_UTILIZATION = 0.9;
/** A timer this late, and by more than a fifth of a typical answer, shows in the figures. */
const DELAY_MS = 20;
const DELAY_SHARE = 0.2;
/** Open loop: one call in a hundred sent this late, though a connection was free, is a plan not kept. */
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

/** What the instrument saw of itself, and whether it was itself what limited the run; then what to do about it. */
export function judgeInstrument(observed: Observed): InstrumentHealth {
  const sendLagP99Ms = observed.sendLag === undefined ? undefined : quantileMs(observed.sendLag, 0.99);
  const bottleneck = findBottleneck(observed, sendLagP99Ms);
  return {
    cpuShare: observed.elapsedMs > 0 ? observed.cpuMs / observed.elapsedMs : 0,
    eventLoopUtilization: observed.eventLoopUtilization,
    eventLoopDelayP99Ms: observed.eventLoopDelayP99Ms,
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
  if (observed.elapsedMs < MIN_JUDGED_MS) return undefined;
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

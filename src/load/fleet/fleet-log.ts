import { mergeHistograms, quantileMs } from '../../model/histogram.ts';
import type { FleetRecord, LoaderLoss, LoaderRecord } from '../../model/run.ts';
import type { TallyData } from '../measure/tally.ts';
import type { LoaderClocks } from './loader-clocks.ts';
import type { InvocationMeter } from './loader-port.ts';
import type { LoadedShare } from './orders.ts';

/** The facts of a fleet that do not depend on its work. */
export type FleetIdentity = Pick<FleetRecord, 'functionName' | 'region' | 'memorySizeMB' | 'architecture'>;

interface Entry {
  calls: number;
  notSent: number;
  invocations: number;
  coldStarts: number;
  initMs: number | undefined;
  billedMs: number | undefined;
  cpuMs: number;
  peakRssMiB: number;
  eventLoopUtilization: number;
  sendLagP99Ms: number | undefined;
  startedLateMs: number;
  readonly losses: LoaderLoss[];
}

/** Records the work of each loader of a fleet. Loaders are numbered from 0 here, and from 1 in the run record. */
export class FleetLog {
  readonly #entries: readonly Entry[];

  constructor(loaders: number) {
    this.#entries = Array.from({ length: loaders }, () => ({
      calls: 0,
      notSent: 0,
      invocations: 0,
      coldStarts: 0,
      initMs: undefined,
      billedMs: undefined,
      cpuMs: 0,
      peakRssMiB: 0,
      eventLoopUtilization: 0,
      sendLagP99Ms: undefined,
      startedLateMs: 0,
      losses: [],
    }));
  }

  /** Records the end of an invocation. @param meter Lambda's REPORT figures, if the invocation ran */
  invoked(loader: number, isCold: boolean, meter: InvocationMeter | undefined): void {
    const entry = this.#entries[loader];
    if (entry === undefined) return;
    entry.invocations += 1;
    if (isCold) entry.coldStarts += 1;
    entry.initMs = largest(entry.initMs, meter?.initMs);
    if (meter?.billedMs !== undefined) entry.billedMs = (entry.billedMs ?? 0) + meter.billedMs;
  }

  /** Records a loader's share of a measured phase. */
  measured(loader: number, share: LoadedShare): void {
    const entry = this.#entries[loader];
    if (entry === undefined) return;
    const { tallies, health } = share.data;
    const total = (count: (tally: TallyData) => number) =>
      tallies.reduce((sum, tally) => sum + count(tally), 0);
    entry.calls += total(({ successes, unexpected, errors }) => successes + unexpected + errors);
    entry.notSent += total(({ notSent }) => notSent);
    const sendLag = mergeHistograms(tallies.map((tally) => tally.sendLag));
    entry.cpuMs += share.cpuMs;
    entry.peakRssMiB = Math.max(entry.peakRssMiB, share.peakRssMiB);
    entry.eventLoopUtilization = Math.max(entry.eventLoopUtilization, health.eventLoopUtilization);
    entry.sendLagP99Ms = largest(entry.sendLagP99Ms, quantileMs(sendLag, 0.99));
    entry.startedLateMs = Math.max(entry.startedLateMs, -share.spareMs);
  }

  /** Records that a loader returned nothing from a measured phase. */
  lost(loader: number, loss: LoaderLoss): void {
    const entry = this.#entries[loader];
    if (entry === undefined) return;
    entry.notSent += loss.notSent;
    entry.losses.push(loss);
  }

  record(identity: FleetIdentity, clocks: LoaderClocks): FleetRecord {
    const { spread } = clocks;
    return {
      ...identity,
      loaders: this.#entries.map(toRecord),
      ...(spread === undefined ? {} : { clockSpreadMs: spread.spreadMs, clockErrorMs: spread.errorMs }),
    };
  }
}

function toRecord({ initMs, billedMs, sendLagP99Ms, losses, ...entry }: Entry, index: number): LoaderRecord {
  return {
    number: index + 1,
    ...entry,
    ...(initMs === undefined ? {} : { initMs }),
    ...(billedMs === undefined ? {} : { billedMs }),
    ...(sendLagP99Ms === undefined ? {} : { sendLagP99Ms }),
    losses: [...losses],
  };
}

function largest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}

import type { MachineState } from '../../model/run.ts';
import type { MachineProbe, MachineReading } from './machine-probe.ts';

/** Observes the machine over the rounds of a load. */
export class MachineWatch {
  readonly #probe: MachineProbe;
  readonly #now: () => number;
  readonly #yardsticks: MachineState['yardsticks'][number][] = [];
  readonly #first: MachineReading;
  #last: MachineReading;

  /** @param now the time of day, epoch ms, which goes on evenly if the wall clock is set */
  constructor(probe: MachineProbe, now: () => number) {
    this.#probe = probe;
    this.#now = now;
    this.#first = probe.read();
    this.#last = this.#first;
  }

  /** Times the yardstick and reads the system's counters; to be called while no call is in flight. */
  beforeRound(round: number): void {
    this.#last = this.#probe.read();
    this.#yardsticks.push({ atEpochMs: this.#now(), beforeRound: round, ms: this.#probe.yardstickMs() });
  }

  /** What was observed up to the last `beforeRound`. */
  state(): MachineState {
    return { yardsticks: [...this.#yardsticks], ...sharesBetween(this.#first, this.#last) };
  }
}

function sharesBetween(from: MachineReading, to: MachineReading): Omit<MachineState, 'yardsticks'> {
  const elapsedMs = to.atMs - from.atMs;
  const totalMs = (to.cores?.totalMs ?? 0) - (from.cores?.totalMs ?? 0);
  const stealMs = (to.cores?.stealMs ?? 0) - (from.cores?.stealMs ?? 0);
  const busyMs = (to.cores?.busyMs ?? 0) - (from.cores?.busyMs ?? 0);
  return {
    ...(to.loadAverage1m === undefined ? {} : { loadAverage1m: to.loadAverage1m }),
    ...(to.waitedMs === undefined || from.waitedMs === undefined || elapsedMs <= 0
      ? {}
      : { cpuPressure: share((to.waitedMs - from.waitedMs) / elapsedMs) }),
    ...(totalMs <= 0 ? {} : { stealShare: share(stealMs / totalMs) }),
    ...(totalMs <= 0 || to.ownMs === undefined || from.ownMs === undefined
      ? {}
      : { otherCpuShare: share((busyMs - (to.ownMs - from.ownMs)) / totalMs) }),
  };
}

/** Limits a share to 0 to 1, because counters of different sources may disagree by a tick. */
function share(value: number): number {
  return Math.min(1, Math.max(0, value));
}

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  createMachineProbe,
  type MachineReading,
  ProcessTree,
  parseCoreTimes,
  parseLastPid,
  parseProcessStat,
  parseWaitedMs,
} from '../../../src/load/measure/machine-probe.ts';
import { MachineWatch } from '../../../src/load/measure/machine-watch.ts';

function watchOf(readings: readonly MachineReading[], yardsticks: readonly number[]): MachineWatch {
  const [nextReading, nextYardstick] = [readings.values(), yardsticks.values()];
  const probe = {
    read: () => nextReading.next().value ?? { atMs: 0 },
    yardstickMs: () => nextYardstick.next().value ?? Number.NaN,
  };
  let now = 1000;
  return new MachineWatch(probe, () => now++);
}

describe('the state of the machine', () => {
  test('shares are of the time between the first reading and the last', () => {
    const at = (ms: number, busyMs: number, stealMs: number, ownMs: number, waitedMs: number) => ({
      atMs: ms,
      loadAverage1m: ms / 1000,
      cores: { totalMs: ms * 2, busyMs, stealMs },
      ownMs,
      waitedMs,
    });
    const watch = watchOf(
      [at(1000, 500, 0, 400, 10), at(1500, 900, 5, 800, 20), at(2000, 1700, 40, 1100, 260)],
      [4.5, 4.25],
    );
    watch.beforeRound(1);
    watch.beforeRound(2);
    expect(watch.state()).toEqual({
      yardsticks: [
        { atEpochMs: 1000, beforeRound: 1, ms: 4.5 },
        { atEpochMs: 1001, beforeRound: 2, ms: 4.25 },
      ],
      loadAverage1m: 2,
      cpuPressure: 0.25,
      stealShare: 0.02,
      // 1,200 ms busy, 700 of them by the load itself, of 2,000 ms of two cores.
      otherCpuShare: 0.25,
    });
  });

  test('what the system does not offer is left out, and the yardstick remains', () => {
    const watch = watchOf([{ atMs: 0 }, { atMs: 1000 }], [5]);
    watch.beforeRound(1);
    expect(watch.state()).toEqual({ yardsticks: [{ atEpochMs: 1000, beforeRound: 1, ms: 5 }] });
  });

  test('a share is never below 0, though counters may disagree by a tick', () => {
    const reading = (ms: number, ownMs: number) => ({
      atMs: ms,
      cores: { totalMs: ms, busyMs: 0, stealMs: 0 },
      ownMs,
    });
    const watch = watchOf([reading(0, 0), reading(100, 10)], [5]);
    watch.beforeRound(1);
    expect(watch.state().otherCpuShare).toBe(0);
  });
});

describe('what the system counts', () => {
  test('idle time, waiting for disks and steal in /proc/stat are not busy time', () => {
    const text = 'cpu  100 20 30 1000 50 6 4 8 3 0\ncpu0 1 2 3 4 5 6 7 8 9 0\nintr 5\n';
    expect(parseCoreTimes(text)).toEqual({ totalMs: 12_180, busyMs: 1600, stealMs: 80 });
    expect(parseCoreTimes('intr 5\n')).toBeUndefined();
  });

  test('the pressure is the total of `some` in /proc/pressure/cpu, in µs', () => {
    const text =
      'some avg10=6.49 avg60=11.21 avg300=11.99 total=93398847\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n';
    expect(parseWaitedMs(text)).toBe(93_398.847);
    expect(parseWaitedMs('')).toBeUndefined();
  });

  test('/proc/PID/stat is also read if the name of the program contains spaces and parentheses', () => {
    const text = '42 (a (b) c) S 7 42 42 0 -1 4194560 1 2 3 4 11 5 3 1 20 0 1 0 99 1 1';
    expect(parseProcessStat(text)).toEqual({ pid: 42, parent: 7, cpuMs: 200 });
    expect(parseProcessStat('42 (a)')).toBeUndefined();
  });

  test('/proc/loadavg tells the id that the system gave last', () => {
    expect(parseLastPid('0.75 3.81 4.95 1/79 15610\n')).toBe(15_610);
    expect(parseLastPid('')).toBe(0);
  });

  /** A /proc of these processes, each with its parent and its ticks of 10 ms. It notes which files are read. */
  function procOf(processes: Map<number, { parent: number; ticks: number }>) {
    const read: number[] = [];
    return {
      read,
      last: 20,
      lastPid() {
        return this.last;
      },
      names: () => ['self', 'cpuinfo', ...[...processes.keys()].map(String)],
      stat: (pid: number) => {
        read.push(pid);
        const found = processes.get(pid);
        return found && `${pid} (a) S ${found.parent} 7 7 0 -1 4194560 1 2 3 4 ${found.ticks} 0 0 0 20 0 1`;
      },
    };
  }

  const fiveProcesses = () =>
    new Map([
      [1, { parent: 0, ticks: 1 }],
      [10, { parent: 1, ticks: 10 }],
      [11, { parent: 10, ticks: 100 }],
      [12, { parent: 11, ticks: 1000 }],
      [20, { parent: 1, ticks: 10_000 }],
    ]);

  test('the own process tree contains the descendants of every root, each once', () => {
    const proc = procOf(fiveProcesses());
    expect(new ProcessTree(new Set([10, 11]), proc).cpuMs()).toBe(11_100);
    expect(new ProcessTree(new Set([99]), proc).cpuMs()).toBe(0);
  });

  test('the own process tree is followed without reading other processes again', () => {
    const processes = fiveProcesses();
    const proc = procOf(processes);
    const tree = new ProcessTree(new Set([10]), proc);
    expect(tree.cpuMs()).toBe(11_100);
    processes.delete(12);
    processes.set(21, { parent: 11, ticks: 7 });
    processes.set(22, { parent: 20, ticks: 7 });
    proc.last = 22;
    proc.read.length = 0;
    expect(tree.cpuMs()).toBe(1170);
    expect(proc.read).toEqual([10, 11, 21, 22]);
  });

  test.each([
    [19, 20],
    [30, 20],
    [15, 3],
  ])(
    'an id that the system may have given again since the last reading is read again (the last id was %d and is %d)',
    (before, after) => {
      const processes = fiveProcesses();
      const proc = procOf(processes);
      const tree = new ProcessTree(new Set([10]), proc);
      proc.last = before;
      expect(tree.cpuMs()).toBe(11_100);
      processes.set(20, { parent: 10, ticks: 5 });
      proc.last = after;
      expect(tree.cpuMs()).toBe(11_150);
    },
  );

  test('a process whose file could not be read for once still belongs to the tree, and so do its descendants', () => {
    const proc = procOf(fiveProcesses());
    let failing: number | undefined = 11;
    const tree = new ProcessTree(new Set([10]), {
      names: proc.names,
      lastPid: () => 20,
      stat: (pid) => (pid === failing ? undefined : proc.stat(pid)),
    });
    expect(tree.cpuMs()).toBe(100);
    failing = undefined;
    expect(tree.cpuMs()).toBe(11_100);
  });

  test.runIf(process.platform === 'linux')('this process is in its own process tree on Linux', () => {
    const { cores, ownMs } = createMachineProbe().read();
    const own = parseProcessStat(readFileSync('/proc/self/stat', 'utf8'));
    expect(own?.pid).toBe(process.pid);
    expect(ownMs).toBeGreaterThan(0);
    expect(cores?.busyMs).toBeGreaterThan(0);
  });

  test('the yardstick takes time', () => {
    expect(createMachineProbe().yardstickMs()).toBeGreaterThan(0);
  });
});

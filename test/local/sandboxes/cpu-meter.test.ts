import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openCpuMeter, parseSchedstat } from '../../../src/local/sandboxes/cpu-meter.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('a schedstat line', () => {
  test('a schedstat line contains the time on a core and the time waiting for one, in ns, and the number of timeslices', () => {
    const line = bytes('24864811837 6380639244 7775\n');
    expect(parseSchedstat(line, line.length)).toEqual({
      cpuNs: 24_864_811_837,
      queuedNs: 6_380_639_244,
      timeslices: 7775,
    });
  });

  test('a schedstat line that is empty or cut short has no times', () => {
    expect(parseSchedstat(bytes(''), 0)).toBeUndefined();
    expect(parseSchedstat(bytes('123'), 3)).toBeUndefined();
    expect(parseSchedstat(bytes('123 4 '), 6)).toBeUndefined();
  });
});

describe('the meter on a fake /proc', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'shedbench-test-proc-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function thread(pid: number, tid: number, schedstat: string, children = ''): void {
    const at = join(folder, String(pid), 'task', String(tid));
    mkdirSync(at, { recursive: true });
    writeFileSync(join(at, 'schedstat'), schedstat);
    writeFileSync(join(at, 'children'), children);
  }

  test('the meter adds up all threads and the processes that they started', () => {
    thread(10, 10, '1000000 500000 1\n', '20 ');
    thread(10, 11, '2000000 0 1\n');
    thread(20, 20, '4000000 0 1\n');
    const meter = openCpuMeter(10, 'linux', folder);
    expect(meter?.read()).toEqual({ cpuMs: 7, queuedMs: 0.5, timeslices: 3 });
    thread(10, 11, '2500000 0 9\n');
    expect(meter?.read()).toEqual({ cpuMs: 7.5, queuedMs: 0.5, timeslices: 11 });
    meter?.close();
  });

  test('the meter counts the CPU time of threads that began and ended between two looks', () => {
    thread(10, 10, '1000000 0 1\n');
    const stat = (units: string) =>
      writeFileSync(
        join(folder, '10', 'stat'),
        `10 (a (strange) name) S 1 1 1 0 -1 0 0 0 0 0 ${units} 20 0 1\n`,
      );
    stat('0 0 0 0');
    const meter = openCpuMeter(10, 'linux', folder);
    expect(meter?.look()?.cpuMs).toBe(1);
    stat('6 1 2 1');
    expect(meter?.look()?.cpuMs).toBe(100);
    thread(10, 10, '5000000 0 1\n');
    expect(meter?.look()?.cpuMs).toBe(104);
    meter?.close();
  });

  test('the meter does not count the processes that ended before the program began', () => {
    thread(10, 10, '1000000 0 1\n');
    const stat = (units: string) =>
      writeFileSync(join(folder, '10', 'stat'), `10 (sh) S 1 1 1 0 -1 0 0 0 0 0 ${units} 20 0 1\n`);
    // A shell mounted /tmp with programs that took 20 ms. Its own 1 ms is less than a unit.
    stat('0 0 1 1');
    const meter = openCpuMeter(10, 'linux', folder);
    expect(meter?.start()?.cpuMs).toBe(1);
    thread(10, 10, '31000000 0 1\n');
    stat('2 1 1 1');
    expect(meter?.look()?.cpuMs).toBe(31);
    stat('2 1 3 1');
    expect(meter?.look()?.cpuMs).toBe(50);
    meter?.close();
  });

  test('the meter counts every process of a thread that started very many', () => {
    const pids = Array.from({ length: 2000 }, (_, n) => 1000 + n);
    thread(10, 10, '1000000 0 1\n', `${pids.join(' ')} `);
    thread(2999, 2999, '4000000 0 1\n');
    const meter = openCpuMeter(10, 'linux', folder);
    expect(meter?.read()?.cpuMs).toBe(5);
    meter?.close();
  });

  test('the meter counts the threads of a kernel that has no lists of children', () => {
    thread(10, 10, '1000000 0 1\n');
    rmSync(join(folder, '10/task/10/children'));
    const meter = openCpuMeter(10, 'linux', folder);
    expect(meter?.read()?.cpuMs).toBe(1);
    meter?.close();
  });

  test('the meter finds a new thread at the next look', () => {
    thread(10, 10, '1000000 0 1\n');
    const meter = openCpuMeter(10, 'linux', folder);
    thread(10, 12, '3000000 0 1\n');
    expect(meter?.read()?.cpuMs).toBe(1);
    expect(meter?.look()?.cpuMs).toBe(4);
    meter?.close();
  });

  test('the meter keeps the CPU time of a thread that has ended', () => {
    thread(10, 10, '1000000 0 1\n');
    thread(10, 11, '2000000 0 1\n');
    const meter = openCpuMeter(10, 'linux', folder);
    expect(meter?.read()?.cpuMs).toBe(3);
    writeFileSync(join(folder, '10/task/11/schedstat'), '');
    expect(meter?.read()?.cpuMs).toBe(3);
    expect(meter?.read()?.cpuMs).toBe(3);
    meter?.close();
  });

  test('the meter reads a thread that was idle between two looks only at the next look', () => {
    thread(10, 10, '1000000 0 1\n');
    thread(10, 11, '2000000 0 1\n');
    const meter = openCpuMeter(10, 'linux', folder);
    thread(10, 10, '5000000 0 1\n');
    expect(meter?.look()?.cpuMs).toBe(7);
    thread(10, 10, '6000000 0 1\n');
    thread(10, 11, '3000000 0 1\n');
    expect(meter?.read()?.cpuMs).toBe(8);
    expect(meter?.look()?.cpuMs).toBe(9);
    expect(meter?.read()?.cpuMs).toBe(9);
    meter?.close();
  });

  test('the meter has no figure for a process that does not exist', () => {
    const meter = openCpuMeter(99, 'linux', folder);
    expect(meter?.read()).toBeUndefined();
    meter?.close();
  });

  test('there is no meter on a system that counts CPU time only in ticks', () => {
    expect(openCpuMeter(1, 'darwin')).toBeUndefined();
  });
});

describe('the meter on this machine', () => {
  test.skipIf(process.platform !== 'linux')(
    'the meter counts the work of a child, and of the process that it starts',
    async () => {
      const work = `const end = process.cpuUsage().user + 60_000; while (process.cpuUsage().user < end);`;
      const child: ChildProcess = spawn(
        process.execPath,
        [
          '-e',
          `${work} require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(`${work} setInterval(() => {}, 1000);`)}], { stdio: 'ignore' }); setInterval(() => {}, 1000);`,
        ],
        { stdio: 'ignore', detached: true },
      );
      const meter = openCpuMeter(child.pid ?? 0);
      try {
        await expect.poll(() => meter?.look()?.cpuMs ?? 0, { timeout: 15_000 }).toBeGreaterThan(120);
      } finally {
        meter?.close();
        process.kill(-(child.pid ?? 0), 'SIGKILL');
      }
    },
  );
});

import { describe, expect, test } from 'vitest';
import type { CpuMeter } from '../../../src/local/sandboxes/cpu-meter.ts';
import { EnvironmentCpu } from '../../../src/local/sandboxes/environment-cpu.ts';

/** A process whose CPU time the test sets. It counts how often it is asked. */
function processWith(): { cpu: CpuMeter; usedMs: number; asked: number } {
  const measured = {
    usedMs: 0,
    asked: 0,
    cpu: { read: reading, look: reading, start: reading, close: () => undefined },
  };
  function reading() {
    measured.asked += 1;
    return { cpuMs: measured.usedMs, queuedMs: 0, timeslices: 0 };
  }
  return measured;
}

describe('the CPU time of an invocation', () => {
  test('the CPU time of an invocation excludes the time that the runtime used between two invocations', () => {
    const measured = processWith();
    const cpu = new EnvironmentCpu();
    cpu.begin(measured, 0);
    measured.usedMs = 3;
    expect(cpu.end(measured, 5, 5)?.cpuMs).toBe(3);
    measured.usedMs = 4;
    cpu.begin(measured, 6);
    measured.usedMs = 6;
    expect(cpu.end(measured, 5, 11)?.cpuMs).toBe(2);
  });

  test('the CPU time is read only once if the next invocation follows within 0.1 ms', () => {
    const measured = processWith();
    const cpu = new EnvironmentCpu();
    cpu.begin(measured, 0);
    measured.usedMs = 3;
    cpu.end(measured, 5, 5);
    const { asked } = measured;
    cpu.begin(measured, 5.09);
    expect(measured.asked).toBe(asked);
    measured.usedMs = 7;
    expect(cpu.end(measured, 5, 10)?.cpuMs).toBe(4);
  });

  test('the CPU time of a new process does not begin with the reading of the former process', () => {
    const measured = processWith();
    const cpu = new EnvironmentCpu();
    cpu.begin(measured, 0);
    measured.usedMs = 3;
    cpu.end(measured, 5, 5);
    measured.usedMs = 1;
    cpu.beginInit(measured);
    measured.usedMs = 2;
    expect(cpu.end(measured, 5, 10)?.cpuMs).toBe(1);
  });
});

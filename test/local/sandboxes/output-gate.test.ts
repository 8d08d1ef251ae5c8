import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { OutputGate } from '../../../src/local/sandboxes/output-gate.ts';

const MIB = 1024 * 1024;

let calls: string[];
let gate: OutputGate;

beforeEach(() => {
  vi.useFakeTimers();
  calls = [];
  gate = new OutputGate(() => Date.now());
  for (const name of ['out', 'err']) {
    gate.add({ pause: () => calls.push(`pause ${name}`), resume: () => calls.push(`resume ${name}`) });
  }
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a sandbox's output", () => {
  test('the output of a sandbox is passed on without delay up to the burst', () => {
    gate.count(8 * MIB);
    expect(calls).toEqual([]);
  });

  test('output beyond the burst waits for as long as the excess takes at 5 MiB a second', () => {
    gate.count(8 * MIB);
    gate.count(5 * MIB);
    gate.count(0);
    expect(calls).toEqual(['pause out', 'pause err']);
    vi.advanceTimersByTime(999);
    expect(calls).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(calls).toEqual(['pause out', 'pause err', 'resume out', 'resume err']);
  });

  test("a sandbox's output may burst again after a pause", () => {
    gate.count(8 * MIB);
    vi.advanceTimersByTime(60_000);
    gate.count(8 * MIB);
    expect(calls).toEqual([]);
  });

  test("a sandbox's output is read to its end when the process has ended", () => {
    gate.count(100 * MIB);
    gate.open();
    expect(calls).toEqual(['pause out', 'pause err', 'resume out', 'resume err']);
    gate.count(100 * MIB);
    vi.advanceTimersByTime(60_000);
    expect(calls).toHaveLength(4);
  });
});

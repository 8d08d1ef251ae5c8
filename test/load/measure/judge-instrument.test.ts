import { describe, expect, test } from 'vitest';
import { judgeInstrument, type Observed } from '../../../src/load/measure/judge-instrument.ts';
import { LatencyRecorder } from '../../../src/load/measure/latency-recorder.ts';

function histogram(...values: readonly number[]) {
  const recorder = new LatencyRecorder();
  for (const ms of values) recorder.record(ms);
  return recorder.encode();
}
const calm: Observed = {
  cpuMs: 300,
  elapsedMs: 1000,
  peakRssMiB: 52,
  threads: 1,
  cores: 4,
  eventLoopUtilization: 0.3,
  eventLoopDelayP99Ms: 1,
  stoodStillMs: 0,
  success: histogram(50),
};

test('an instrument with time to spare is no bottleneck', () => {
  expect(judgeInstrument(calm)).toEqual({
    cpuShare: 0.3,
    eventLoopUtilization: 0.3,
    eventLoopDelayP99Ms: 1,
    threads: 1,
    peakRssMiB: 52,
  });
});

describe('the bottleneck', () => {
  test('delays after a standstill are no bottleneck, because a warning of its own names the standstill', () => {
    const sendLag = histogram(...Array(10).fill(900));
    expect(judgeInstrument({ ...calm, eventLoopDelayP99Ms: 900, sendLag }).bottleneck).toBeDefined();
    const stopped = { ...calm, eventLoopDelayP99Ms: 900, sendLag, stoodStillMs: 1000 };
    expect(judgeInstrument(stopped).bottleneck).toBeUndefined();
    expect(judgeInstrument({ ...stopped, eventLoopUtilization: 0.97 }).bottleneck).toBeDefined();
  });

  test.each([
    [
      { eventLoopUtilization: 0.97 },
      'its thread was at work 97 % of the time',
      '--threads 2, or a smaller -p',
    ],
    [
      { eventLoopUtilization: 0.93, threads: 3 },
      'its busiest of 3 threads was at work 93 % of the time',
      '--threads 4, or a smaller -p',
    ],
    [
      { eventLoopUtilization: 0.95, threads: 8, isFleet: true },
      'the busiest loader was at work 95 % of the time',
      '--from lambda=16, or a smaller -p or --rate',
    ],
    [
      { eventLoopDelayP99Ms: 25, threads: 2, isFleet: true },
      "a loader's machine delayed it by up to 25 ms (p99), which the latencies include",
      '--from lambda=4, or a smaller -p or --rate',
    ],
    [
      { eventLoopUtilization: 1, cores: 1 },
      'its thread was at work 100 % of the time',
      'A smaller -p or --rate, or a machine with more cores',
    ],
    [
      { eventLoopDelayP99Ms: 25 },
      'this machine delayed it by up to 25 ms (p99), which the latencies include',
      'Run nothing else on this machine, or send the load from another one',
    ],
    [
      { sendLag: histogram(1, 1, 14) },
      'it sent calls up to 14 ms late (p99) although connections were free',
      '--threads 2',
    ],
  ])('the bottleneck is named for the health %j', (overrides, reason, hint) => {
    expect(judgeInstrument({ ...calm, ...overrides }).bottleneck).toEqual({ reason, hint });
  });

  test.each([
    [
      'seen in a run too short to tell',
      { eventLoopUtilization: 1, eventLoopDelayP99Ms: 100, elapsedMs: 499 },
    ],
    ['named in a run without a success', { eventLoopUtilization: 1, success: histogram() }],
    ['just under nine tenths of the time', { eventLoopUtilization: 0.89 }],
    ['a delay that is small beside the answers', { eventLoopDelayP99Ms: 25, success: histogram(500) }],
    ['a delay of a timer tick or two', { eventLoopDelayP99Ms: 15, success: histogram(1) }],
    ['sends that are late by a timer tick', { sendLag: histogram(2) }],
  ])('the bottleneck is not %s', (_name, overrides) => {
    expect(judgeInstrument({ ...calm, ...overrides }).bottleneck).toBeUndefined();
  });
});

test('a run that took no time has a CPU share of 0', () => {
  expect(judgeInstrument({ ...calm, elapsedMs: 0, success: histogram() }).cpuShare).toBe(0);
});

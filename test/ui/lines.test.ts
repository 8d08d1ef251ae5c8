import { describe, expect, test } from 'vitest';
import type { LoadProgress } from '../../src/model/events.ts';
import {
  about,
  bar,
  clock,
  estimateLine,
  latency,
  loadFigures,
  loadLine,
  shareDone,
  wholeText,
} from '../../src/ui/lines.ts';

const PROGRESS: LoadProgress = {
  phase: 'measure',
  callsDone: 420,
  callsPlanned: 1000,
  successes: 418,
  unexpected: 1,
  errors: 1,
  ratePerSecond: 812.4,
  elapsedMs: 517,
  leftMs: 714,
  p50Ms: 12.34,
  p99Ms: 248.7,
};

describe('what a load in flight looks like', () => {
  test('what a load in flight looks like shows calls, rate, percentiles, failures and time left', () => {
    expect(loadFigures(PROGRESS)).toBe(
      '420/1,000  812/s  p50 12.3 ms  p99 249 ms  1 error  1 unexpected  0.7 s left',
    );
  });

  test('what a load in flight looks like keeps within the columns it is given, the bar shrinking first', () => {
    const event = { type: 'load-progress', runtime: 'rust', route: 'wolf', progress: PROGRESS } as const;
    expect(loadLine(event, 120)).toContain('█');
    expect(loadLine(event, 80)).not.toContain('█');
    for (const columns of [20, 60, 80, 100, 200]) {
      expect(loadLine(event, columns).length).toBeLessThanOrEqual(columns);
    }
  });

  test('a line that is too narrow leaves out p99, then p50, then the rate, and keeps failures and the time left', () => {
    expect(loadFigures(PROGRESS, 70)).toBe(
      '420/1,000  812/s  p50 12.3 ms  1 error  1 unexpected  0.7 s left',
    );
    expect(loadFigures(PROGRESS, 55)).toBe('420/1,000  812/s  1 error  1 unexpected  0.7 s left');
    expect(loadFigures(PROGRESS, 20)).toBe('420/1,000  1 error  1 unexpected  0.7 s left');
  });

  test('what a load in flight looks like measures a load without a count by its time', () => {
    const { callsPlanned: _, ...timed } = PROGRESS;
    expect(shareDone({ ...timed, elapsedMs: 250, leftMs: 750 })).toBe(0.25);
    const { leftMs: __, ...endless } = timed;
    expect(shareDone(endless)).toBeUndefined();
  });
});

describe('figures as people read them', () => {
  test.each([
    [0, '0.0 s'],
    [412, '0.4 s'],
    [999, '0:01'],
    [61_000, '1:01'],
    [3_723_000, '1:02:03'],
    [-5, '0.0 s'],
  ])('the clock shows %d ms as %s', (ms, text) => {
    expect(clock(ms)).toBe(text);
  });

  test.each([
    [0.4249, '0.42 ms'],
    [12.34, '12.3 ms'],
    [250.4, '250 ms'],
    [4271.4, '4.27 s'],
  ])('a latency of %d ms reads %s', (ms, text) => {
    expect(latency(ms)).toBe(text);
  });

  test('a bar never runs over its cells', () => {
    expect(bar(0, 4)).toBe('░░░░');
    expect(bar(0.5, 4)).toBe('██░░');
    expect(bar(1.7, 4)).toBe('████');
    expect(bar(-1, 4)).toBe('░░░░');
  });
});

describe('the whole of the work', () => {
  test.each([
    [412, 'about 0.4 s'],
    [12_300, 'about 0:12'],
    [41_800, 'about 0:40'],
    [3_598_000, 'about 1:00:00'],
  ])('an estimate of %d ms reads %s', (ms, text) => {
    expect(about(ms)).toBe(text);
  });

  test('the whole of the work names the load at hand, how many there are, and the time left of all', () => {
    expect(wholeText({ load: 3, of: 12, leftMs: 41_800 })).toBe('load 3 of 12 · about 0:40 left in all');
  });

  test('the estimate names loads, calls, the time and where it ends, the cost on AWS, and what it was made from', () => {
    const event = {
      type: 'work-estimate',
      loads: 12,
      calls: 13_200,
      expectedMs: 41_800,
      until: 'report',
    } as const;
    expect(estimateLine({ ...event, expectedUsd: 0.0812, basis: 'typical' })).toBe(
      '12 loads, 13,200 calls: about 0:40 until the report, on AWS about $0.081 (by typical figures)',
    );
    expect(estimateLine({ ...event, loads: 1, until: 'last-call', basis: 'earlier-run' })).toBe(
      '1 load, 13,200 calls: about 0:40 until the last call (by earlier runs of this folder)',
    );
  });
});

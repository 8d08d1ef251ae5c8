import { expect, test } from 'vitest';
import { mergeTimelines, OUTCOME, TimelineRecorder } from '../../../src/load/measure/timeline-recorder.ts';

test('calls fall into bins of a tenth of a second by when they ended', () => {
  const recorder = new TimelineRecorder();
  recorder.record(0, OUTCOME.success, 10);
  recorder.record(99.9, OUTCOME.success, 30);
  recorder.record(250, OUTCOME.unexpected, 5);
  recorder.record(250, OUTCOME.error, 5);
  expect(mergeTimelines([recorder.data()])).toEqual({
    binMs: 100,
    bins: [
      { successes: 2, unexpected: 0, errors: 0, meanMs: 20, maxMs: 30 },
      { successes: 0, unexpected: 0, errors: 0, meanMs: 0, maxMs: 0 },
      { successes: 0, unexpected: 1, errors: 1, meanMs: 0, maxMs: 0 },
    ],
  });
});

test('a longer run has wider bins, not more of them, and loses no call', () => {
  const recorder = new TimelineRecorder();
  const hour = 3_600_000;
  for (let at = 0; at < hour; at += 500) recorder.record(at, OUTCOME.success, at === 1_800_000 ? 99 : 7);
  const { binMs, bins } = mergeTimelines([recorder.data()]);
  expect(binMs).toBe(25_600);
  expect(bins.length).toBeLessThanOrEqual(240);
  expect(bins.length).toBe(Math.ceil(hour / 25_600));
  expect(bins.reduce((sum, bin) => sum + bin.successes, 0)).toBe(7200);
  expect(bins.findIndex((bin) => bin.maxMs === 99)).toBe(Math.floor(1_800_000 / 25_600));
  expect(bins[0]).toEqual({ successes: 52, unexpected: 0, errors: 0, meanMs: 7, maxMs: 7 });
});

test('timelines of different width merge into the wider', () => {
  const [fine, coarse] = [new TimelineRecorder(), new TimelineRecorder()];
  fine.record(10, OUTCOME.success, 4);
  fine.record(150, OUTCOME.success, 8);
  coarse.record(30_000, OUTCOME.success, 2);
  const { binMs, bins } = mergeTimelines([fine.data(), coarse.data()]);
  expect(binMs).toBe(200);
  expect(bins[0]).toEqual({ successes: 2, unexpected: 0, errors: 0, meanMs: 6, maxMs: 8 });
  expect(bins[150]).toMatchObject({ successes: 1, meanMs: 2 });
});

test('a timeline of nothing has no bins', () => {
  expect(mergeTimelines([new TimelineRecorder().data()])).toEqual({ binMs: 100, bins: [] });
});

import { describe, expect, test } from 'vitest';
import { compileQuery } from '../../src/local/insights/compile-query.ts';
import { readAggregate } from '../../src/report/rows/aggregate.ts';
import { completenessOf, expectedRows, isSettled } from '../../src/report/rows/completeness.ts';
import { crossCheck } from '../../src/report/rows/cross-check.ts';
import { cutWindow, parseInsightsTime } from '../../src/report/rows/fetch-rows.ts';
import { aggregateQuery, PUBLISHED_QUERY, PUBLISHED_QUERY_OLDER } from '../../src/report/rows/query-text.ts';
import { groupsOf, SampleColumns, type SampleRow } from '../../src/report/rows/samples.ts';
import { runRecord } from './fixtures.ts';

const RUN = { windowStartEpochMs: 0, rounds: [] };

describe('the query texts', () => {
  test('the query texts keep a project apart from what a regular expression would make of its name', () => {
    const line = (project: string) =>
      aggregateQuery({ project })
        .split('\n')
        .find((text) => text.startsWith('| parse @log'));
    expect(line('my-rust-bench')).toBe('| parse @log /^\\d+:.aws.lambda.my-rust-bench-(?<Lambda>.+)$/');
    expect(line('a.b+c')).toBe('| parse @log /^\\d+:.aws.lambda.a\\.b\\+c-(?<Lambda>.+)$/');
  });

  test('the query texts ask for every statistic of every quantity under a name of its own', () => {
    const names = [...aggregateQuery({ project: 'shed' }).matchAll(/\) as (\w+)/g)].map(([, name]) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const quantity of ['Duration', 'Init', 'Billed', 'Memory']) {
      for (const statistic of ['avg', 'min', 'max', 'stddev', 'p50', 'p90', 'p99']) {
        expect(names).toContain(`${statistic}${quantity}`);
      }
    }
  });

  test.each([
    ['ours', aggregateQuery({ project: 'sheepshed' })],
    ['the published one', PUBLISHED_QUERY],
    ['its older form', PUBLISHED_QUERY_OLDER],
  ])('%s is understood by the local cloud', (_, text) => {
    expect(() => compileQuery(text)).not.toThrow();
  });
});

describe('completeness', () => {
  test.each([
    [2000, { min: 2000, max: 2000 }, 'complete', 0, 0],
    [1998, { min: 2000, max: 2000 }, 'short', 2, 0],
    [1998, { min: 1990, max: 2000 }, 'complete', 0, 0],
    [2003, { min: 1990, max: 2000 }, 'foreign', 0, 3],
    [0, { min: 0, max: 0 }, 'complete', 0, 0],
  ] as const)('%d rows of %o are %s', (found, expected, verdict, missing, foreign) => {
    expect(completenessOf(found, expected)).toEqual({
      found,
      expected,
      verdict,
      missing,
      foreign,
      duplicates: 0,
      unreadable: 0,
    });
  });

  test('waiting ends at the maximum at once, and below it only when nothing more came', () => {
    const expected = { min: 90, max: 100 };
    const rows = (count: number) => ({ rows: count, requests: count });
    expect(isSettled(rows(100), undefined, expected)).toBe(true);
    expect(isSettled(rows(95), undefined, expected)).toBe(false);
    expect(isSettled(rows(95), rows(93), expected)).toBe(false);
    expect(isSettled(rows(95), rows(95), expected)).toBe(true);
    expect(isSettled(rows(89), rows(89), expected)).toBe(false);
    expect(isSettled(rows(0), undefined, { min: 0, max: 5 })).toBe(false);
  });

  test('waiting goes on where duplicate rows make up for missing ones', () => {
    const seen = { rows: 100, requests: 98 };
    expect(isSettled(seen, seen, { min: 100, max: 100 })).toBe(false);
  });

  test('the rows of a warm-up round are expected too, for they are in the window', () => {
    const { rounds, accounting } = runRecord('rust', 'cat');
    const [measured] = rounds;
    if (measured === undefined) throw new Error('no round');
    const warmup = {
      ...measured,
      index: 0,
      accounting: { ...accounting, reachedLambda: { min: 9, max: 10 } },
    };
    expect(expectedRows({ accounting, rounds: [warmup, measured] })).toEqual({ min: 109, max: 110 });
  });
});

describe('the aggregate query’s rows', () => {
  const row: Readonly<Record<string, string>> = {
    Lambda: 'rust-get-dog-count',
    coldStart: '1',
    count: '2',
    timeouts: '1',
    failures: '2',
    memorySize: '128',
    ...Object.fromEntries(
      ['Duration', 'Init', 'Billed', 'Memory'].flatMap((quantity) =>
        ['avg', 'min', 'max', 'stddev', 'p50', 'p90', 'p99'].map((statistic) => [
          `${statistic}${quantity}`,
          '1.5',
        ]),
      ),
    ),
  };

  test('the aggregate query’s rows become groups by temperature, other labels left out', () => {
    const aggregate = readAggregate([row, { ...row, Lambda: 'node-get-dog-count' }], 'rust-get-dog-count');
    expect(aggregate).toMatchObject({ rows: 2, requests: 2 });
    expect(aggregate.memorySizeMB).toBe(128);
    expect(aggregate.groups.warm).toBeUndefined();
    expect(aggregate.groups.cold).toMatchObject({ count: 2, timeouts: 1, errors: 1, initMs: { mean: 1.5 } });
  });

  test('the aggregate query’s rows tell rows of one request from rows of different ones', () => {
    const requests = (changes: object) =>
      readAggregate([{ ...row, ...changes }], 'rust-get-dog-count').requests;
    expect(requests({ requests: '1' })).toBe(1);
    // An endpoint without request ids counts none; one that approximates may count too few of very many.
    expect(requests({ requests: '0' })).toBe(2);
    expect(requests({ count: '20000', requests: '19500' })).toBe(20_000);
  });

  test('the aggregate query’s rows carry the percentiles that were asked for', () => {
    const asked = { ...row, p95Duration: '7', p95Init: '1', p95Billed: '1', p95Memory: '1' };
    expect(readAggregate([asked], 'rust-get-dog-count', [50, 90, 95, 99]).groups.cold?.durationMs.p95).toBe(
      7,
    );
    expect(() => readAggregate([row], 'rust-get-dog-count', [95])).toThrow('without p95Duration');
  });

  test('the aggregate query’s rows are refused by name where a figure is missing or is no number', () => {
    const { avgBilled: _, ...without } = row;
    expect(() => readAggregate([without], 'rust-get-dog-count')).toThrow('REPORT rows without figures');
    expect(() => readAggregate([{ ...row, p99Duration: 'many' }], 'rust-get-dog-count')).toThrow(
      "'many' for p99Duration",
    );
  });
});

describe('the cross-check', () => {
  const sample = (changes: Partial<SampleRow> = {}): SampleRow => ({
    atEpochMs: 0,
    durationMs: 10.5,
    initMs: undefined,
    billedMs: 11,
    memoryMB: 30,
    status: 0,
    environment: 'stream',
    isDuplicate: false,
    ...changes,
  });
  const groups = (rows: readonly SampleRow[]) => {
    const columns = new SampleColumns();
    for (const row of rows) columns.add(row);
    return groupsOf(columns.finish(RUN));
  };

  test('the cross-check agrees within what Insights prints', () => {
    const rows = groups([sample({ durationMs: 10.00004 }), sample({ durationMs: 20.5 })]);
    const printed = groups([sample({ durationMs: 10 }), sample({ durationMs: 20.5 })]);
    expect(crossCheck(printed, rows)).toEqual({ state: 'agrees' });
  });

  test('the cross-check names a count, a minimum and a mean that differ', () => {
    const left = groups([sample(), sample({ durationMs: 20 })]);
    const right = groups([sample({ durationMs: 10.51 }), sample({ durationMs: 20 })]);
    expect(crossCheck(left, right)).toEqual({
      state: 'disagrees',
      differences: [
        { temperature: 'warm', statistic: 'durationMs.min', aggregate: 10.5, rows: 10.51 },
        { temperature: 'warm', statistic: 'durationMs.mean', aggregate: 15.25, rows: 15.255 },
      ],
    });
    expect(crossCheck(left, groups([sample()]))).toMatchObject({
      differences: [{ statistic: 'count', aggregate: 2, rows: 1 }, {}, {}],
    });
  });

  test('the cross-check sees a temperature that only one side has', () => {
    const warm = groups([sample()]);
    const both = groups([sample(), sample({ initMs: 5 })]);
    expect(crossCheck(warm, both)).toEqual({
      state: 'disagrees',
      differences: [{ temperature: 'cold', statistic: 'count', aggregate: 0, rows: 1 }],
    });
  });

  test('the cross-check agrees on nothing at all', () => {
    expect(crossCheck({}, {})).toEqual({ state: 'agrees' });
  });
});

describe('sample columns', () => {
  test('sample columns grow beyond their first size and keep every row', () => {
    const columns = new SampleColumns();
    for (let index = 0; index < 5000; index++) {
      columns.add({
        atEpochMs: 1000 + index,
        durationMs: index + 0.25,
        initMs: index % 10 === 0 ? 3 : undefined,
        billedMs: index,
        memoryMB: 30,
        status: index % 100 === 0 ? 1 : 0,
        environment: `stream ${index % 7}`,
        isDuplicate: false,
      });
    }
    const samples = columns.finish({ ...RUN, windowStartEpochMs: 1000 });
    expect(samples.atMs.slice(0, 3)).toEqual([0, 1, 2]);
    expect(samples.durationMs.at(-1)).toBe(4999.25);
    expect(samples.initMs.slice(0, 2)).toEqual([3, null]);
    const { warm, cold } = groupsOf(samples);
    expect([warm?.count, cold?.count, cold?.timeouts, warm?.timeouts]).toEqual([4500, 500, 50, 0]);
    expect(samples.environment.slice(0, 9)).toEqual([0, 1, 2, 3, 4, 5, 6, 0, 1]);
  });

  test('sample columns round away the digits that come from binary fractions', () => {
    const columns = new SampleColumns();
    columns.add({
      atEpochMs: 0,
      durationMs: 0.1 + 0.2,
      initMs: 0.2,
      billedMs: 1,
      memoryMB: 25,
      status: 0,
      environment: 'stream',
      isDuplicate: false,
    });
    expect(0.1 + 0.2).not.toBe(0.3);
    expect(columns.finish(RUN).durationMs).toEqual([0.3]);
  });
});

describe('windows and times', () => {
  test('windows and times are cut into pieces that share their boundary seconds and cover everything', () => {
    expect(cutWindow({ startEpochSeconds: 100, endEpochSeconds: 110 }, 3)).toEqual([
      { startEpochSeconds: 100, endEpochSeconds: 103 },
      { startEpochSeconds: 103, endEpochSeconds: 107 },
      { startEpochSeconds: 107, endEpochSeconds: 110 },
    ]);
  });

  test('windows and times are not cut below a second', () => {
    expect(cutWindow({ startEpochSeconds: 100, endEpochSeconds: 101 }, 5)).toHaveLength(1);
    expect(cutWindow({ startEpochSeconds: 100, endEpochSeconds: 100 }, 5)).toHaveLength(1);
  });

  test('windows and times read as Insights prints them, in UTC, or as epoch milliseconds', () => {
    expect(parseInsightsTime('2026-11-23 12:00:00.123')).toBe(Date.UTC(2026, 10, 23, 12, 0, 0, 123));
    expect(parseInsightsTime('1.6E12')).toBe(1.6e12);
    expect(() => parseInsightsTime('soon')).toThrow("'soon' for a time");
    expect(() => parseInsightsTime('')).toThrow('for a time');
  });
});

import { describe, expect, test } from 'vitest';
import { compileQuery } from '../../../src/local/insights/compile-query.ts';
import { runQuery } from '../../../src/local/insights/run-query.ts';
import { ACCOUNT, report, rows, run, source } from './fixture.ts';

const EVENTS = source('/g', [
  { timestampMs: 1_000, message: '{"id":1,"kind":"sheep","weight":10}', stream: 's1' },
  { timestampMs: 3_000, message: '{"id":3,"kind":"wolf"}', stream: 's2' },
  { timestampMs: 2_000, message: '{"id":2,"kind":"sheep","weight":30}', stream: 's1' },
  { timestampMs: 3_000, message: '{"id":4,"kind":"sheep","weight":20}', stream: 's2' },
]);

async function ids(query: string): Promise<string> {
  return rows(await run(query, [EVENTS]))
    .map(({ id }) => id ?? '-')
    .join(' ');
}

describe('rows of events', () => {
  test('rows of events have time, text and pointer if no field is requested, the latest first', async () => {
    const outcome = await run('filter kind = "wolf"', [EVENTS]);
    expect(outcome.row(0)).toEqual([
      { field: '@timestamp', value: '1970-01-01 00:00:03.000' },
      { field: '@message', value: '{"id":3,"kind":"wolf"}' },
      { field: '@ptr', value: '/g#1' },
    ]);
    expect(await ids('fields id')).toBe('4 3 2 1');
  });

  test('rows of events leave missing fields out', async () => {
    const outcome = await run('fields id, weight | filter kind = "wolf"', [EVENTS]);
    expect(outcome.row(0)).toEqual([
      { field: 'id', value: '3' },
      { field: '@ptr', value: '/g#1' },
    ]);
  });

  test('rows of events have their log group, log stream and ingestion time', async () => {
    const outcome = await run('fields @log, @logStream, @ingestionTime | filter id = 1', [EVENTS]);
    expect(rows(outcome)).toEqual([
      {
        '@log': `${ACCOUNT}:/g`,
        '@logStream': 's1',
        '@ingestionTime': '1970-01-01 00:00:03.000',
        '@ptr': '/g#0',
      },
    ]);
  });

  test('rows of events of several groups are mixed by time', async () => {
    const other = source('/h', [{ timestampMs: 2_500, message: '{"id":9}' }]);
    expect(rows(await run('fields id', [EVENTS, other])).map(({ id }) => id)).toEqual([
      '4',
      '3',
      '9',
      '2',
      '1',
    ]);
  });

  test('rows of events are those of the time range, both ends inclusive', async () => {
    const outcome = await run('fields id', [EVENTS], { startMs: 1_000, endMs: 2_000 });
    expect(rows(outcome).map(({ id }) => id)).toEqual(['2', '1']);
    expect(outcome.recordsScanned).toBe(2);
  });
});

describe('fields and display', () => {
  test('several fields commands add up, each field once', async () => {
    const outcome = await run('fields id | fields kind, id | filter id = 1', [EVENTS]);
    expect(outcome.row(0).map(({ field }) => field)).toEqual(['id', 'kind', '@ptr']);
  });

  test('an expression without an alias is named as it was written', async () => {
    const outcome = await run('fields weight  *  2, abs( -1 ) | filter id = 1', [EVENTS]);
    expect(rows(outcome)).toEqual([{ 'weight  *  2': '20', 'abs( -1 )': '1', '@ptr': '/g#0' }]);
  });

  test('an alias is a field for all that follows', async () => {
    expect(await ids('fields id, weight * 2 as double | filter double > 20 | sort double desc')).toBe('2 4');
  });

  test('display shows its fields and no others', async () => {
    const outcome = await run('fields id, kind | display kind | filter id = 1', [EVENTS]);
    expect(rows(outcome)).toEqual([{ kind: 'sheep', '@ptr': '/g#0' }]);
  });

  test('a renamed field keeps its way of printing', async () => {
    const outcome = await run('fields @timestamp as t, @memorySize as m', [
      source('/g', [
        { timestampMs: 5, message: report({ durationMs: '1.00', billedMs: 1, maxMemoryMB: 1 }) },
      ]),
    ]);
    expect(rows(outcome)).toEqual([{ t: '1970-01-01 00:00:00.005', m: '1.28E8', '@ptr': '/g#0' }]);
  });
});

describe('sort and limit', () => {
  test('sort takes several keys', async () => {
    expect(await ids('fields id | sort kind desc, weight asc')).toBe('3 1 4 2');
  });

  test('sort puts missing values first when ascending and last when descending', async () => {
    expect(await ids('fields id | sort weight')).toBe('3 1 4 2');
    expect(await ids('fields id | sort by weight desc')).toBe('2 4 1 3');
  });

  test('sort takes an expression', async () => {
    expect(await ids('fields id | sort weight % 20 desc, id asc')).toBe('1 2 4 3');
  });

  test('limit takes the first rows of the order that there is', async () => {
    expect(await ids('fields id | limit 2')).toBe('4 3');
    expect(await ids('fields id | sort id | limit 2')).toBe('1 2');
    expect(await ids('fields id | limit 3 | sort id')).toBe('2 3 4');
  });

  test('the request’s limit cuts what the query leaves', async () => {
    const outcome = await run('fields id | sort id', [EVENTS], { limit: 3 });
    expect(outcome.rowCount).toBe(3);
    expect(outcome.recordsMatched).toBe(4);
  });
});

describe('dedup', () => {
  test('dedup keeps the first row of every combination in the order that there is', async () => {
    expect(await ids('fields id | sort id asc | dedup kind')).toBe('1 3');
    expect(await ids('fields id | dedup kind')).toBe('4 3');
    expect(await ids('fields id | sort id | dedup kind, @logStream | limit 2')).toBe('1 3');
  });

  test('dedup keeps every row that misses a field', async () => {
    expect(await ids('fields id | sort id | dedup missing')).toBe('1 2 3 4');
  });
});

describe('parse', () => {
  const LINES = source('/g', [
    { timestampMs: 2, message: 'user=dolly, method:GET, latency := 12' },
    { timestampMs: 1, message: 'nothing of the kind' },
  ]);

  test('parse by glob makes fields, and leaves them missing where the pattern does not fit', async () => {
    const outcome = await run('parse @message "user=*, method:*, latency := *" as @user, @method, @latency', [
      LINES,
    ]);
    expect(rows(outcome)).toEqual([
      {
        '@timestamp': '1970-01-01 00:00:00.002',
        '@message': 'user=dolly, method:GET, latency := 12',
        '@user': 'dolly',
        '@method': 'GET',
        '@latency': '12',
        '@ptr': '/g#0',
      },
      {
        '@timestamp': '1970-01-01 00:00:00.001',
        '@message': 'nothing of the kind',
        '@ptr': '/g#1',
      },
    ]);
  });

  test('parsed digits are numbers to arithmetic and aggregates', async () => {
    const outcome = await run(
      'parse "latency := *" as latency | stats avg(latency) as a, max(latency + 1) as b, count(latency) as c, count(*) as d',
      [LINES],
    );
    expect(rows(outcome)).toEqual([{ a: '12', b: '13', c: '1', d: '2' }]);
  });

  test('parse by regular expression takes its named groups', async () => {
    const outcome = await run('parse @message /user=(?<who>\\w+), method:(?<how>\\S+),/ | display who, how', [
      LINES,
    ]);
    expect(rows(outcome)).toEqual([
      { who: 'dolly', how: 'GET,'.slice(0, 3), '@ptr': '/g#0' },
      { '@ptr': '/g#1' },
    ]);
  });

  test('a group that took no part in the match is missing', async () => {
    const outcome = await run('parse @message /user=(?<who>\\w+)|(?<other>nothing)/ | display who, other', [
      LINES,
    ]);
    expect(rows(outcome)).toEqual([
      { who: 'dolly', '@ptr': '/g#0' },
      { other: 'nothing', '@ptr': '/g#1' },
    ]);
  });

  test('parse reads a field that a parse made', async () => {
    const outcome = await run(
      'parse "user=*, *" as who, rest | parse rest "method:*," as how | display how | limit 1',
      [LINES],
    );
    expect(rows(outcome)).toEqual([{ how: 'GET', '@ptr': '/g#0' }]);
  });

  test('characters of a glob that mean something to regular expressions mean themselves', async () => {
    const outcome = await run('parse @message "(a+b)? [*] $*|" as x, y | display x, y', [
      source('/g', [{ timestampMs: 1, message: '(a+b)? [1\n2] $3| 4|' }]),
    ]);
    expect(rows(outcome)).toEqual([{ x: '1\n2', y: '3', '@ptr': '/g#0' }]);
  });
});

describe('stats', () => {
  test('stats without by makes one row', async () => {
    const outcome = await run(
      `stats count(*) as n, count() as n2, count(weight) as present, sum(weight) as sum, avg(weight) as avg,
        min(weight) as min, max(weight) as max, stddev(weight) as dev, count_distinct(kind) as kinds,
        median(weight) as med, pct(weight, 90) as p90, earliest(id) as first, latest(id) as last,
        sortsFirst(kind) as lo, sortsLast(kind) as hi`,
      [EVENTS],
    );
    expect(rows(outcome)).toEqual([
      {
        n: '4',
        n2: '4',
        present: '3',
        sum: '60',
        avg: '20',
        min: '10',
        max: '30',
        // √(200 / 3): of the population
        dev: '8.165',
        kinds: '2',
        med: '20',
        p90: '30',
        first: '1',
        last: '4',
        lo: 'sheep',
        hi: 'wolf',
      },
    ]);
  });

  test('stats of values that are all missing has no value but counts', async () => {
    const outcome = await run(
      'stats count(x) as n, sum(x) as sum, avg(x) as avg, min(x) as min, stddev(x) as dev, pct(x, 50) as p, latest(x) as l',
      [EVENTS],
    );
    expect(rows(outcome)).toEqual([{ n: '0' }]);
  });

  test('stats of no rows makes no row', async () => {
    const outcome = await run('filter id = 99 | stats count(*)', [EVENTS]);
    expect([outcome.rowCount, outcome.recordsMatched, outcome.recordsScanned]).toEqual([0, 0, 4]);
  });

  test('stats stands up to ten times in a query', async () => {
    const chain = (commands: number): string =>
      Array.from({ length: commands }, (_, index) =>
        index === 0 ? 'stats count(*) as c0' : `stats max(c${index - 1}) as c${index}`,
      ).join(' | ');
    const events = source('g', [
      { timestampMs: 1, message: 'a' },
      { timestampMs: 2, message: 'b' },
    ]);
    expect(rows(await run(chain(10), [events]))).toEqual([{ c9: '2' }]);
    await expect(run(chain(11), [events])).rejects.toThrow('a query takes at most 10 stats commands');
  });

  test('stats names its columns as they were written', async () => {
    const outcome = await run('stats count(*), avg(weight) by kind | sort kind', [EVENTS]);
    expect(rows(outcome)).toEqual([
      { kind: 'sheep', 'count(*)': '3', 'avg(weight)': '20' },
      { kind: 'wolf', 'count(*)': '1' },
    ]);
  });

  test('stats computes with aggregates, with its keys and with columns that stand before', async () => {
    const outcome = await run(
      'stats max(weight) as hi, min(weight) as lo, hi - lo as span, sum(weight) / count(*) * 100 as x, concat(kind, "!") as k by kind | sort kind',
      [EVENTS],
    );
    expect(rows(outcome)).toEqual([
      { kind: 'sheep', hi: '30', lo: '10', span: '20', x: '2000', k: 'sheep!' },
      { kind: 'wolf', k: 'wolf!' },
    ]);
  });

  test('stats groups by expressions and by time, the latest bin first', async () => {
    const outcome = await run('stats count(*) as n by bin(2s) as t', [EVENTS]);
    expect(rows(outcome)).toEqual([
      { t: '1970-01-01 00:00:02.000', n: '3' },
      { t: '1970-01-01 00:00:00.000', n: '1' },
    ]);
    expect(rows(await run('stats count(*) as n by id % 2', [EVENTS]))).toEqual([
      { 'id % 2': '1', n: '2' },
      { 'id % 2': '0', n: '2' },
    ]);
  });

  test('stats sorts by its columns, also by the expression of one', async () => {
    const query = (order: string) => `stats count(*), sum(weight) as s by kind | sort ${order}`;
    expect(rows(await run(query('count(*) asc'), [EVENTS])).map(({ kind }) => kind)).toEqual([
      'wolf',
      'sheep',
    ]);
    expect(rows(await run(query('COUNT( * ) desc'), [EVENTS])).map(({ kind }) => kind)).toEqual([
      'sheep',
      'wolf',
    ]);
    expect(rows(await run(query('s desc'), [EVENTS])).map(({ kind }) => kind)).toEqual(['sheep', 'wolf']);
  });

  test('stats may be followed by another, by filter, fields and display', async () => {
    const outcome = await run(
      'stats sum(weight) as s, count(*) as n by @logStream, kind | filter n >= 1 | stats max(s) as most, sum(n) as all',
      [EVENTS],
    );
    expect(rows(outcome)).toEqual([{ most: '40', all: '4' }]);
    const shown = await run(
      'stats count(*) as n by kind | fields n * 2 as twice | display twice, kind | sort kind',
      [EVENTS],
    );
    expect(rows(shown)).toEqual([
      { twice: '6', kind: 'sheep' },
      { twice: '2', kind: 'wolf' },
    ]);
  });

  test('stats adds up without losing what is small beside what is large', async () => {
    const numbers = source('/g', [
      ...Array.from({ length: 1_000 }, (_, index) => ({ timestampMs: index, message: '{"x":0.1}' })),
      { timestampMs: 2_000, message: '{"x":1e16}' },
      { timestampMs: 2_001, message: '{"x":-1e16}' },
    ]);
    expect(rows(await run('stats sum(x) as s', [numbers]))).toEqual([{ s: '100' }]);
  });
});

describe('comments and layout', () => {
  test('# begins a comment to the end of the line', async () => {
    expect(
      await ids('# all sheep\nfields id # their ids\n| filter kind = "sheep" # none else\n| sort id'),
    ).toBe('1 2 4');
    expect(await ids('fields id | filter kind != "#" | limit 1')).toBe('4');
  });

  test('keywords and functions may be in any case', async () => {
    expect(
      await ids('FIELDS id | FILTER kind LIKE "she" AND IsPresent(weight) | SORT id DESC | LIMIT 1'),
    ).toBe('4');
  });
});

describe('a run', () => {
  test('a run pauses between slices, and ends when told to', async () => {
    const many = source(
      '/g',
      Array.from({ length: 2_000 }, (_, index) => ({ timestampMs: index, message: 'x' })),
    );
    let now = 0;
    let pauses = 0;
    const input = { sources: [many], startMs: 0, endMs: 1e6, nowEpochMs: 0, limit: 10 };
    const ticking = () => {
      now += 5;
      return now;
    };
    await runQuery(
      compileQuery('stats count(*)'),
      input,
      async () => {
        pauses += 1;
      },
      ticking,
      8,
    );
    expect(pauses).toBeGreaterThan(2);
    const stopped = runQuery(
      compileQuery('stats count(*)'),
      input,
      async () => {
        throw new Error('stopped');
      },
      ticking,
      8,
    );
    await expect(stopped).rejects.toThrow('stopped');
  });
});

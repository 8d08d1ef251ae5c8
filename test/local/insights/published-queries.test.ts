import { describe, expect, test } from 'vitest';
import { report, rows, run, source } from './fixture.ts';
import { PUBLISHED, PUBLISHED_OLDER } from './published.ts';

const RUST_DOG = source('/aws/lambda/sheepshed-rust-get-dog-count', [
  { timestampMs: 1_000, message: 'START RequestId: a Version: $LATEST' },
  {
    timestampMs: 1_001,
    message: report({ durationMs: '10.50', billedMs: 130, initMs: '119.25', maxMemoryMB: 20 }),
  },
  { timestampMs: 1_002, message: 'END RequestId: a' },
  { timestampMs: 2_000, message: report({ durationMs: '12.00', billedMs: 12, maxMemoryMB: 22 }) },
  { timestampMs: 3_000, message: report({ durationMs: '14.00', billedMs: 14, maxMemoryMB: 22 }) },
  { timestampMs: 4_000, message: report({ durationMs: '19.00', billedMs: 19, maxMemoryMB: 25 }) },
]);
const PYTHON_CAT = source('/aws/lambda/sheepshed-python-get-cat-ackermann', [
  { timestampMs: 1_500, message: report({ durationMs: '5883.10', billedMs: 5884, maxMemoryMB: 128 }) },
]);
const NODE_DOG = source('/aws/lambda/sheepshed-node-get-dog-count', [
  { timestampMs: 1_600, message: report({ durationMs: '7.25', billedMs: 8, maxMemoryMB: 60 }) },
]);

describe('the queries published with the demo', () => {
  test('the newer one gives every function cold and warm apart, init time counted into the duration', async () => {
    const outcome = await run(PUBLISHED, [RUST_DOG, PYTHON_CAT]);
    expect(rows(outcome)).toEqual([
      {
        Lambda: 'rust-get-dog-count',
        coldStart: '1',
        count: '1',
        avgDuration: '129.75',
        minDuration: '129.75',
        maxDuration: '129.75',
        StdDevDuration: '0',
        avgBilled: '130',
        minBilled: '130',
        maxBilled: '130',
        StdDevBilled: '0',
        // 20e6 / 1024²
        avgRam: '19.0735',
        minRam: '19.0735',
        maxRam: '19.0735',
        StdDevRam: '0',
      },
      {
        Lambda: 'rust-get-dog-count',
        coldStart: '0',
        count: '3',
        avgDuration: '15',
        minDuration: '12',
        maxDuration: '19',
        // √((9 + 1 + 16) / 3)
        StdDevDuration: '2.9439',
        avgBilled: '15',
        minBilled: '12',
        maxBilled: '19',
        StdDevBilled: '2.9439',
        // 23e6 / 1024², 22e6 / 1024², 25e6 / 1024², √2 · 1e6 / 1024²
        avgRam: '21.9345',
        minRam: '20.9808',
        maxRam: '23.8419',
        StdDevRam: '1.3487',
      },
      {
        Lambda: 'python-get-cat-ackermann',
        coldStart: '0',
        count: '1',
        avgDuration: '5883.1',
        minDuration: '5883.1',
        maxDuration: '5883.1',
        StdDevDuration: '0',
        avgBilled: '5884',
        minBilled: '5884',
        maxBilled: '5884',
        StdDevBilled: '0',
        avgRam: '122.0703',
        minRam: '122.0703',
        maxRam: '122.0703',
        StdDevRam: '0',
      },
    ]);
    expect({ ...outcome, row: undefined, rowCount: undefined }).toEqual({
      recordsScanned: 7,
      recordsMatched: 5,
      bytesScanned: [RUST_DOG, PYTHON_CAT].reduce(
        (sum, one) =>
          sum + Array.from({ length: one.count }, (_, i) => one.byteLength(i)).reduce((a, b) => a + b),
        0,
      ),
    });
  });

  test('the columns of a published query are its keys and then its aggregates, in the order of the query', async () => {
    const outcome = await run(PUBLISHED, [PYTHON_CAT]);
    expect(outcome.row(0).map(({ field }) => field)).toEqual([
      'Lambda',
      'coldStart',
      'count',
      'avgDuration',
      'minDuration',
      'maxDuration',
      'StdDevDuration',
      'avgBilled',
      'minBilled',
      'maxBilled',
      'StdDevBilled',
      'avgRam',
      'minRam',
      'maxRam',
      'StdDevRam',
    ]);
  });

  test('a language that its regular expression does not know forms a group without a name', async () => {
    const outcome = await run(PUBLISHED, [NODE_DOG]);
    expect(rows(outcome).map(({ Lambda, coldStart, count }) => ({ Lambda, coldStart, count }))).toEqual([
      { Lambda: undefined, coldStart: '0', count: '1' },
    ]);
    expect(outcome.row(0)[0]).toEqual({ field: 'coldStart', value: '0' });
  });

  test('the older one takes the duration as it is and groups by the function alone', async () => {
    const outcome = await run(PUBLISHED_OLDER, [RUST_DOG, PYTHON_CAT]);
    expect(rows(outcome)).toEqual([
      {
        Lambda: 'rust-get-dog-count',
        count: '4',
        avgDuration: '13.875',
        minDuration: '10.5',
        maxDuration: '19',
        // deviations -3.375, -1.875, 0.125, 5.125: √(41.1875 / 4)
        StdDevDuration: '3.2089',
        avgBilled: '43.75',
        minBilled: '12',
        maxBilled: '130',
        // deviations 86.25, -31.75, -29.75, -24.75: √(9944.75 / 4)
        StdDevBilled: '49.8617',
        avgRam: '21.2193',
        minRam: '19.0735',
        maxRam: '23.8419',
        StdDevRam: '1.7026',
      },
      {
        Lambda: 'python-get-cat-ackermann',
        count: '1',
        avgDuration: '5883.1',
        minDuration: '5883.1',
        maxDuration: '5883.1',
        StdDevDuration: '0',
        avgBilled: '5884',
        minBilled: '5884',
        maxBilled: '5884',
        StdDevBilled: '0',
        avgRam: '122.0703',
        minRam: '122.0703',
        maxRam: '122.0703',
        StdDevRam: '0',
      },
    ]);
  });

  test('the form with an escaped project, percentiles and megabytes of a million bytes runs as well', async () => {
    const outcome = await run(
      `filter @type = "REPORT"
      | parse @log /^\\d+:.aws.lambda.sheepshed-(?<Lambda>.+)$/
      | fields greatest(@initDuration, 0) + @duration as duration, ispresent(@initDuration) as coldStart
      | stats count(*) as count, avg(duration) as avgDuration, pct(duration, 50) as p50, pct(duration, 90) as p90,
          pct(duration, 99) as p99, avg(@initDuration) as avgInit, max(@maxMemoryUsed / 1000000) as maxMemoryMB
        by Lambda, coldStart
      | sort Lambda asc, coldStart desc`,
      [RUST_DOG, NODE_DOG],
    );
    expect(rows(outcome)).toEqual([
      {
        Lambda: 'node-get-dog-count',
        coldStart: '0',
        count: '1',
        avgDuration: '7.25',
        p50: '7.25',
        p90: '7.25',
        p99: '7.25',
        maxMemoryMB: '60',
      },
      {
        Lambda: 'rust-get-dog-count',
        coldStart: '1',
        count: '1',
        avgDuration: '129.75',
        p50: '129.75',
        p90: '129.75',
        p99: '129.75',
        avgInit: '119.25',
        maxMemoryMB: '20',
      },
      {
        Lambda: 'rust-get-dog-count',
        coldStart: '0',
        count: '3',
        avgDuration: '15',
        p50: '14',
        p90: '19',
        p99: '19',
        maxMemoryMB: '25',
      },
    ]);
  });
});

import type { CorpusQuery } from './corpus-query.ts';

/** Queries of the kinds that people publish: buckets of time and statistics. */
export const BUCKETS: readonly CorpusQuery[] = [
  [
    'buckets of 300 seconds are of one minute',
    'filter @type = "REPORT" | stats count(*) as calls by bin(300s) as t | sort t asc',
    [
      { t: '2026-11-01 10:00:00.000', calls: '1' },
      { t: '2026-11-01 10:01:00.000', calls: '1' },
      { t: '2026-11-01 10:02:00.000', calls: '1' },
      { t: '2026-11-01 10:04:00.000', calls: '1' },
      { t: '2026-11-01 10:05:00.000', calls: '1' },
      { t: '2026-11-01 10:06:00.000', calls: '1' },
      { t: '2026-11-01 10:08:00.000', calls: '1' },
      { t: '2026-11-01 10:59:00.000', calls: '1' },
    ],
  ],
  [
    'buckets of 90 minutes are of one hour',
    'filter @type = "REPORT" | stats count(*) as calls by bin(90m) as t | sort t asc',
    [{ t: '2026-11-01 10:00:00.000', calls: '8' }],
  ],
  [
    'buckets of 48 hours are of one day',
    'filter @type = "REPORT" | stats count(*) as calls by bin(48h) as t',
    [{ t: '2026-11-01 00:00:00.000', calls: '8' }],
  ],
  [
    'buckets of 5000 ms are of one second',
    'filter @type = "START" | stats count(*) as n by bin(5000ms) as t',
    [{ t: '2026-11-01 10:00:00.000', n: '1' }],
  ],
  [
    'buckets of 30 seconds',
    'filter @type = "REPORT" | stats count(*) as calls by bin(30s) as t | sort t desc | limit 2',
    [
      { t: '2026-11-01 10:59:00.000', calls: '1' },
      { t: '2026-11-01 10:08:00.000', calls: '1' },
    ],
  ],
  [
    'buckets of a day',
    'stats count(*) as lines by bin(1d)',
    [{ 'bin(1d)': '2026-11-01 00:00:00.000', lines: '17' }],
  ],
  [
    'buckets of a week',
    'stats count(*) as lines by bin(1w)',
    [{ 'bin(1w)': '2026-10-26 00:00:00.000', lines: '17' }],
  ],
  [
    'buckets of a month',
    'stats count(*) as lines by bin(1mo)',
    [{ 'bin(1mo)': '2026-11-01 00:00:00.000', lines: '17' }],
  ],
  [
    'datefloor has the same caps',
    'filter @type = "START" | fields datefloor(@timestamp, 300s) as t | display t',
    [{ t: '2026-11-01 10:00:00.000' }],
  ],
  [
    'dateceil has the same caps',
    'filter @type = "END" | fields dateceil(@timestamp, 120m) as t | display t',
    [{ t: '2026-11-01 11:00:00.000' }],
  ],
  [
    'buckets sorted by @timestamp',
    'filter @type = "REPORT" | stats count(*) as calls by bin(5m) | sort @timestamp desc | limit 2',
    [
      { 'bin(5m)': '2026-11-01 10:55:00.000', calls: '1' },
      { 'bin(5m)': '2026-11-01 10:05:00.000', calls: '3' },
    ],
  ],
  [
    'buckets sorted by @timestamp, ascending',
    'filter @type = "REPORT" | stats max(@duration) by bin(5m) | sort @timestamp | limit 2',
    [
      { 'bin(5m)': '2026-11-01 10:00:00.000', 'max(@duration)': '100' },
      { 'bin(5m)': '2026-11-01 10:05:00.000', 'max(@duration)': '3000' },
    ],
  ],
  [
    'buckets sorted by bin',
    'filter @type = "REPORT" | stats avg(@duration) by bin(1h) | sort bin(1h) desc',
    [{ 'bin(1h)': '2026-11-01 10:00:00.000', 'avg(@duration)': '416.9375' }],
  ],
  [
    'buckets with an alias',
    'filter @type = "REPORT" | stats avg(@duration) as mean by bin(1h) as hour | sort hour | display hour, mean',
    [{ hour: '2026-11-01 10:00:00.000', mean: '416.9375' }],
  ],
  [
    'the latest bucket comes first unsorted',
    'filter @type = "REPORT" | stats count(*) as n by bin(5m) | limit 1',
    [{ 'bin(5m)': '2026-11-01 10:55:00.000', n: '1' }],
  ],
  [
    'duration statistics in one go',
    'filter @type = "REPORT" | stats avg(@duration), max(@duration), min(@duration), count(@duration) by bin(1h)',
    [
      {
        'bin(1h)': '2026-11-01 10:00:00.000',
        'avg(@duration)': '416.9375',
        'max(@duration)': '3000',
        'min(@duration)': '10',
        'count(@duration)': '8',
      },
    ],
  ],
  [
    'the standard deviation',
    'filter @type = "REPORT" and @memorySize = 256000000 | stats stddev(@duration) as deviation',
    [{ deviation: '12.5' }],
  ],
  [
    'sum of billed time',
    'filter @type = "REPORT" | stats sum(@billedDuration) as billed by @log | sort billed desc',
    [
      { '@log': '123456789012:/aws/lambda/shop-orders', billed: '3731' },
      { '@log': '123456789012:/aws/lambda/shop-stock', billed: '55' },
    ],
  ],
  [
    'GB-seconds',
    'filter @type = "REPORT" | fields @billedDuration / 1000 * @memorySize / 1024 / 1000 / 1000 as gbs | stats sum(gbs) as GBs by @log | sort @log',
    [
      { '@log': '123456789012:/aws/lambda/shop-orders', GBs: '0.4664' },
      { '@log': '123456789012:/aws/lambda/shop-stock', GBs: '0.0138' },
    ],
  ],
  [
    'cost of the calls',
    'filter @type = "REPORT" | stats count(*) * 0.2 as requests, sum(@billedDuration) / 1000 * 0.125 * 16.6667 as compute',
    [{ requests: '1.6', compute: '7.8875' }],
  ],
  [
    'name of the function by substr',
    'filter @type = "REPORT" | fields substr(@log, 25) as name | stats count(*) as calls by name | sort name',
    [
      { name: 'shop-orders', calls: '6' },
      { name: 'shop-stock', calls: '2' },
    ],
  ],
  [
    'name of the function by parse',
    'filter @type = "REPORT" | parse @log "*:/aws/lambda/*" as account, name | stats count(*) as calls by account, name | sort name',
    [
      { account: '123456789012', name: 'shop-orders', calls: '6' },
      { account: '123456789012', name: 'shop-stock', calls: '2' },
    ],
  ],
  [
    'name of the function by a regular expression',
    'filter @type = "REPORT" | parse @log /\\/aws\\/lambda\\/(?<name>.+)$/ | stats max(@billedDuration) as most by name | sort name',
    [
      { name: 'shop-orders', most: '3000' },
      { name: 'shop-stock', most: '40' },
    ],
  ],
];

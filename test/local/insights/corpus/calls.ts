import type { CorpusQuery } from './corpus-query.ts';

/** Queries of the kinds that people publish: counts, percentiles, memory and cold starts. */
export const CALLS: readonly CorpusQuery[] = [
  [
    'the newest lines, as the console begins',
    'fields @timestamp, @requestId | sort @timestamp desc | limit 2',
    [
      { '@timestamp': '2026-11-01 10:59:00.000', '@requestId': 'a4000000-0000-4000-8000-000000000000' },
      { '@timestamp': '2026-11-01 10:09:00.000' },
    ],
  ],
  [
    'the type of each line',
    'fields @type | sort @timestamp asc | limit 5',
    [{ '@type': 'START' }, {}, { '@type': 'END' }, { '@type': 'REPORT' }, {}],
  ],
  ['count of lines', 'stats count(*)', [{ 'count(*)': '17' }]],
  [
    'count by type',
    'stats count(*) as lines by @type | sort lines desc',
    [
      { '@type': 'REPORT', lines: '8' },
      { lines: '7' },
      { '@type': 'START', lines: '1' },
      { '@type': 'END', lines: '1' },
    ],
  ],
  [
    'count by log group',
    'stats count(*) as lines by @log | sort @log',
    [
      { '@log': '123456789012:/aws/lambda/shop-orders', lines: '12' },
      { '@log': '123456789012:/aws/lambda/shop-stock', lines: '5' },
    ],
  ],
  [
    'count by log stream',
    'stats count(*) as lines by @logStream | sort lines desc',
    [
      { '@logStream': '2026/11/01/[$LATEST]aaaa', lines: '9' },
      { '@logStream': '2026/11/01/[7]cccc', lines: '5' },
      { '@logStream': '2026/11/01/[$LATEST]bbbb', lines: '3' },
    ],
  ],
  [
    'the slowest calls',
    'filter @type = "REPORT" | fields @requestId, @billedDuration | sort by @billedDuration desc | limit 2',
    [
      { '@requestId': 'b2000000-0000-4000-8000-000000000000', '@billedDuration': '3000.0' },
      { '@requestId': 'a1000000-0000-4000-8000-000000000000', '@billedDuration': '350.0' },
    ],
  ],
  [
    'the slowest calls, by duration',
    'filter @type = "REPORT" | sort @duration desc | display @duration | limit 3',
    [{ '@duration': '3000.0' }, { '@duration': '120.0' }, { '@duration': '100.0' }],
  ],
  ['the fastest call', 'filter @type = "REPORT" | stats min(@duration) as fastest', [{ fastest: '10' }]],
  [
    "percentiles, as AWS's operator guide asks",
    'filter @type = "REPORT" | stats avg(@billedDuration) as Average, percentile(@billedDuration, 99) as NinetyNinth, percentile(@billedDuration, 95) as NinetyFifth, percentile(@billedDuration, 90) as Ninetieth by bin(30m)',
    [
      {
        'bin(30m)': '2026-11-01 10:30:00.000',
        Average: '10',
        NinetyNinth: '10',
        NinetyFifth: '10',
        Ninetieth: '10',
      },
      {
        'bin(30m)': '2026-11-01 10:00:00.000',
        Average: '539.4286',
        NinetyNinth: '3000',
        NinetyFifth: '3000',
        Ninetieth: '3000',
      },
    ],
  ],
  [
    'percentiles by pct',
    'filter @type = "REPORT" | stats pct(@duration, 50) as p50, pct(@duration, 90) as p90, pct(@duration, 99) as p99',
    [{ p50: '30.5', p90: '3000', p99: '3000' }],
  ],
  [
    'percentiles without names',
    'filter @type = "REPORT" | stats percentile(@duration, 50), pct(@duration, 75)',
    [{ 'percentile(@duration, 50)': '30.5', 'pct(@duration, 75)': '100' }],
  ],
  ['the median', 'filter @type = "REPORT" | stats median(@duration) as middle', [{ middle: '30.5' }]],
  [
    'percentile of an expression',
    'filter @type="REPORT" | stats percentile(@maxMemoryUsed/1000/1000, 95) as Percentile95',
    [{ Percentile95: '128' }],
  ],
  [
    'memory in MB',
    'filter @type="REPORT" | stats avg(@maxMemoryUsed/1000/1000) as mean_MemoryUsed, min(@maxMemoryUsed/1000/1000) as min_MemoryUsed, max(@maxMemoryUsed/1000/1000) as max_MemoryUsed by @log | sort @log',
    [
      {
        '@log': '123456789012:/aws/lambda/shop-orders',
        mean_MemoryUsed: '89.8333',
        min_MemoryUsed: '79',
        max_MemoryUsed: '128',
      },
      {
        '@log': '123456789012:/aws/lambda/shop-stock',
        mean_MemoryUsed: '65',
        min_MemoryUsed: '64',
        max_MemoryUsed: '66',
      },
    ],
  ],
  [
    'calls that used all their memory',
    'filter @type = "REPORT" and @maxMemoryUsed=@memorySize | stats count_distinct(@requestId) by bin(30m)',
    [{ 'bin(30m)': '2026-11-01 10:00:00.000', 'count_distinct(@requestId)': '1' }],
  ],
  [
    'memory provisioned beyond need',
    'filter @type = "REPORT" | stats max(@memorySize / 1000 / 1000) as provisonedMemoryMB, min(@maxMemoryUsed / 1000 / 1000) as smallestMemoryRequestMB, avg(@maxMemoryUsed / 1000 / 1000) as avgMemoryUsedMB, max(@maxMemoryUsed / 1000 / 1000) as maxMemoryUsedMB, provisonedMemoryMB - maxMemoryUsedMB as overProvisionedMB by @log | sort @log',
    [
      {
        '@log': '123456789012:/aws/lambda/shop-orders',
        provisonedMemoryMB: '128',
        smallestMemoryRequestMB: '79',
        avgMemoryUsedMB: '89.8333',
        maxMemoryUsedMB: '128',
        overProvisionedMB: '0',
      },
      {
        '@log': '123456789012:/aws/lambda/shop-stock',
        provisonedMemoryMB: '256',
        smallestMemoryRequestMB: '64',
        avgMemoryUsedMB: '65',
        maxMemoryUsedMB: '66',
        overProvisionedMB: '190',
      },
    ],
  ],
  [
    'memory used in percent',
    'filter @type = "REPORT" | stats (avg(@maxMemoryUsed) / max(@memorySize)) * 100 as percent by @memorySize | sort percent',
    [
      { '@memorySize': '2.56E8', percent: '25.3906' },
      { '@memorySize': '1.28E8', percent: '70.1823' },
    ],
  ],
  [
    'the percentage of cold starts',
    'filter @type = "REPORT" | stats sum(strcontains(@message, "Init Duration"))/count(*) * 100 as coldStartPct, avg(@duration) by bin(5m)',
    [
      { 'bin(5m)': '2026-11-01 10:55:00.000', coldStartPct: '0', 'avg(@duration)': '10' },
      { 'bin(5m)': '2026-11-01 10:05:00.000', coldStartPct: '33.3333', 'avg(@duration)': '1053.3333' },
      { 'bin(5m)': '2026-11-01 10:00:00.000', coldStartPct: '25', 'avg(@duration)': '41.375' },
    ],
  ],
  [
    'cold starts, counted by their field',
    'filter @type = "REPORT" | stats count(@initDuration) as coldStarts, count(*) as calls',
    [{ coldStarts: '2', calls: '8' }],
  ],
  [
    'cold starts, counted by a filter',
    'filter @type = "REPORT" and ispresent(@initDuration) | stats count(*) as coldStarts, avg(@initDuration) as average, max(@initDuration) as longest',
    [{ coldStarts: '2', average: '225', longest: '250' }],
  ],
  [
    'cold starts longer than a limit',
    'fields @requestId, @initDuration | filter @initDuration > 220',
    [{ '@requestId': 'a1000000-0000-4000-8000-000000000000', '@initDuration': '250.0' }],
  ],
  [
    'warm calls only, by not',
    'filter @type = "REPORT" and not ispresent(@initDuration) | stats count(*) as warm',
    [{ warm: '6' }],
  ],
  [
    'warm calls only, by an exclamation mark',
    'filter @type = "REPORT" and !ispresent(@initDuration) | stats count(*) as warm',
    [{ warm: '6' }],
  ],
  [
    'an exclamation mark before parentheses',
    'filter !(@type = "REPORT" or @type = "START" or @type = "END") | stats count(*) as others',
    [{ others: '7' }],
  ],
  [
    'cold and warm apart',
    'filter @type = "REPORT" | stats count(*) as calls, avg(@duration) as average by ispresent(@initDuration) as cold | sort cold',
    [
      { cold: '0', calls: '6', average: '519.25' },
      { cold: '1', calls: '2', average: '110' },
    ],
  ],
  [
    'cold share of each function',
    'filter @type = "REPORT" | fields @initDuration > 0 as isCold | stats sum(isCold) as cold, count(*) as calls, 100 * sum(isCold) / count(*) as percent by @log | sort @log',
    [
      { '@log': '123456789012:/aws/lambda/shop-orders', cold: '2', calls: '6', percent: '33.3333' },
      { '@log': '123456789012:/aws/lambda/shop-stock', cold: '0', calls: '2', percent: '0' },
    ],
  ],
  [
    'total time with init',
    'filter @type = "REPORT" | fields greatest(@initDuration, 0) + @duration as total | sort total desc | display total | limit 3',
    [{ total: '3000' }, { total: '350' }, { total: '320' }],
  ],
  [
    'total time with init by coalesce',
    'filter @type = "REPORT" | fields @duration + coalesce(@initDuration, 0) as total | stats max(total) as worst, min(total) as best',
    [{ worst: '3000', best: '10' }],
  ],
  [
    'groups by two words',
    'filter @type = "REPORT" | stats count(*) as calls group by @memorySize | sort calls',
    [
      { '@memorySize': '2.56E8', calls: '2' },
      { '@memorySize': '1.28E8', calls: '6' },
    ],
  ],
  [
    'groups by two keys',
    'filter @type = "REPORT" | stats count(*) as calls by @log, bin(1h) | sort @log',
    [
      { '@log': '123456789012:/aws/lambda/shop-orders', 'bin(1h)': '2026-11-01 10:00:00.000', calls: '6' },
      { '@log': '123456789012:/aws/lambda/shop-stock', 'bin(1h)': '2026-11-01 10:00:00.000', calls: '2' },
    ],
  ],
  [
    'five-minute buckets',
    'filter @type = "REPORT" | stats count(*) as calls by bin(5m) as t | sort t asc',
    [
      { t: '2026-11-01 10:00:00.000', calls: '4' },
      { t: '2026-11-01 10:05:00.000', calls: '3' },
      { t: '2026-11-01 10:55:00.000', calls: '1' },
    ],
  ],
];

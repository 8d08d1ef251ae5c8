import type { CorpusQuery } from './corpus-query.ts';

/** Queries of the kinds that people publish: several stats, JSON fields, names, functions and order. */
export const SHAPES: readonly CorpusQuery[] = [
  ['JSON fields', 'filter level = "WARN" | fields item, ms', [{ item: 'pear', ms: '30' }]],
  [
    'JSON fields of objects',
    'filter ispresent(user.id) | stats count(*) as lines, avg(ms) as mean by user.id | sort user.id',
    [
      { 'user.id': 'u1', lines: '2', mean: '15' },
      { 'user.id': 'u2', lines: '1', mean: '30' },
    ],
  ],
  [
    'JSON levels',
    'stats count(*) as n by level | sort n desc',
    [{ n: '14' }, { level: 'INFO', n: '2' }, { level: 'WARN', n: '1' }],
  ],
  ['in a list', 'filter item in ["apple", "fig"] | stats sum(ms) as ms', [{ ms: '30' }]],
  ['not in a list', 'filter ispresent(item) and item not in ["apple"] | display item', [{ item: 'pear' }]],
  ['numbers in a list', 'filter @billedDuration in [20, 31] | stats count(*) as n', [{ n: '2' }]],
  [
    'display with a new name',
    'filter @type = "REPORT" | sort @duration desc | limit 1 | display @duration as ms, @billedDuration / 1000 as seconds',
    [{ ms: '3000.0', seconds: '3' }],
  ],
  [
    'display with a new name, sorted by it',
    'filter @memorySize = 256000000 | display @duration / 10 as tenth | sort tenth',
    [{ tenth: '1.5' }, { tenth: '4' }],
  ],
  ['a name with blanks', 'filter @type = "REPORT" | stats count(*) as `All calls`', [{ 'All calls': '8' }]],
  [
    'a name in backticks, sorted by',
    'filter @type = "REPORT" | stats count(*) as `n calls` by @log | sort `n calls` desc | limit 1',
    [{ '@log': '123456789012:/aws/lambda/shop-orders', 'n calls': '6' }],
  ],
  [
    'sorted by the aggregate itself',
    'filter @type = "REPORT" | stats avg(@duration) by @log | sort avg(@duration) desc',
    [
      { '@log': '123456789012:/aws/lambda/shop-orders', 'avg(@duration)': '546.75' },
      { '@log': '123456789012:/aws/lambda/shop-stock', 'avg(@duration)': '27.5' },
    ],
  ],
  [
    'sorted by two keys',
    'filter @type = "REPORT" | sort @memorySize desc, @duration asc | limit 3 | display @memorySize, @duration',
    [
      { '@memorySize': '2.56E8', '@duration': '15.0' },
      { '@memorySize': '2.56E8', '@duration': '40.0' },
      { '@memorySize': '1.28E8', '@duration': '10.0' },
    ],
  ],
  [
    'the last hour by now()',
    'filter @type = "REPORT" and toMillis(@timestamp) > (now() - 3300) * 1000 | stats count(*) as recent',
    [{ recent: '3' }],
  ],
  [
    'the age of a line',
    'filter @type = "START" | fields now() - toMillis(@timestamp) / 1000 as age | display age',
    [{ age: '3600' }],
  ],
  [
    'time as a number and back',
    'filter @type = "START" | fields toMillis(@timestamp) as ms, fromMillis(ms + 1000) as later | display ms, later',
    [{ ms: '1793527200000', later: '2026-11-01 10:00:01.000' }],
  ],
  [
    'a share by if',
    'filter @type = "REPORT" | fields if(@duration > 50, 1, 0) as isSlow | stats sum(isSlow) as slow, sum(isSlow) / count(*) * 100 as percent',
    [{ slow: '3', percent: '37.5' }],
  ],
  [
    'a class by nested if',
    'filter @type = "REPORT" | fields if(@duration < 25, "fast", if(@duration < 110, "fair", "slow")) as speed | stats count(*) as n by speed | sort n, speed',
    [
      { speed: 'slow', n: '2' },
      { speed: 'fair', n: '3' },
      { speed: 'fast', n: '3' },
    ],
  ],
  [
    'rounding down and up',
    'filter @requestId like "a3" and @type = "REPORT" | fields floor(@duration) as low, ceil(@duration) as high, abs(0 - @duration) as back | display low, high, back',
    [{ low: '30', high: '31', back: '30.5' }],
  ],
  [
    'a histogram of durations',
    'filter @type = "REPORT" | stats count(*) as calls by floor(@duration / 50) * 50 as bucket | sort bucket',
    [
      { bucket: '0', calls: '5' },
      { bucket: '100', calls: '2' },
      { bucket: '3000', calls: '1' },
    ],
  ],
  [
    'text functions',
    'filter item = "pear" | fields toupper(item) as upper, strlen(item) as length, concat(item, "-", level) as joined, replace(item, "p", "b") as other | display upper, length, joined, other',
    [{ upper: 'PEAR', length: '4', joined: 'pear-WARN', other: 'bear' }],
  ],
  [
    'blank and missing',
    'filter @type = "REPORT" | fields isblank(@initDuration) as none, isempty(item) as noItem | stats sum(none) as warm, sum(noItem) as noItems',
    [{ warm: '6', noItems: '8' }],
  ],
  [
    'one line for each stream',
    'fields @logStream | sort @timestamp desc | dedup @logStream | limit 5',
    [
      { '@logStream': '2026/11/01/[$LATEST]aaaa' },
      { '@logStream': '2026/11/01/[7]cccc' },
      { '@logStream': '2026/11/01/[$LATEST]bbbb' },
    ],
  ],
  [
    'the latest line for each request and type',
    'filter ispresent(@type) and @logStream like "bbbb" | fields @type, @requestId | dedup @type',
    [{ '@type': 'REPORT', '@requestId': 'b2000000-0000-4000-8000-000000000000' }],
  ],
  [
    'a comment and a leading pipe',
    `# how many calls
| filter @type = "REPORT" # only the reports
| stats count(*) as calls`,
    [{ calls: '8' }],
  ],
  [
    'keywords in capitals',
    'FILTER @type = "REPORT" | STATS COUNT(*) AS calls BY @memorySize | SORT calls DESC',
    [
      { '@memorySize': '1.28E8', calls: '6' },
      { '@memorySize': '2.56E8', calls: '2' },
    ],
  ],
  [
    'a limit of rows behind stats',
    'filter @type = "REPORT" | stats max(@duration) as longest by @requestId | sort longest desc | limit 1',
    [{ '@requestId': 'b2000000-0000-4000-8000-000000000000', longest: '3000' }],
  ],
  [
    'powers, remainders and roots',
    'filter @type = "START" | fields 2 ^ 10 as kib, 7 % 4 as rest, sqrt(16) as root | display kib, rest, root',
    [{ kib: '1024', rest: '3', root: '4' }],
  ],
];

import type { CorpusQuery } from './corpus-query.ts';

/** Queries of the kinds that people publish: parsing, errors and single calls. */
export const TEXTS: readonly CorpusQuery[] = [
  [
    'a group whose name has an @',
    'filter @type = "REPORT" | parse @message /Billed Duration: (?<@billed>\\d+) ms/ | stats sum(@billed) as billed',
    [{ billed: '3786' }],
  ],
  [
    'groups with an @ and a dot',
    'parse @message /order (?<@order.id>\\d+)/ | filter ispresent(@order.id) | sort @order.id | display @order.id',
    [{ '@order.id': '17' }, { '@order.id': '18' }],
  ],
  [
    'a pattern over two lines',
    `parse @message /Task timed out after (?<seconds>[\\d.]+) seconds
\\n/ | filter ispresent(seconds) | display seconds`,
    [{ seconds: '3.00' }],
  ],
  [
    'a glob over two lines',
    `parse @message "out after * seconds
" as seconds | filter ispresent(seconds) | display seconds`,
    [{ seconds: '3.00' }],
  ],
  [
    "parse of an application's line",
    'parse @message "order * placed by * for * EUR" as order, who, price | filter ispresent(order) | sort order | display order, who, price',
    [
      { order: '17', who: 'alice', price: '12.50' },
      { order: '18', who: 'bob', price: '7.25' },
    ],
  ],
  [
    'parsed numbers add up',
    'parse @message "for * EUR" as price | stats sum(price) as turnover, avg(price) as average, count(price) as orders',
    [{ turnover: '19.75', average: '9.875', orders: '2' }],
  ],
  [
    'parse without a field reads the message',
    'parse "order * placed" as order | stats max(order) as last',
    [{ last: '18' }],
  ],
  [
    'parse of a level',
    'parse @message /\\t(?<level>INFO|ERROR)\\t/ | stats count(*) as lines by level | sort lines',
    [{ level: 'ERROR', lines: '1' }, { level: 'INFO', lines: '2' }, { lines: '14' }],
  ],
  [
    'parse of a field that is made before',
    'parse @message "placed by * EUR" as rest | parse rest "* for *" as who, price | filter ispresent(who) | sort who | display who, price',
    [
      { who: 'alice', price: '12.50' },
      { who: 'bob', price: '7.25' },
    ],
  ],
  [
    'errors',
    'filter @message like /ERROR/ | fields @requestId',
    [{ '@requestId': 'a3000000-0000-4000-8000-000000000000' }],
  ],
  ['errors in any case', 'filter @message like /(?i)error/ | stats count(*) as errors', [{ errors: '1' }]],
  [
    'errors by two patterns',
    'filter @message like /ERROR|Task timed out/ | stats count(*) as errors by bin(1h)',
    [{ 'bin(1h)': '2026-11-01 10:00:00.000', errors: '2' }],
  ],
  [
    'error types',
    `parse @message '"errorType":"*"' as errorType | filter ispresent(errorType) | stats count(*) as n by errorType`,
    [{ errorType: 'RangeError', n: '1' }],
  ],
  [
    'timeouts',
    'filter @message like /Task timed out/ | stats count(*) as timeouts by bin(30m)',
    [{ 'bin(30m)': '2026-11-01 10:00:00.000', timeouts: '1' }],
  ],
  [
    'timeouts by a text',
    'filter @message like "Task timed out" | fields @timestamp',
    [{ '@timestamp': '2026-11-01 10:06:30.000' }],
  ],
  [
    'timeouts by their status',
    'filter @type = "REPORT" and @message like "Status: timeout" | display @duration',
    [{ '@duration': '3000.0' }],
  ],
  [
    'lines that are no platform lines',
    'filter @message not like /^(START|END|REPORT)/ | stats count(*) as lines',
    [{ lines: '7' }],
  ],
  [
    "one call's lines",
    'filter @requestId = "a1000000-0000-4000-8000-000000000000" | stats count(*) as lines',
    [{ lines: '4' }],
  ],
  [
    "one call's lines by a pattern",
    'filter @message =~ "a3000000" | stats count(*) as lines',
    [{ lines: '2' }],
  ],
  [
    'two equals signs compare as one does',
    'filter @type == "START" | stats count(*) as starts',
    [{ starts: '1' }],
  ],
  [
    'first and last line',
    'stats earliest(@type) as first, latest(@type) as last by @logStream | sort @logStream',
    [
      { '@logStream': '2026/11/01/[$LATEST]aaaa', first: 'START', last: 'REPORT' },
      { '@logStream': '2026/11/01/[$LATEST]bbbb', first: 'REPORT', last: 'REPORT' },
      { '@logStream': '2026/11/01/[7]cccc', first: 'REPORT', last: 'REPORT' },
    ],
  ],
  [
    'calls of an environment',
    'filter @type = "REPORT" | stats count(*) as calls by @logStream | sort calls desc',
    [
      { '@logStream': '2026/11/01/[$LATEST]aaaa', calls: '4' },
      { '@logStream': '2026/11/01/[$LATEST]bbbb', calls: '2' },
      { '@logStream': '2026/11/01/[7]cccc', calls: '2' },
    ],
  ],
  [
    'environments',
    'filter @type = "REPORT" | stats count_distinct(@logStream) as environments',
    [{ environments: '3' }],
  ],
  [
    'version of the function',
    'parse @logStream "*[*]*" as day, version, id | filter @type = "REPORT" | stats count(*) as calls by version | sort version',
    [
      { version: '$LATEST', calls: '6' },
      { version: '7', calls: '2' },
    ],
  ],
  [
    'calls of each minute, and the busiest',
    'filter @type = "REPORT" | stats count(*) as calls by bin(1m) as minute | stats max(calls) as busiest',
    [{ busiest: '1' }],
  ],
  [
    'three stats in a row',
    'filter @type = "REPORT" | stats count(*) as calls by @logStream, bin(5m) | stats max(calls) as most by @logStream | stats sum(most) as total',
    [{ total: '6' }],
  ],
  [
    'four stats in a row',
    'stats count(*) as n by @type, @log | stats sum(n) as n by @log | stats max(n) as n | stats min(n) as n',
    [{ n: '12' }],
  ],
];

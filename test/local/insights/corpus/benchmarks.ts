import type { CorpusQuery } from './corpus-query.ts';

/** Queries of the kinds that people publish beside benchmarks, cost reports and dashboards of functions. */
export const BENCHMARKS: readonly CorpusQuery[] = [
  [
    'the date of the first call of each function',
    'filter @type = "REPORT" | stats fromMillis(earliest(@timestamp)) as firstSeen, latest(@timestamp) as last by @log | sort @log',
    [
      {
        '@log': '123456789012:/aws/lambda/shop-orders',
        firstSeen: '2026-11-01 10:00:00.100',
        last: '1793530740000',
      },
      {
        '@log': '123456789012:/aws/lambda/shop-stock',
        firstSeen: '2026-11-01 10:02:00.015',
        last: '1793527680040',
      },
    ],
  ],
  [
    'lines counted by texts without a wildcard',
    'parse @message "Status: timeout" as timeouts | parse @message "REPORT RequestId: *" as REPORT | stats greatest(count(timeouts), 0) as timeoutInvocations, count(REPORT) as countInvocations, 0.20 / 1000000 * countInvocations * 1000 as thousandfoldCost',
    [{ timeoutInvocations: '1', countInvocations: '8', thousandfoldCost: '0.0016' }],
  ],
  [
    'what a cost report sums in one command',
    'filter @type = "REPORT" | stats max(@memorySize / 1000 / 1000) as provisionedMemoryMB, sum(@billedDuration) / 1000 as allDurationInSeconds, allDurationInSeconds * provisionedMemoryMB / 1024 as GBs by @log | sort GBs',
    [
      {
        '@log': '123456789012:/aws/lambda/shop-stock',
        provisionedMemoryMB: '256',
        allDurationInSeconds: '0.055',
        GBs: '0.0138',
      },
      {
        '@log': '123456789012:/aws/lambda/shop-orders',
        provisionedMemoryMB: '128',
        allDurationInSeconds: '3.731',
        GBs: '0.4664',
      },
    ],
  ],
  [
    'SnapStart and init in one percentile, a column name with a dot',
    'filter @type = "REPORT" | parse @log /\\d+:\\/aws\\/lambda\\/(?<function>.*)/ | parse @message /Restore Duration: (?<restoreDuration>.*?) ms/ | stats count(*) as invocations, pct(@duration+coalesce(@initDuration,0)+coalesce(restoreDuration,0), 50) as p50, pct(@duration+coalesce(@initDuration,0)+coalesce(restoreDuration,0), 99.9) as p99.9 group by function, (ispresent(@initDuration) or ispresent(restoreDuration)) as coldstart | sort by coldstart desc',
    [
      { function: 'shop-orders', coldstart: '1', invocations: '2', p50: '320', 'p99.9': '350' },
      { function: 'shop-orders', coldstart: '0', invocations: '4', p50: '20', 'p99.9': '3000' },
      { function: 'shop-stock', coldstart: '0', invocations: '2', p50: '15', 'p99.9': '40' },
    ],
  ],
  [
    'columns of two-part names, sorted by two keys',
    'filter @type = "REPORT" | parse @log /\\d+:\\/aws\\/lambda\\/(?<function>[\\w-]+)/ | stats count(*) as invocations, pct(@initDuration, 50) as init.p50, pct(@duration, 95) as dur.p95 group by function, ispresent(@initDuration) as coldstart | sort by function desc, coldstart desc',
    [
      { function: 'shop-stock', coldstart: '0', invocations: '2', 'dur.p95': '40' },
      { function: 'shop-orders', coldstart: '1', invocations: '2', 'init.p50': '200', 'dur.p95': '120' },
      { function: 'shop-orders', coldstart: '0', invocations: '4', 'dur.p95': '3000' },
    ],
  ],
  [
    'warm calls by the text of the line',
    'filter @type = "REPORT" | filter !strcontains(@message, "Init Duration") | stats count(*) as warm_invocations, pct(@duration, 50) as p50_ms, max(@duration) as max_ms',
    [{ warm_invocations: '6', p50_ms: '20', max_ms: '3000' }],
  ],
  [
    'quartiles of the init times that the line holds',
    'fields @memorySize / 1000000 as memorySize | filter @message like /(?i)(Init Duration)/ | parse @message /^REPORT.*Init Duration: (?<initDuration>.*) ms.*/ | parse @log /^.*\\/aws\\/lambda\\/(?<functionName>.*)/ | stats count() as coldStarts, min(initDuration) as min, percentile(initDuration, 25) as fstQuartile, median(initDuration) as median, percentile(initDuration, 75) as trdQuartile, max(initDuration) as max, stddev(initDuration) as stddev by functionName, memorySize',
    [
      {
        functionName: 'shop-orders',
        memorySize: '128',
        coldStarts: '2',
        min: '200.00',
        fstQuartile: '200',
        median: '200',
        trdQuartile: '250',
        max: '250.00',
        stddev: '25',
      },
    ],
  ],
  [
    'a bucket of 60 minutes, with a space before the brackets',
    'filter @type ="REPORT" | parse @message /Init Duration: (?<init>\\S+)/ | stats count() as total, count(init) as coldStarts, avg(init) as avgInitDuration, avg(@maxMemoryUsed)/1000/1000 as memoryused by bin (60min)',
    [
      {
        'bin (60min)': '2026-11-01 10:00:00.000',
        total: '8',
        coldStarts: '2',
        avgInitDuration: '225',
        memoryused: '83.625',
      },
    ],
  ],
  [
    'gigabyte seconds of each half hour',
    'filter @type = "REPORT" | stats sum(@billedDuration)/1000 * avg(@memorySize)/1024000000 as billedGBs by bin(30m)',
    [
      { 'bin(30m)': '2026-11-01 10:30:00.000', billedGBs: '0.0013' },
      { 'bin(30m)': '2026-11-01 10:00:00.000', billedGBs: '0.6069' },
    ],
  ],
  [
    'calls that used three quarters of their memory',
    'filter @type = "REPORT" and @maxMemoryUsed >= (@memorySize * 0.75) | stats count_distinct(@requestId) by bin(30m)',
    [{ 'bin(30m)': '2026-11-01 10:00:00.000', 'count_distinct(@requestId)': '1' }],
  ],
  [
    'memory as a share of the largest',
    "filter @message like 'REPORT' | stats max(@maxMemoryUsed/@memorySize) * 100.0 as usage by bin(30min)",
    [
      { 'bin(30min)': '2026-11-01 10:30:00.000', usage: '66.4063' },
      { 'bin(30min)': '2026-11-01 10:00:00.000', usage: '100' },
    ],
  ],
  [
    'memory that is never used, in percent',
    'filter @type = "REPORT" | stats max(@memorySize / 1000 / 1000) as provisioned_MB, max(@maxMemoryUsed / 1000 / 1000) as used_MB, (1 - max(@maxMemoryUsed) / max(@memorySize)) * 100 as overprovisioned_pct by @log | sort overprovisioned_pct',
    [
      {
        '@log': '123456789012:/aws/lambda/shop-orders',
        provisioned_MB: '128',
        used_MB: '128',
        overprovisioned_pct: '0',
      },
      {
        '@log': '123456789012:/aws/lambda/shop-stock',
        provisioned_MB: '256',
        used_MB: '66',
        overprovisioned_pct: '74.2188',
      },
    ],
  ],
  [
    'a ratio as it is displayed',
    'parse @message "Memory Size: * MB\tMax Memory Used: * MB" as memorySize, maxMemoryUsed | filter ispresent(memorySize) and memorySize > 128 | display @timestamp, memorySize, maxMemoryUsed, maxMemoryUsed / memorySize as memoryUtilizationRatio',
    [
      {
        '@timestamp': '2026-11-01 10:08:00.040',
        memorySize: '256',
        maxMemoryUsed: '66',
        memoryUtilizationRatio: '0.2578',
      },
      {
        '@timestamp': '2026-11-01 10:02:00.015',
        memorySize: '256',
        maxMemoryUsed: '64',
        memoryUtilizationRatio: '0.25',
      },
    ],
  ],
  [
    'an optional group behind a greedy one is not found',
    'fields @message | filter @message like /^REPORT/ | parse @message /^REPORT.*Duration: (?<duration>[0-9\\.]+) ms.*(Init Duration: (?<initDuration>[0-9\\.]+) ms)?/ | stats count(*) as total_invocations, count(initDuration) as cold_starts, count(initDuration) * 100.0 / count(*) as coldStartRate',
    [{ total_invocations: '8', cold_starts: '0', coldStartRate: '0' }],
  ],
  [
    'fields that use earlier ones of the same command',
    'filter @type = "REPORT" | fields @timestamp as Timestamp, @billedDuration as BilledDurationInMS, @memorySize/1000000 as MemorySetInMB, @billedDuration/1000*MemorySetInMB/1024 as BilledDurationInGBSeconds | sort Timestamp asc | limit 2',
    [
      {
        Timestamp: '2026-11-01 10:00:00.100',
        BilledDurationInMS: '350.0',
        MemorySetInMB: '128',
        BilledDurationInGBSeconds: '0.0437',
      },
      {
        Timestamp: '2026-11-01 10:01:00.020',
        BilledDurationInMS: '20.0',
        MemorySetInMB: '128',
        BilledDurationInGBSeconds: '0.0025',
      },
    ],
  ],
  [
    'requests that begin and end, by whichever id there is',
    'filter @type in ["START", "REPORT"] | stats sum(if(@type = "START", 1, 0)) as starts, max(@billedDuration * @memorySize / 1000000 / 1024 / 1000) as gb by coalesce(request_id, @requestId) as rid | sort rid | limit 2',
    [
      { rid: 'a1000000-0000-4000-8000-000000000000', starts: '1', gb: '0.0437' },
      { rid: 'a2000000-0000-4000-8000-000000000000', starts: '0', gb: '0.0025' },
    ],
  ],
  [
    'errors by the beginning of their line',
    'filter level = "ERROR" OR @message like /(?i)(error|exception|fail)/ | stats count() as occurrence_count, count_distinct(@logStream) as affected_streams by substr(@message, 0, 20) as error_pattern | sort occurrence_count desc | limit 50',
    [{ error_pattern: '2026-11-01T10:04:59.', occurrence_count: '1', affected_streams: '1' }],
  ],
  [
    'seconds from the first to the last line of a stream',
    'stats (latest(@timestamp)-earliest(@timestamp))/1000 as duration_sec, count(*) as calls by @logStream | sort duration_sec desc',
    [
      { '@logStream': '2026/11/01/[$LATEST]aaaa', duration_sec: '3540', calls: '9' },
      { '@logStream': '2026/11/01/[7]cccc', duration_sec: '420', calls: '5' },
      { '@logStream': '2026/11/01/[$LATEST]bbbb', duration_sec: '90', calls: '3' },
    ],
  ],
  [
    'a sum of a match',
    'fields @timestamp, @message, @logStream | stats count(*) as totalRequests, sum(@message like /ERROR/) as errors by @logStream | sort errors desc, totalRequests desc',
    [
      { '@logStream': '2026/11/01/[$LATEST]aaaa', totalRequests: '9', errors: '1' },
      { '@logStream': '2026/11/01/[7]cccc', totalRequests: '5', errors: '0' },
      { '@logStream': '2026/11/01/[$LATEST]bbbb', totalRequests: '3', errors: '0' },
    ],
  ],
  [
    'timeouts, and calls that came near',
    'fields @timestamp, @duration | filter @message like /Task timed out/ or (@type = "REPORT" and @duration >= 2900) | sort @duration desc',
    [
      { '@timestamp': '2026-11-01 10:06:30.000', '@duration': '3000.0' },
      { '@timestamp': '2026-11-01 10:06:30.000' },
    ],
  ],
  [
    'groups that are large enough',
    'filter @type = "REPORT" | stats count() as coldStarts, avg(@initDuration) as avgInitMs by bin(15m) | filter coldStarts > 1',
    [{ 'bin(15m)': '2026-11-01 10:00:00.000', coldStarts: '7', avgInitMs: '225' }],
  ],
  [
    'the share of calls over a limit',
    'filter @type = "REPORT" | stats count(*) as n, sum(@duration > 100) as slow, 100 * slow / n as slowPct',
    [{ n: '8', slow: '2', slowPct: '25' }],
  ],
  [
    'cold and warm as words',
    'filter @type="REPORT" | fields if(@initDuration > 0, "cold", "warm") as start | stats count(*) as n, pct(@duration, 99.9) by start | sort start',
    [
      { start: 'cold', n: '2', 'pct(@duration, 99.9)': '120' },
      { start: 'warm', n: '6', 'pct(@duration, 99.9)': '3000' },
    ],
  ],
  [
    'version and environment from the name of the stream',
    'parse @logStream "*/*/*/[*]*" as y, m, d, v, id | stats count(*) by v, id | sort id',
    [
      { v: '$LATEST', id: 'aaaa', 'count(*)': '9' },
      { v: '$LATEST', id: 'bbbb', 'count(*)': '3' },
      { v: '7', id: 'cccc', 'count(*)': '5' },
    ],
  ],
  [
    'how often an environment is used again',
    'filter @type = "REPORT" | stats count(*) as invocations, count_distinct(@logStream) as environments, invocations / environments as reuse',
    [{ invocations: '8', environments: '3', reuse: '2.6667' }],
  ],
  [
    'calls of each environment, and of the busiest',
    'filter @type = "REPORT" | stats count(*) as calls by @logStream | stats count(*) as environments, avg(calls) as callsEach, max(calls) as most',
    [{ environments: '3', callsEach: '2.6667', most: '4' }],
  ],
  [
    'the worst of the percentiles',
    'filter @type = "REPORT" | stats pct(@duration, 95) as p95 by bin(5m) | stats max(p95) as worst, min(p95) as best',
    [{ worst: '3000', best: '10' }],
  ],
  [
    'calls less cold calls',
    'filter @type = "REPORT" | stats count(*) as calls, sum(@initDuration > 0) as cold by @log | fields calls - cold as warm | sort warm',
    [
      { '@log': '123456789012:/aws/lambda/shop-stock', calls: '2', cold: '0', warm: '2' },
      { '@log': '123456789012:/aws/lambda/shop-orders', calls: '6', cold: '2', warm: '4' },
    ],
  ],
  [
    'the price in dollars of a million such calls',
    'filter @type="REPORT" | stats sum(@billedDuration * (@memorySize / 1000000 / 1024) / 1000 * 0.0000166667) / count(*) * 1000000 + 0.2 as usd',
    [{ usd: '1.2003' }],
  ],
  [
    'a histogram of fifty milliseconds a bar',
    'filter @type = "REPORT" | stats count(*) as c by ceil(@duration / 50) * 50 as upto | sort upto',
    [
      { upto: '50', c: '5' },
      { upto: '100', c: '1' },
      { upto: '150', c: '1' },
      { upto: '3000', c: '1' },
    ],
  ],
  [
    'the coefficient of variation',
    'filter @type = "REPORT" | stats avg(@duration) as mean, stddev(@duration) / mean as cv by @log | sort cv',
    [
      { '@log': '123456789012:/aws/lambda/shop-stock', mean: '27.5', cv: '0.4545' },
      { '@log': '123456789012:/aws/lambda/shop-orders', mean: '546.75', cv: '2.008' },
    ],
  ],
  [
    'the first and the last call of an environment',
    'filter @type = "REPORT" | stats earliest(@duration) as firstCall, latest(@duration) as lastCall by @logStream | sort firstCall',
    [
      { '@logStream': '2026/11/01/[7]cccc', firstCall: '15', lastCall: '40' },
      { '@logStream': '2026/11/01/[$LATEST]aaaa', firstCall: '100', lastCall: '10' },
      { '@logStream': '2026/11/01/[$LATEST]bbbb', firstCall: '120', lastCall: '3000' },
    ],
  ],
  [
    'the share of init in all time',
    'filter @type = "REPORT" | stats sum(coalesce(@initDuration, 0)) as init, sum(@duration) as d, init / (init + d) * 100 as share',
    [{ init: '450', d: '3335.5', share: '11.8875' }],
  ],
  [
    'sorted by two keys, one a bucket',
    'filter @type="REPORT" | stats count(*) by bin(30m), @log | sort @log, `bin(30m)`',
    [
      {
        'bin(30m)': '2026-11-01 10:00:00.000',
        '@log': '123456789012:/aws/lambda/shop-orders',
        'count(*)': '5',
      },
      {
        'bin(30m)': '2026-11-01 10:30:00.000',
        '@log': '123456789012:/aws/lambda/shop-orders',
        'count(*)': '1',
      },
      {
        'bin(30m)': '2026-11-01 10:00:00.000',
        '@log': '123456789012:/aws/lambda/shop-stock',
        'count(*)': '2',
      },
    ],
  ],
  [
    'the slowest call of each function',
    'filter @type = "REPORT" | fields @log, @duration | sort @duration desc | dedup @log | limit 5',
    [
      { '@log': '123456789012:/aws/lambda/shop-orders', '@duration': '3000.0' },
      { '@log': '123456789012:/aws/lambda/shop-stock', '@duration': '40.0' },
    ],
  ],
  [
    'keys and columns with blanks',
    'filter @type = "REPORT" | stats avg(@duration) as `Average (ms)`, max(@duration) as `Worst (ms)` by @log as `Function` | sort `Worst (ms)` desc',
    [
      { Function: '123456789012:/aws/lambda/shop-orders', 'Average (ms)': '546.75', 'Worst (ms)': '3000' },
      { Function: '123456789012:/aws/lambda/shop-stock', 'Average (ms)': '27.5', 'Worst (ms)': '40' },
    ],
  ],
  [
    'a limit before the statistics',
    'filter @type = "REPORT" | sort @timestamp asc | fields @duration | limit 3 | stats avg(@duration)',
    [{ 'avg(@duration)': '45' }],
  ],
  [
    'what Lambda adds by rounding up',
    'filter @type = "REPORT" and not ispresent(@initDuration) | fields @billedDuration - @duration as waste | stats sum(waste), max(waste)',
    [{ 'sum(waste)': '0.5', 'max(waste)': '0.5' }],
  ],
  [
    'names cut out by replace',
    'filter @type = "REPORT" | stats count(*) as n by replace(@log, "123456789012:/aws/lambda/", "") as fn | sort n desc',
    [
      { fn: 'shop-orders', n: '6' },
      { fn: 'shop-stock', n: '2' },
    ],
  ],
  [
    'lines that are JSON, by a pattern',
    'filter @message like /^\\{/ | stats count(*) as lines, sum(ms) as total by level | sort level',
    [
      { level: 'INFO', lines: '2', total: '30' },
      { level: 'WARN', lines: '1', total: '30' },
    ],
  ],
];

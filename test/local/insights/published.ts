/** Word for word as published with the demo. */
export const PUBLISHED = `filter @type = "REPORT"
| fields greatest(@initDuration, 0) + @duration as duration, ispresent(@initDuration) as coldStart
| parse @log /^\\d+:.*?-(?<Lambda>(rust|python)-.+)$/
| stats count(*) as count,
avg(duration) as avgDuration, min(duration) as minDuration, max(duration) as maxDuration, stddev(duration) as StdDevDuration,
avg(@billedDuration) as avgBilled, min(@billedDuration) as minBilled, max(@billedDuration) as maxBilled, stddev(@billedDuration) as StdDevBilled,
avg(@maxMemoryUsed / 1024 / 1024) as avgRam, min(@maxMemoryUsed / 1024 / 1024) as minRam, max(@maxMemoryUsed / 1024 / 1024) as maxRam, stddev(@maxMemoryUsed / 1024 / 1024) as StdDevRam
by Lambda, coldStart`;

/** The older form: no \`fields\` line, the duration as it is, grouped by the function alone. */
export const PUBLISHED_OLDER = `filter @type = "REPORT"
| parse @log /^\\d+:.*?-(?<Lambda>(rust|python)-.+)$/
| stats count(*) as count,
avg(@duration) as avgDuration, min(@duration) as minDuration, max(@duration) as maxDuration, stddev(@duration) as StdDevDuration,
avg(@billedDuration) as avgBilled, min(@billedDuration) as minBilled, max(@billedDuration) as maxBilled, stddev(@billedDuration) as StdDevBilled,
avg(@maxMemoryUsed / 1024 / 1024) as avgRam, min(@maxMemoryUsed / 1024 / 1024) as minRam, max(@maxMemoryUsed / 1024 / 1024) as maxRam, stddev(@maxMemoryUsed / 1024 / 1024) as StdDevRam
by Lambda`;

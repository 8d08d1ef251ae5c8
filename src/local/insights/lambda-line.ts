/**
 * The fields that Logs Insights discovers in lines of Lambda's platform and runtimes. Each function reads one field of
 * one line, because a query over a hundred thousand REPORT lines uses few of the fields.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html
 */

const REPORT = 'REPORT RequestId: ';
const START = 'START RequestId: ';
const END = 'END RequestId: ';
/** A line of a runtime: `<ISO time>\t<request id>\t…` (Node), `[INFO]\t<ISO time>\t<request id>\t…` (Python). */
const RUNTIME_LINE =
  /^(?:\[[A-Z]+\]\t)?\d{4}-\d\d-\d\dT[\d:.]+Z[\t ]([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})[\t ]/;
/** Insights counts a megabyte of a REPORT line as a million bytes: 128 MB are `1.28E8`. */
const BYTES_PER_MB = 1_000_000;

/** Returns `START`, `END` or `REPORT`; undefined for any other line. */
export function lineType(message: string): string | undefined {
  if (message.startsWith(REPORT)) return 'REPORT';
  if (message.startsWith(START)) return 'START';
  return message.startsWith(END) ? 'END' : undefined;
}

/** Returns the id of the request that the line belongs to. */
export function requestId(message: string): string | undefined {
  const type = lineType(message);
  if (type === undefined) return RUNTIME_LINE.exec(message)?.[1];
  return wordFrom(message, type.length + ' RequestId: '.length);
}

/** Duration of a REPORT line, milliseconds. */
export function durationMs(message: string): number | undefined {
  return reportNumber(message, '\tDuration: ', ' ms');
}

/** Billed duration of a REPORT line, milliseconds. */
export function billedDurationMs(message: string): number | undefined {
  return reportNumber(message, '\tBilled Duration: ', ' ms');
}

/** Init duration of a REPORT line, milliseconds. Only cold starts have one. */
export function initDurationMs(message: string): number | undefined {
  return reportNumber(message, '\tInit Duration: ', ' ms');
}

/** Memory size of a REPORT line, bytes. */
export function memorySizeBytes(message: string): number | undefined {
  return megabytes(reportNumber(message, '\tMemory Size: ', ' MB'));
}

/** Largest memory used of a REPORT line, bytes. */
export function maxMemoryUsedBytes(message: string): number | undefined {
  return megabytes(reportNumber(message, '\tMax Memory Used: ', ' MB'));
}

/** X-Ray's part is a second line of the REPORT: `XRAY TraceId: …\tSegmentId: …\tSampled: true`. */
export function xrayTraceId(message: string): string | undefined {
  return reportWord(message, '\nXRAY TraceId: ');
}

export function xraySegmentId(message: string): string | undefined {
  return reportWord(message, '\tSegmentId: ');
}

function megabytes(value: number | undefined): number | undefined {
  return value === undefined ? undefined : value * BYTES_PER_MB;
}

function reportWord(message: string, label: string): string | undefined {
  const at = message.startsWith(REPORT) ? message.indexOf(label) : -1;
  return at === -1 ? undefined : wordFrom(message, at + label.length);
}

/** Returns the characters up to the next white space. */
function wordFrom(message: string, start: number): string | undefined {
  let end = start;
  while (end < message.length && message.charCodeAt(end) > SPACE) end += 1;
  return end === start ? undefined : message.slice(start, end);
}

/** Reads the decimal number between a label and its unit. Undefined if the line has no such number. */
function reportNumber(message: string, label: string, unit: string): number | undefined {
  const found = message.startsWith(REPORT) ? message.indexOf(label) : -1;
  if (found === -1) return undefined;
  let at = found + label.length;
  let digits = 0;
  let count = 0;
  let decimals = -1;
  for (; at < message.length; at += 1) {
    const code = message.charCodeAt(at);
    if (code >= DIGIT_0 && code <= DIGIT_9) {
      digits = digits * 10 + (code - DIGIT_0);
      count += 1;
      if (decimals >= 0) decimals += 1;
    } else if (code === POINT && decimals < 0) decimals = 0;
    else break;
  }
  if (count === 0 || count > EXACT_DIGITS || !message.startsWith(unit, at)) return undefined;
  // A single division of two exact integers rounds as Number('12.34') does.
  return decimals > 0 ? digits / 10 ** decimals : digits;
}

const SPACE = 32;
const POINT = 46;
const DIGIT_0 = 48;
const DIGIT_9 = 57;
const EXACT_DIGITS = 15;

/**
 * What Logs Insights discovers in the lines that Lambda's platform and runtimes write. Each function reads one field of
 * one line, by itself: a query over a hundred thousand REPORT lines wants few of their fields.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html
 */

const REPORT = 'REPORT RequestId: ';
const START = 'START RequestId: ';
const END = 'END RequestId: ';
/** A runtime's own line: `<ISO time>\t<request id>\t…` (Node), `[INFO]\t<ISO time>\t<request id>\t…` (Python). */
const RUNTIME_LINE =
  /^(?:\[[A-Z]+\]\t)?\d{4}-\d\d-\d\dT[\d:.]+Z[\t ]([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})[\t ]/;
/** Insights counts a megabyte of a REPORT line as a million bytes: 128 MB reads `1.28E8`. */
const BYTES_PER_MB = 1_000_000;

/** `START`, `END` or `REPORT`; undefined for any other line. */
export function lineType(message: string): string | undefined {
  if (message.startsWith(REPORT)) return 'REPORT';
  if (message.startsWith(START)) return 'START';
  return message.startsWith(END) ? 'END' : undefined;
}

/** The request that the line is about. */
export function requestId(message: string): string | undefined {
  const type = lineType(message);
  if (type === undefined) return RUNTIME_LINE.exec(message)?.[1];
  return wordFrom(message, type.length + ' RequestId: '.length);
}

/** Milliseconds. */
export function durationMs(message: string): number | undefined {
  return reportNumber(message, '\tDuration: ', ' ms');
}

/** Milliseconds. */
export function billedDurationMs(message: string): number | undefined {
  return reportNumber(message, '\tBilled Duration: ', ' ms');
}

/** Milliseconds; of cold starts only. */
export function initDurationMs(message: string): number | undefined {
  return reportNumber(message, '\tInit Duration: ', ' ms');
}

/** Bytes. */
export function memorySizeBytes(message: string): number | undefined {
  return megabytes(reportNumber(message, '\tMemory Size: ', ' MB'));
}

/** Bytes. */
export function maxMemoryUsedBytes(message: string): number | undefined {
  return megabytes(reportNumber(message, '\tMax Memory Used: ', ' MB'));
}

/** X-Ray's part stands on a second line of the REPORT: `XRAY TraceId: …\tSegmentId: …\tSampled: true`. */
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

/** The characters up to the next white space. */
function wordFrom(message: string, start: number): string | undefined {
  let end = start;
  while (end < message.length && message.charCodeAt(end) > SPACE) end += 1;
  return end === start ? undefined : message.slice(start, end);
}

/** The decimal number between a label and its unit; undefined where no such thing stands in the line. */
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
  // One division of two exact integers is rounded as Number('12.34') rounds.
  return decimals > 0 ? digits / 10 ** decimals : digits;
}

const SPACE = 32;
const POINT = 46;
const DIGIT_0 = 48;
const DIGIT_9 = 57;
const EXACT_DIGITS = 15;

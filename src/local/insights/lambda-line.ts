/** What Logs Insights discovers in a line that Lambda's platform or a runtime wrote. Times in ms, memory in bytes. */
export interface LambdaFields {
  readonly type?: string;
  readonly requestId?: string;
  readonly durationMs?: number;
  readonly billedDurationMs?: number;
  readonly initDurationMs?: number;
  readonly memorySizeBytes?: number;
  readonly maxMemoryUsedBytes?: number;
  readonly xrayTraceId?: string;
  readonly xraySegmentId?: string;
}

/** Insights counts a megabyte of a REPORT line as a million bytes: 128 MB reads `1.28E8`. */
const BYTES_PER_MB = 1_000_000;
const NOTHING: LambdaFields = {};
/** `START RequestId: <id> Version: $LATEST`, `END RequestId: <id>`. */
const START_OR_END = /^(START|END) RequestId: (\S+)/;
/** A runtime's own line: `<ISO time>\t<request id>\t…` (Node), `[INFO]\t<ISO time>\t<request id>\t…` (Python). */
const RUNTIME_LINE =
  /^(?:\[[A-Z]+\]\t)?\d{4}-\d\d-\d\dT[\d:.]+Z[\t ]([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})[\t ]/;

type Mutable = { -readonly [Key in keyof LambdaFields]: LambdaFields[Key] };

/**
 * Reads one line; a line that is none of Lambda's gives no fields.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html
 */
export function readLambdaLine(message: string): LambdaFields {
  if (message.startsWith('REPORT RequestId: ')) return readReport(message);
  const platform = START_OR_END.exec(message);
  if (platform?.[1] !== undefined && platform[2] !== undefined) {
    return { type: platform[1], requestId: platform[2] };
  }
  const requestId = RUNTIME_LINE.exec(message)?.[1];
  return requestId === undefined ? NOTHING : { requestId };
}

function readReport(message: string): LambdaFields {
  const fields: Mutable = { type: 'REPORT' };
  for (const part of message.split('\t')) {
    const colon = part.indexOf(': ');
    if (colon === -1) continue;
    const value = part.slice(colon + 2);
    switch (part.slice(0, colon)) {
      case 'REPORT RequestId':
        fields.requestId = value.trim();
        break;
      case 'Duration':
        setNumber(fields, 'durationMs', value, ' ms', 1);
        break;
      case 'Billed Duration':
        setNumber(fields, 'billedDurationMs', value, ' ms', 1);
        break;
      case 'Init Duration':
        setNumber(fields, 'initDurationMs', value, ' ms', 1);
        break;
      case 'Memory Size':
        setNumber(fields, 'memorySizeBytes', value, ' MB', BYTES_PER_MB);
        break;
      case 'Max Memory Used':
        setNumber(fields, 'maxMemoryUsedBytes', value, ' MB', BYTES_PER_MB);
        break;
      // X-Ray's part stands on a second line: `\nXRAY TraceId: …\tSegmentId: …`.
      case '\nXRAY TraceId':
      case 'XRAY TraceId':
        fields.xrayTraceId = value.trim();
        break;
      case 'SegmentId':
        fields.xraySegmentId = value.trim();
        break;
    }
  }
  return fields;
}

type NumericField =
  | 'durationMs'
  | 'billedDurationMs'
  | 'initDurationMs'
  | 'memorySizeBytes'
  | 'maxMemoryUsedBytes';

function setNumber(fields: Mutable, name: NumericField, text: string, unit: string, factor: number): void {
  const end = text.indexOf(unit);
  const value = end > 0 ? Number(text.slice(0, end)) : Number.NaN;
  if (Number.isFinite(value)) fields[name] = value * factor;
}

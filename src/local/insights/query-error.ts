/**
 * A query that Logs Insights would refuse, or that uses a part which this implementation does not support. Offsets
 * count UTF-16 code units of the query text; the end is exclusive.
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_QueryCompileError.html
 */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly startCharOffset: number;
  readonly endCharOffset: number;

  constructor(message: string, span: Span) {
    super(message);
    this.startCharOffset = span.start;
    this.endCharOffset = span.end;
  }
}

/** A part of the query text: `start` inclusive, `end` exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Describes an offset into the text as `line 2, position 14`, both counted from 1. */
export function describePosition(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return `line ${line}, position ${offset - (before.lastIndexOf('\n') + 1) + 1}`;
}

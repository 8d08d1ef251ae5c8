/**
 * A query that Logs Insights would not compile, or whose part this evaluator does not know. Offsets count UTF-16 code
 * units of the query text, the end exclusive.
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

/** A stretch of the query text: `start` inclusive, `end` exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** `line 2, position 14` (both from 1) of an offset into the text. */
export function describePosition(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return `line ${line}, position ${offset - (before.lastIndexOf('\n') + 1) + 1}`;
}

/** The events of one log group, numbered from 0 in the order of their arrival. */
export interface RecordSource {
  /** The value of the field `@log`: `<account>:<group>`. */
  readonly log: string;
  /** The number of events. Events that arrive later are not part of the query. */
  readonly count: number;
  /** Epoch ms. */
  timestampMs(index: number): number;
  /** Epoch ms. */
  ingestionTimeMs(index: number): number;
  stream(index: number): string;
  message(index: number): string;
  /** The message's length in UTF-8, bytes. */
  byteLength(index: number): number;
  /** The value of the field `@ptr`. */
  pointer(index: number): string;
}

/** The events of one log group, as a query reads them: numbered from 0, in the order of their arrival. */
export interface RecordSource {
  /** `<account>:<group>`, what the field `@log` shows. */
  readonly log: string;
  /** How many events there are; those added later are not part of the query. */
  readonly count: number;
  /** Epoch ms. */
  timestampMs(index: number): number;
  /** Epoch ms. */
  ingestionTimeMs(index: number): number;
  stream(index: number): string;
  message(index: number): string;
  /** Bytes of the message in UTF-8. */
  byteLength(index: number): number;
  /** The field `@ptr`. */
  pointer(index: number): string;
}

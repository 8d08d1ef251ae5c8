import type { ColumnFormat } from './format.ts';
import { findJson, readJsonField } from './json-fields.ts';
import { type LambdaFields, readLambdaLine } from './lambda-line.ts';
import type { RecordSource } from './record.ts';
import type { Value } from './value.ts';

/** One event of a query's sources. */
export interface RecordRef {
  readonly source: RecordSource;
  readonly index: number;
}

export type FieldReader = (reader: RecordReader) => Value;

/**
 * Reads the fields of one event at a time. What a field needs (the text, Lambda's numbers, the JSON) is worked out when
 * it is first asked for and kept until the next event.
 */
export class RecordReader {
  #source: RecordSource | undefined;
  #index = -1;
  #message: string | undefined;
  #lambda: LambdaFields | undefined;
  #json: unknown;
  #jsonRead = false;

  load(source: RecordSource, index: number): void {
    if (this.#source === source && this.#index === index) return;
    this.#source = source;
    this.#index = index;
    this.#message = undefined;
    this.#lambda = undefined;
    this.#json = undefined;
    this.#jsonRead = false;
  }

  get message(): string {
    this.#message ??= this.#loaded().message(this.#index);
    return this.#message;
  }

  get lambda(): LambdaFields {
    this.#lambda ??= readLambdaLine(this.message);
    return this.#lambda;
  }

  get json(): unknown {
    if (!this.#jsonRead) {
      this.#json = findJson(this.message);
      this.#jsonRead = true;
    }
    return this.#json;
  }

  get timestampMs(): number {
    return this.#loaded().timestampMs(this.#index);
  }

  get ingestionTimeMs(): number {
    return this.#loaded().ingestionTimeMs(this.#index);
  }

  get stream(): string {
    return this.#loaded().stream(this.#index);
  }

  get log(): string {
    return this.#loaded().log;
  }

  get pointer(): string {
    return this.#loaded().pointer(this.#index);
  }

  #loaded(): RecordSource {
    if (this.#source === undefined) throw new Error('a field was read before an event was loaded');
    return this.#source;
  }
}

interface SystemField {
  readonly read: FieldReader;
  readonly format: ColumnFormat;
}

/** The fields that Insights makes itself; all others are looked up in a JSON message. */
export const SYSTEM_FIELDS: Readonly<Record<string, SystemField>> = {
  '@timestamp': { read: (reader) => reader.timestampMs, format: 'timestamp' },
  '@ingestionTime': { read: (reader) => reader.ingestionTimeMs, format: 'timestamp' },
  '@message': { read: (reader) => reader.message, format: 'computed' },
  '@logStream': { read: (reader) => reader.stream, format: 'computed' },
  '@log': { read: (reader) => reader.log, format: 'computed' },
  '@ptr': { read: (reader) => reader.pointer, format: 'computed' },
  '@type': { read: (reader) => reader.lambda.type, format: 'computed' },
  '@requestId': { read: (reader) => reader.lambda.requestId, format: 'computed' },
  '@duration': { read: (reader) => reader.lambda.durationMs, format: 'double' },
  '@billedDuration': { read: (reader) => reader.lambda.billedDurationMs, format: 'double' },
  '@initDuration': { read: (reader) => reader.lambda.initDurationMs, format: 'double' },
  '@memorySize': { read: (reader) => reader.lambda.memorySizeBytes, format: 'double' },
  '@maxMemoryUsed': { read: (reader) => reader.lambda.maxMemoryUsedBytes, format: 'double' },
  '@xrayTraceId': { read: (reader) => reader.lambda.xrayTraceId, format: 'computed' },
  '@xraySegmentId': { read: (reader) => reader.lambda.xraySegmentId, format: 'computed' },
};

/** Reads a field of the event: one of Insights' own, or one discovered in JSON (`@@x` is the JSON key `@x`). */
export function fieldReader(name: string): SystemField {
  const system = Object.hasOwn(SYSTEM_FIELDS, name) ? SYSTEM_FIELDS[name] : undefined;
  if (system !== undefined) return system;
  const key = name.startsWith('@@') ? name.slice(1) : name;
  return { read: (reader) => readJsonField(reader.json, key), format: 'computed' };
}

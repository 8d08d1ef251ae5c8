import type { ColumnFormat } from './format.ts';
import { findJson, readJsonField } from './json-fields.ts';
import {
  billedDurationMs,
  durationMs,
  initDurationMs,
  lineType,
  maxMemoryUsedBytes,
  memorySizeBytes,
  requestId,
  xraySegmentId,
  xrayTraceId,
} from './lambda-line.ts';
import type { RecordSource } from './record.ts';
import type { Value } from './value.ts';

export type FieldReader = (reader: RecordReader) => Value;

/** Reads the fields of one event at a time. Text and JSON are decoded on first use and kept until the next event. */
export class RecordReader {
  #source: RecordSource | undefined;
  #index = -1;
  #message: string | undefined;
  #json: unknown;
  #jsonRead = false;

  load(source: RecordSource, index: number): void {
    if (this.#source === source && this.#index === index) return;
    this.#source = source;
    this.#index = index;
    this.#message = undefined;
    this.#json = undefined;
    this.#jsonRead = false;
  }

  get message(): string {
    this.#message ??= this.#loaded().message(this.#index);
    return this.#message;
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

/** The fields that Insights defines. All others are looked up in a JSON message. */
export const SYSTEM_FIELDS: Readonly<Record<string, SystemField>> = {
  '@timestamp': { read: (reader) => reader.timestampMs, format: 'timestamp' },
  '@ingestionTime': { read: (reader) => reader.ingestionTimeMs, format: 'timestamp' },
  '@message': { read: (reader) => reader.message, format: 'computed' },
  '@logStream': { read: (reader) => reader.stream, format: 'computed' },
  '@log': { read: (reader) => reader.log, format: 'computed' },
  '@ptr': { read: (reader) => reader.pointer, format: 'computed' },
  '@type': { read: (reader) => lineType(reader.message), format: 'computed' },
  '@requestId': { read: (reader) => requestId(reader.message), format: 'computed' },
  '@duration': { read: (reader) => durationMs(reader.message), format: 'double' },
  '@billedDuration': { read: (reader) => billedDurationMs(reader.message), format: 'double' },
  '@initDuration': { read: (reader) => initDurationMs(reader.message), format: 'double' },
  '@memorySize': { read: (reader) => memorySizeBytes(reader.message), format: 'double' },
  '@maxMemoryUsed': { read: (reader) => maxMemoryUsedBytes(reader.message), format: 'double' },
  '@xrayTraceId': { read: (reader) => xrayTraceId(reader.message), format: 'computed' },
  '@xraySegmentId': { read: (reader) => xraySegmentId(reader.message), format: 'computed' },
};

/** Returns the reader of a field: one that Insights defines, or one discovered in JSON (`@@x` is the JSON key `@x`). */
export function fieldReader(name: string): SystemField {
  const system = Object.hasOwn(SYSTEM_FIELDS, name) ? SYSTEM_FIELDS[name] : undefined;
  if (system !== undefined) return system;
  const key = name.startsWith('@@') ? name.slice(1) : name;
  return { read: (reader) => readJsonField(reader.json, key), format: 'computed' };
}

import { EventLog } from './event-log.ts';

/** A log stream. Its events are in its group's log, marked by its number. */
export interface LogStream {
  readonly number: number;
  readonly name: string;
  readonly createdAtMs: number;
  firstEventMs: number | undefined;
  lastEventMs: number | undefined;
  lastIngestionMs: number | undefined;
}

/** One log group with its streams and events. */
export class LogGroup {
  readonly name: string;
  readonly createdAtMs: number;
  readonly tags: Map<string, string>;
  readonly events = new EventLog();
  retentionInDays: number | undefined;
  readonly #streams = new Map<string, LogStream>();
  readonly #streamNames: string[] = [];

  constructor(
    name: string,
    createdAtMs: number,
    retentionInDays: number | undefined,
    tags: Readonly<Record<string, string>>,
  ) {
    this.name = name;
    this.createdAtMs = createdAtMs;
    this.retentionInDays = retentionInDays;
    this.tags = new Map(Object.entries(tags));
  }

  get streams(): Iterable<LogStream> {
    return this.#streams.values();
  }

  stream(name: string): LogStream | undefined {
    return this.#streams.get(name);
  }

  /** Returns the name of the stream with this number. */
  streamName(number: number): string {
    return this.#streamNames[number] ?? '';
  }

  addStream(name: string, nowMs: number): LogStream {
    const stream: LogStream = {
      number: this.#streamNames.length,
      name,
      createdAtMs: nowMs,
      firstEventMs: undefined,
      lastEventMs: undefined,
      lastIngestionMs: undefined,
    };
    this.#streams.set(name, stream);
    this.#streamNames.push(name);
    return stream;
  }

  append(stream: LogStream, message: string, timestampMs: number, nowMs: number): void {
    this.events.append(message, timestampMs, nowMs, stream.number);
    if (stream.firstEventMs === undefined || timestampMs < stream.firstEventMs) {
      stream.firstEventMs = timestampMs;
    }
    if (stream.lastEventMs === undefined || timestampMs > stream.lastEventMs) {
      stream.lastEventMs = timestampMs;
    }
    stream.lastIngestionMs = nowMs;
  }
}

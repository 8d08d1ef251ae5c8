import { monotonicMs } from '../monotonic.ts';
import type { DatabaseRequest, LogEvent, LogStore } from '../seams.ts';
import type { CpuReading } from './cpu-meter.ts';
import { billedMs } from './log-lines.ts';

/** The log group of CloudWatch Lambda Insights. */
export const TELEMETRY_LOG_GROUP = '/aws/lambda-insights';
/** Later than this the database has told of all requests that were served within a call. */
const SETTLE_MS = 250;

/** What was measured of one invocation that the handler answered. Durations in ms. */
export interface MeasuredCall {
  readonly functionName: string;
  readonly versionName: string;
  readonly logStream: string;
  /** The number that the environment's database credentials carry. */
  readonly environment: number;
  readonly requestId: string;
  readonly traceId: string;
  readonly endedAtEpochMs: number;
  /** By the monotonic clock of the system. */
  readonly endMs: number;
  readonly durationMs: number;
  readonly memorySizeMB: number;
  readonly maxMemoryUsedMB: number;
  readonly cpu: CpuReading;
  /** On a cold start. */
  readonly init?: { readonly durationMs: number; readonly cpu?: CpuReading };
}

/**
 * Writes a line for every invocation in the form of CloudWatch Lambda Insights, so that one query reads it here and,
 * where a function has that extension, on AWS. A member `shedbench` holds what that service does not tell: the time in
 * which threads waited for a core, and when the function's requests to the database were under way.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Lambda-Insights-example-event.html
 */
export class CallTelemetry {
  readonly #logs: Pick<LogStore, 'append' | 'createLogGroup' | 'logGroupExists'>;
  readonly #nowMs: () => number;
  #calls: MeasuredCall[] = [];
  #requests = new Map<number, DatabaseRequest[]>();
  #timer: NodeJS.Timeout | undefined;

  /** @param nowMs the monotonic clock of the system */
  constructor(
    logs: Pick<LogStore, 'append' | 'createLogGroup' | 'logGroupExists'>,
    nowMs: () => number = monotonicMs,
  ) {
    this.#logs = logs;
    this.#nowMs = nowMs;
  }

  /** Takes a call; its line follows once the database has told of the call's requests. */
  add(call: MeasuredCall): void {
    this.#calls.push(call);
    this.#timer ??= setTimeout(() => this.#settle(), SETTLE_MS);
  }

  /** Takes requests that the database has served. */
  addRequests(requests: readonly DatabaseRequest[]): void {
    for (const request of requests) {
      const known = this.#requests.get(request.environment);
      if (known === undefined) this.#requests.set(request.environment, [request]);
      else known.push(request);
    }
  }

  /** Writes the lines of all calls now. */
  close(): void {
    clearTimeout(this.#timer);
    this.#write(this.#calls);
    this.#calls = [];
  }

  #settle(): void {
    this.#timer = undefined;
    const settledMs = this.#nowMs() - SETTLE_MS;
    const isSettled = ({ endMs }: MeasuredCall) => endMs <= settledMs;
    this.#write(this.#calls.filter(isSettled));
    this.#calls = this.#calls.filter((call) => !isSettled(call));
    if (this.#calls.length > 0) this.#timer = setTimeout(() => this.#settle(), SETTLE_MS);
    // Requests outside of any call, such as those of an init, are of no further use.
    for (const [environment, requests] of this.#requests) {
      const recent = requests.filter(({ endMs }) => endMs > settledMs - SETTLE_MS);
      if (recent.length === 0) this.#requests.delete(environment);
      else this.#requests.set(environment, recent);
    }
  }

  #write(calls: readonly MeasuredCall[]): void {
    if (calls.length === 0) return;
    if (!this.#logs.logGroupExists(TELEMETRY_LOG_GROUP)) this.#logs.createLogGroup(TELEMETRY_LOG_GROUP, {});
    const events = new Map<string, LogEvent[]>();
    for (const call of calls) {
      const event = { timestampMs: call.endedAtEpochMs, message: this.#line(call) };
      const known = events.get(call.logStream);
      if (known === undefined) events.set(call.logStream, [event]);
      else known.push(event);
    }
    for (const [stream, list] of events) this.#logs.append(TELEMETRY_LOG_GROUP, stream, list);
  }

  #line(call: MeasuredCall): string {
    const { durationMs, memorySizeMB, maxMemoryUsedMB, cpu, init } = call;
    const billed = billedMs(durationMs, init?.durationMs);
    const startMs = call.endMs - durationMs;
    const waits = (this.#requests.get(call.environment) ?? [])
      .filter((request) => request.startMs >= startMs && request.endMs <= call.endMs)
      .map((request) => [
        request.operation,
        round(request.startMs - startMs),
        round(request.endMs - request.startMs),
      ]);
    return `${JSON.stringify({
      event_type: 'performance',
      function_name: call.functionName,
      version: call.versionName,
      request_id: call.requestId,
      trace_id: call.traceId,
      duration: round(durationMs),
      billed_duration: billed,
      billed_mb_ms: billed * memorySizeMB,
      cold_start: init !== undefined,
      ...(init === undefined ? {} : { init_duration: round(init.durationMs) }),
      used_memory_max: maxMemoryUsedMB,
      total_memory: memorySizeMB,
      memory_utilization: Math.round((maxMemoryUsedMB / memorySizeMB) * 100),
      cpu_total_time: round(cpu.cpuMs),
      shedbench: {
        queued_time: round(cpu.queuedMs),
        ...(init?.cpu === undefined ? {} : { init_cpu_time: round(init.cpu.cpuMs) }),
        waits,
      },
    })}\n`;
  }
}

/** To whole µs: more digits would be noise. */
function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

import { monotonicMs } from '../monotonic.ts';
import type { DatabaseRequest, LogEvent, LogStore } from '../seams.ts';
import { billedMs } from './log-lines.ts';

/** The log group of CloudWatch Lambda Insights. */
export const TELEMETRY_LOG_GROUP = '/aws/lambda-insights';
/** After this time the database has reported all requests that it served within a call. */
const SETTLE_MS = 250;

/** The place where calls ran: one execution environment of one version of a function. */
export interface CallOrigin {
  readonly functionName: string;
  readonly versionName: string;
  readonly logStream: string;
  /** The number that the environment's database credentials carry. */
  readonly environment: number;
  readonly memorySizeMB: number;
}

/** What was measured of one invocation that the handler answered. Durations in ms. */
export interface MeasuredCall {
  readonly requestId: string;
  readonly traceId: string;
  readonly endedAtEpochMs: number;
  /** By the monotonic clock of the system. */
  readonly endMs: number;
  readonly durationMs: number;
  readonly maxMemoryUsedMB: number;
  readonly cpuMs: number;
  /** Time in which threads could have run and no core was free. */
  readonly queuedMs: number;
  /** How often a thread of the function got a core, after a wait or after another thread had it. */
  readonly timeslices: number;
  /** On a cold start. */
  readonly initMs: number | undefined;
  /** Present for a cold start, if the system reports it. */
  readonly initCpuMs: number | undefined;
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
  /** Calls whose lines are still to be written, in the order in which they ended. */
  readonly #calls = new Map<CallOrigin, MeasuredCall[]>();
  readonly #requests = new Map<number, DatabaseRequest[]>();
  #timer: NodeJS.Timeout | undefined;

  /** @param nowMs the monotonic clock of the system */
  constructor(
    logs: Pick<LogStore, 'append' | 'createLogGroup' | 'logGroupExists'>,
    nowMs: () => number = monotonicMs,
  ) {
    this.#logs = logs;
    this.#nowMs = nowMs;
  }

  /** Takes a call. Its line is written after the database has reported the call's requests. */
  add(origin: CallOrigin, call: MeasuredCall): void {
    const calls = this.#calls.get(origin);
    if (calls === undefined) this.#calls.set(origin, [call]);
    else calls.push(call);
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
    for (const [origin, calls] of this.#calls) this.#write(origin, calls);
    this.#calls.clear();
  }

  #settle(): void {
    this.#timer = undefined;
    const settledMs = this.#nowMs() - SETTLE_MS;
    for (const [origin, calls] of this.#calls) {
      const recent = calls.findIndex(({ endMs }) => endMs > settledMs);
      if (recent === 0) continue;
      if (recent === -1) this.#calls.delete(origin);
      this.#write(origin, recent === -1 ? calls : calls.splice(0, recent));
    }
    if (this.#calls.size > 0) this.#timer = setTimeout(() => this.#settle(), SETTLE_MS);
    // Requests outside of any call, such as those of an init, are of no further use.
    for (const [environment, requests] of this.#requests) {
      const recent = requests.filter(({ endMs }) => endMs > settledMs - SETTLE_MS);
      if (recent.length === 0) this.#requests.delete(environment);
      else this.#requests.set(environment, recent);
    }
  }

  #write(origin: CallOrigin, calls: readonly MeasuredCall[]): void {
    if (!this.#logs.logGroupExists(TELEMETRY_LOG_GROUP)) this.#logs.createLogGroup(TELEMETRY_LOG_GROUP, {});
    const requests = (this.#requests.get(origin.environment) ?? []).sort((a, b) => a.startMs - b.startMs);
    const events: LogEvent[] = [];
    const { functionName, versionName, memorySizeMB } = origin;
    const beginning = `{"event_type":"performance","function_name":"${functionName}","version":"${versionName}","request_id":"`;
    let at = 0;
    for (const call of calls) {
      const startMs = call.endMs - call.durationMs;
      while ((requests[at]?.startMs ?? Number.POSITIVE_INFINITY) < startMs) at += 1;
      const waits: string[] = [];
      for (; (requests[at]?.startMs ?? Number.POSITIVE_INFINITY) <= call.endMs; at += 1) {
        const request = requests[at];
        if (request !== undefined) waits.push(waitOf(request, startMs, call.endMs));
      }
      events.push({
        timestampMs: call.endedAtEpochMs,
        message: lineOf(beginning, memorySizeMB, call, waits),
      });
    }
    this.#logs.append(TELEMETRY_LOG_GROUP, origin.logStream, events);
  }
}

/**
 * Operation, when it began within the call, and how long it took, in ms; then 1 for the first request of a connection. The
 * function may have its answer, and end the call, before the database process reads the clock for the end.
 */
function waitOf(
  { operation, startMs, endMs, opensConnection }: DatabaseRequest,
  callStartMs: number,
  callEndMs: number,
): string {
  const ms = text(Math.min(endMs, callEndMs) - startMs);
  const first = opensConnection ? ',1' : '';
  return `[${JSON.stringify(operation)},${text(startMs - callStartMs)},${ms}${first}]`;
}

/**
 * Returns the line of one call. `beginning` is the part before the request id. The line is put together by hand, which
 * takes a third of the time of JSON.stringify and spread members. Only the trace id comes from a caller; all other texts
 * are names without quotation marks.
 */
function lineOf(
  beginning: string,
  memorySizeMB: number,
  call: MeasuredCall,
  waits: readonly string[],
): string {
  const { durationMs, maxMemoryUsedMB, initMs, initCpuMs } = call;
  const billed = billedMs(durationMs, initMs);
  const init = initMs === undefined ? '' : `"init_duration":${text(initMs)},`;
  const initCpu = initCpuMs === undefined ? '' : `"init_cpu_time":${text(initCpuMs)},`;
  return `${beginning}${call.requestId}","trace_id":${JSON.stringify(call.traceId)},"duration":${text(durationMs)},"billed_duration":${billed},"billed_mb_ms":${billed * memorySizeMB},"cold_start":${initMs !== undefined},${init}"used_memory_max":${maxMemoryUsedMB},"total_memory":${memorySizeMB},"memory_utilization":${Math.round((maxMemoryUsedMB / memorySizeMB) * 100)},"cpu_total_time":${text(call.cpuMs)},"shedbench":{"queued_time":${text(call.queuedMs)},"timeslices":${call.timeslices},${initCpu}"waits":[${waits.join(',')}]}}\n`;
}

/** The decimals for each number of microseconds below 1,000: `.25` for 250, and nothing for 0. */
const DECIMALS = Array.from({ length: 1000 }, (_, us) =>
  us === 0 ? '' : `.${String(us).padStart(3, '0').replace(/0+$/, '')}`,
);

/**
 * Returns the JSON text of a time of 0 ms or more, rounded to whole µs, because more digits would be noise. It takes a
 * quarter of the time of String.
 */
function text(ms: number): string {
  const us = Math.round(ms * 1000);
  const wholeMs = Math.floor(us / 1000);
  return `${wholeMs}${DECIMALS[us - wholeMs * 1000] ?? ''}`;
}

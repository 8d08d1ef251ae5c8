import { exitReason, type FaultStatus, faultLine, timeoutLine } from './log-lines.ts';
import type { ProcessEnd } from './runtime-process.ts';

/** Why Lambda itself, not the handler, ended an invocation. */
export interface Fault {
  readonly status: FaultStatus;
  /** `Runtime.ExitError`, `Sandbox.Timedout`, … */
  readonly errorType: string;
  /** The log line about the fault. Undefined if the runtime wrote it. */
  readonly line: string | undefined;
  /** The payload for the caller. */
  readonly payload: Buffer;
}

/** The wording of the program in Lambda that starts processes. */
const START_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'fork/exec /var/task/bootstrap: no such file or directory',
  EACCES: 'fork/exec /var/task/bootstrap: permission denied',
  ENOEXEC: 'fork/exec /var/task/bootstrap: exec format error',
};

/** The fault of a process that ended before its invocation was answered, or that could not be started. */
export function processFault(requestId: string, end: ProcessEnd): Fault {
  if (end.kind === 'exit') {
    return crashFault(requestId, 'Runtime.ExitError', exitReason(end.code, end.signal));
  }
  const reason = START_REASONS[end.code] ?? `fork/exec /var/task/bootstrap: ${end.code}`;
  return entrypointFault(requestId, reason);
}

/** The fault of a program that can't be started. */
export function entrypointFault(requestId: string, reason: string): Fault {
  return crashFault(requestId, 'Runtime.InvalidEntrypoint', reason);
}

/** The fault of a process that was killed because it used more memory than its function may. */
export function memoryFault(requestId: string): Fault {
  return crashFault(requestId, 'Runtime.OutOfMemory', exitReason(null, 'SIGKILL'));
}

/** The fault of an invocation that failed because of the local cloud. The cloud's log has the details. */
export function cloudFault(requestId: string): Fault {
  return crashFault(requestId, 'Runtime.Unknown', 'The local cloud failed; its log has the reason');
}

export function timeoutFault(requestId: string, timeoutMs: number, epochMs: number): Fault {
  const seconds = timeoutMs / 1000;
  const errorType = 'Sandbox.Timedout';
  return {
    status: 'timeout',
    errorType,
    line: timeoutLine(epochMs, requestId, seconds),
    payload: payloadOf(
      errorType,
      `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`,
    ),
  };
}

/** In the log, a timeout has no error type. */
export function loggedErrorType(fault: Pick<Fault, 'status' | 'errorType'>): string | undefined {
  return fault.status === 'timeout' ? undefined : fault.errorType;
}

function crashFault(requestId: string, errorType: string, reason: string): Fault {
  return {
    status: 'error',
    errorType,
    line: faultLine(requestId, reason, errorType),
    payload: payloadOf(errorType, `RequestId: ${requestId} Error: ${reason}`),
  };
}

function payloadOf(errorType: string, errorMessage: string): Buffer {
  return Buffer.from(JSON.stringify({ errorType, errorMessage }));
}

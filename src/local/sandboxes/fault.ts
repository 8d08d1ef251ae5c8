import { exitReason, type FaultStatus, faultLine, timeoutLine } from './log-lines.ts';
import type { ProcessEnd } from './runtime-process.ts';

/** Why Lambda, not the handler, ended an invocation. */
export interface Fault {
  readonly status: FaultStatus;
  /** `Runtime.ExitError`, `Sandbox.Timedout`, … */
  readonly errorType: string;
  /** The log line that tells it; undefined where the runtime has told by itself. */
  readonly line: string | undefined;
  /** What the caller gets. */
  readonly payload: Buffer;
}

/** The words of Lambda's own process starter. */
const START_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'fork/exec /var/task/bootstrap: no such file or directory',
  EACCES: 'fork/exec /var/task/bootstrap: permission denied',
  ENOEXEC: 'fork/exec /var/task/bootstrap: exec format error',
};

/** A process that ended before its invocation was answered, or could not be started. */
export function processFault(requestId: string, end: ProcessEnd): Fault {
  if (end.kind === 'exit') {
    return crashFault(requestId, 'Runtime.ExitError', exitReason(end.code, end.signal));
  }
  const reason = START_REASONS[end.code] ?? `fork/exec /var/task/bootstrap: ${end.code}`;
  return entrypointFault(requestId, reason);
}

/** The function's program can't be started. */
export function entrypointFault(requestId: string, reason: string): Fault {
  return crashFault(requestId, 'Runtime.InvalidEntrypoint', reason);
}

/** Its memory went beyond the function's: the process was killed for it. */
export function memoryFault(requestId: string): Fault {
  return crashFault(requestId, 'Runtime.OutOfMemory', exitReason(null, 'SIGKILL'));
}

/** The local cloud itself failed; its own log says how. */
export function cloudFault(requestId: string): Fault {
  return crashFault(requestId, 'Runtime.Unknown', 'The local cloud failed, see its log');
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

/** A timeout has no error type in the log. */
export function loggedErrorType(fault: Pick<Fault, 'status' | 'errorType'>): { readonly errorType?: string } {
  return fault.status === 'timeout' ? {} : { errorType: fault.errorType };
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

/**
 * The lines that Lambda itself writes to a function's log in text format. Each is one log event whose fields are
 * separated by tabs, with the line break that real events have.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */

/** The status of an invocation that Lambda, not the handler, ended. */
export type FaultStatus = 'error' | 'timeout';

export interface InvocationReport {
  readonly requestId: string;
  readonly durationMs: number;
  /** Only on a cold start. */
  readonly initDurationMs?: number | undefined;
  readonly memorySizeMB: number;
  readonly maxMemoryUsedMB: number;
  /** Only if Lambda ended the invocation: a crash, a timeout, a failed init. */
  readonly status?: FaultStatus | undefined;
  /** Such as `Runtime.ExitError`. Only with the `status` `error`. */
  readonly errorType?: string | undefined;
}

export interface InitReport {
  readonly durationMs: number;
  /** `init` before the first invocation, `invoke` if it was repeated during one. */
  readonly phase: 'init' | 'invoke';
  readonly status: FaultStatus;
  readonly errorType?: string | undefined;
}

/** The name of the version that was not published. */
export const LATEST = '$LATEST';

export function startLine(requestId: string, versionName: string): string {
  return `START RequestId: ${requestId} Version: ${versionName}\n`;
}

export function endLine(requestId: string): string {
  return `END RequestId: ${requestId}\n`;
}

export function reportLine(report: InvocationReport): string {
  const { requestId, durationMs, initDurationMs, memorySizeMB, maxMemoryUsedMB, status, errorType } = report;
  let line = `REPORT RequestId: ${requestId}\tDuration: ${durationMs.toFixed(2)} ms\tBilled Duration: ${billedMs(durationMs, initDurationMs)} ms\tMemory Size: ${memorySizeMB} MB\tMax Memory Used: ${maxMemoryUsedMB} MB\t`;
  if (initDurationMs !== undefined) line += `Init Duration: ${initDurationMs.toFixed(2)} ms\t`;
  if (status === undefined) return `${line}\n`;
  line += `Status: ${status}`;
  return errorType === undefined ? `${line}\n` : `${line}\tError Type: ${errorType}\n`;
}

/**
 * The billed duration in whole ms: the duration plus, on a cold start, the init, rounded up. It is computed from the
 * two numbers as the line prints them, so that the line is consistent.
 * @see https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/
 */
export function billedMs(durationMs: number, initDurationMs = 0): number {
  return Math.ceil((hundredths(durationMs) + hundredths(initDurationMs)) / 100);
}

/** How many hundredths of a millisecond `toFixed(2)` prints. */
function hundredths(ms: number): number {
  const exact = ms * 100;
  const nearest = Math.round(exact);
  // toFixed takes longer than all else in this line. Only next to a half can the product round to another number.
  return Math.abs(exact - nearest) < 0.499 ? nearest : Math.round(Number(ms.toFixed(2)) * 100);
}

/** `runtimeVersion` is Lambda's `<family>:<version>`. The ARN names the runtime that AWS would use. */
export function initStartLine(runtimeVersion: string, runtimeVersionArn: string): string {
  return `INIT_START Runtime Version: ${runtimeVersion}\tRuntime Version ARN: ${runtimeVersionArn}\n`;
}

export function initReportLine(report: InitReport): string {
  const line = `INIT_REPORT Init Duration: ${report.durationMs.toFixed(2)} ms\tPhase: ${report.phase}\tStatus: ${report.status}`;
  return report.errorType === undefined ? `${line}\n` : `${line}\tError Type: ${report.errorType}\n`;
}

export function timeoutLine(epochMs: number, requestId: string, timeoutSeconds: number): string {
  return `${new Date(epochMs).toISOString()} ${requestId} Task timed out after ${timeoutSeconds.toFixed(2)} seconds\n\n`;
}

/** `reason` is a text such as `Runtime exited with error: exit status 1`. */
export function faultLine(requestId: string, reason: string, errorType: string): string {
  return `RequestId: ${requestId} Error: ${reason}\n${errorType}\n`;
}

/** Describes why a process ended, in Lambda's words. */
export function exitReason(code: number | null, signal: string | null): string {
  if (signal !== null) return `Runtime exited with error: signal: ${SIGNAL_WORDS[signal] ?? signal}`;
  if (code === 0 || code === null) return 'Runtime exited without providing a reason';
  return `Runtime exited with error: exit status ${code}`;
}

/** The names of signals in Go, which Lambda's messages use. */
const SIGNAL_WORDS: Readonly<Record<string, string>> = {
  SIGHUP: 'hangup',
  SIGINT: 'interrupt',
  SIGQUIT: 'quit',
  SIGILL: 'illegal instruction',
  SIGTRAP: 'trace/breakpoint trap',
  SIGABRT: 'aborted',
  SIGBUS: 'bus error',
  SIGFPE: 'floating point exception',
  SIGKILL: 'killed',
  SIGSEGV: 'segmentation fault',
  SIGPIPE: 'broken pipe',
  SIGALRM: 'alarm clock',
  SIGTERM: 'terminated',
};

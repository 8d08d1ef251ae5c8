/**
 * The lines that Lambda itself writes to a function's log in text format. Each is one log event, fields separated by
 * tabs, with the line break that real events carry.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */

/** How an invocation ended that Lambda, not the handler, had to end. */
export type FaultStatus = 'error' | 'timeout';

export interface InvocationReport {
  readonly requestId: string;
  readonly durationMs: number;
  /** Present on a cold start only. */
  readonly initDurationMs?: number;
  readonly memorySizeMB: number;
  readonly maxMemoryUsedMB: number;
  /** Present where Lambda ended the invocation: a crash, a timeout, an init that failed. */
  readonly status?: FaultStatus;
  /** Such as `Runtime.ExitError`; with `status` `error` only. */
  readonly errorType?: string;
}

export interface InitReport {
  readonly durationMs: number;
  /** `init` before the first invocation, `invoke` where it was repeated inside one. */
  readonly phase: 'init' | 'invoke';
  readonly status: FaultStatus;
  readonly errorType?: string;
}

/** The version of a function that was not published. */
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
 * Whole milliseconds billed: duration plus, on a cold start, init, rounded up. It is reckoned from the two numbers as
 * the line prints them, so that the line adds up.
 * @see https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/
 */
export function billedMs(durationMs: number, initDurationMs = 0): number {
  return Math.ceil((hundredths(durationMs) + hundredths(initDurationMs)) / 100);
}

function hundredths(ms: number): number {
  return Math.round(Number(ms.toFixed(2)) * 100);
}

/** `runtimeVersion` is Lambda's `<family>:<version>`; the ARN names what would run on AWS. */
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

/** `reason` as in `Runtime exited with error: exit status 1`. */
export function faultLine(requestId: string, reason: string, errorType: string): string {
  return `RequestId: ${requestId} Error: ${reason}\n${errorType}\n`;
}

/** Why a process ended, in Lambda's words. */
export function exitReason(code: number | null, signal: string | null): string {
  if (signal !== null) return `Runtime exited with error: signal: ${SIGNAL_WORDS[signal] ?? signal}`;
  if (code === 0 || code === null) return 'Runtime exited without providing a reason';
  return `Runtime exited with error: exit status ${code}`;
}

/** Go's names of signals, which Lambda's messages use. */
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

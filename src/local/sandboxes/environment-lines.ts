import type { EnvironmentLog } from './environment-log.ts';
import type { EnvironmentPlan, Invocation } from './environment-plan.ts';
import { type Fault, loggedErrorType } from './fault.ts';
import type { InitFailure } from './init-phase.ts';
import { endLine, initReportLine, initStartLine, reportLine, startLine } from './log-lines.ts';

/** How an invocation ended, for its last log lines. */
export interface Ending {
  readonly durationMs: number;
  readonly initDurationMs: number | undefined;
  /** Why Lambda ended the invocation. Undefined if the handler ended it. */
  readonly fault: Fault | undefined;
}

/** Writes the log lines that Lambda itself writes about one environment. */
export class EnvironmentLines {
  readonly #plan: EnvironmentPlan;
  readonly #log: EnvironmentLog;

  constructor(plan: EnvironmentPlan, log: EnvironmentLog) {
    this.#plan = plan;
    this.#log = log;
  }

  initStart(): void {
    this.#log.write(initStartLine(this.#plan.runtimeVersion, this.#plan.runtimeVersionArn));
  }

  /** `phase` is `init` before the first invocation, and `invoke` if the init was repeated during one. */
  initReport({ durationMs, fault }: InitFailure, phase: 'init' | 'invoke'): void {
    this.#log.write(
      initReportLine({ durationMs, phase, status: fault.status, errorType: loggedErrorType(fault) }),
    );
  }

  start({ requestId, wantsLogTail }: Invocation): void {
    this.#log.open(startLine(requestId, this.#plan.versionName), wantsLogTail);
  }

  /** Writes END and REPORT. Before them it writes the line about a fault, unless the runtime wrote it. */
  end(requestId: string, { durationMs, initDurationMs, fault }: Ending, maxMemoryUsedMB: number): void {
    const { memorySizeMB } = this.#plan;
    if (fault?.line !== undefined) this.#log.write(fault.line);
    this.#log.write(endLine(requestId));
    this.#log.write(
      reportLine({
        requestId,
        durationMs,
        initDurationMs,
        memorySizeMB,
        maxMemoryUsedMB: fault?.errorType === 'Runtime.OutOfMemory' ? memorySizeMB : maxMemoryUsedMB,
        status: fault?.status,
        errorType: fault === undefined ? undefined : loggedErrorType(fault),
      }),
    );
  }
}

import type { EnvironmentLog } from './environment-log.ts';
import type { EnvironmentPlan, Invocation } from './environment-plan.ts';
import { type Fault, loggedErrorType } from './fault.ts';
import type { InitFailure } from './init-phase.ts';
import { endLine, initReportLine, initStartLine, reportLine, startLine } from './log-lines.ts';

/** How an invocation ended, for its closing lines. */
export interface Ending {
  readonly durationMs: number;
  readonly initDurationMs: number | undefined;
  readonly maxMemoryUsedMB: number;
  /** Why Lambda ended it; undefined where the handler did. */
  readonly fault: Fault | undefined;
}

/** Writes Lambda's own lines about one environment of one version. */
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

  /** `phase` is `init` before the first invocation, `invoke` where the init was repeated inside one. */
  initReport({ durationMs, fault }: InitFailure, phase: 'init' | 'invoke'): void {
    this.#log.write(initReportLine({ durationMs, phase, status: fault.status, ...loggedErrorType(fault) }));
  }

  start({ requestId, wantsLogTail }: Invocation): void {
    this.#log.open(startLine(requestId, this.#plan.versionName), wantsLogTail);
  }

  /** END and REPORT, and before them the line about a fault that the runtime did not tell itself. */
  end(requestId: string, { durationMs, initDurationMs, maxMemoryUsedMB, fault }: Ending): void {
    const { memorySizeMB } = this.#plan;
    if (fault?.line !== undefined) this.#log.write(fault.line);
    this.#log.write(endLine(requestId));
    this.#log.write(
      reportLine({
        requestId,
        durationMs,
        ...(initDurationMs === undefined ? {} : { initDurationMs }),
        memorySizeMB,
        maxMemoryUsedMB: fault?.errorType === 'Runtime.OutOfMemory' ? memorySizeMB : maxMemoryUsedMB,
        ...(fault === undefined ? {} : { status: fault.status, ...loggedErrorType(fault) }),
      }),
    );
  }
}

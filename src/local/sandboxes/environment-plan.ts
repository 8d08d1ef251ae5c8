import type { ChildRegistry, InvokeOutcome } from '../seams.ts';
import type { MeasuredCall } from './call-telemetry.ts';
import type { EnvironmentLogHost } from './environment-log.ts';
import type { ProcessPlan } from './runtime-process.ts';

/** The parts of a function's version that an environment uses. */
export interface EnvironmentPlan extends ProcessPlan {
  /** The key of the version. */
  readonly key: string;
  /** Cores that a busy sandbox fills, once it is initialised. */
  readonly cost: number;
  readonly functionArn: string;
  /** `$LATEST`, or the number of a published version. */
  readonly versionName: string;
  readonly memorySizeMB: number;
  readonly timeoutMs: number;
  /** For the INIT_START line. */
  readonly runtimeVersion: string;
  readonly runtimeVersionArn: string;
  /** Why the program can't be started at all, in Lambda's words. */
  readonly invalidEntrypoint?: string;
  /**
   * Whether a carriage return within a line stands for a line break, which is how Lambda's own clients write messages
   * of several lines.
   */
  readonly joinsLines: boolean;
}

export interface Invocation {
  readonly requestId: string;
  readonly payload: Buffer | string;
  /** The ARN by which the caller named the function, with its qualifier if it has one. */
  readonly functionArn: string;
  readonly traceId: string;
  /** JSON text in ASCII. */
  readonly clientContext: string | undefined;
  /** Whether the outcome includes the end of the invocation's log. */
  readonly wantsLogTail: boolean;
  readonly settle: (outcome: InvokeOutcome) => void;
}

/** What an environment of the type `Environment` uses of its surroundings. */
export interface EnvironmentHost<Environment> extends EnvironmentLogHost {
  readonly children: ChildRegistry;
  /** The cloud's own log. */
  readonly log: (message: string) => void;
  /** The invocation was answered. The environment will be free soon. */
  readonly onAnswered: (environment: Environment) => void;
  /** Its first init is over: from now on it runs at the CPU share of its memory size. */
  readonly onLimited: (environment: Environment) => void;
  /** The environment is free for another invocation. */
  readonly onFree: (environment: Environment) => void;
  /** The handler answered. Reports the resources that the invocation used. */
  readonly onMeasured: (call: MeasuredCall) => void;
  /** The process has ended and will not be replaced. */
  readonly onDisposed: () => void;
}

import type { ChildRegistry, InvokeOutcome } from '../seams.ts';
import type { MeasuredCall } from './call-telemetry.ts';
import type { EnvironmentLogHost } from './environment-log.ts';
import type { ExecutionEnvironment } from './execution-environment.ts';
import type { ProcessPlan } from './runtime-process.ts';

/** One version of a function, as far as an environment needs it. */
export interface EnvironmentPlan extends ProcessPlan {
  /** Names the version. */
  readonly key: string;
  readonly cost: number;
  readonly functionArn: string;
  /** `$LATEST`, or the number of a published version. */
  readonly versionName: string;
  readonly memorySizeMB: number;
  readonly timeoutMs: number;
  /** For the INIT_START line. */
  readonly runtimeVersion: string;
  readonly runtimeVersionArn: string;
  /** Why the program can't even be tried to start, in Lambda's words. */
  readonly invalidEntrypoint?: string;
  /** A carriage return within a line stands for a line break, as Lambda's own clients write multi-line messages. */
  readonly joinsLines: boolean;
}

export interface Invocation {
  readonly requestId: string;
  readonly payload: Buffer;
  /** ARN as the caller named the function, with the qualifier if there was one. */
  readonly functionArn: string;
  readonly traceId: string;
  /** JSON text in ASCII. */
  readonly clientContext: string | undefined;
  /** Whether the outcome is to carry the end of the invocation's log. */
  readonly wantsLogTail: boolean;
  readonly settle: (outcome: InvokeOutcome) => void;
}

/** What an environment needs of its surroundings. */
export interface EnvironmentHost extends EnvironmentLogHost {
  readonly children: ChildRegistry;
  /** The cloud's own log. */
  readonly log: (message: string) => void;
  /** The environment's invocation was answered; it will be free soon. */
  readonly onAnswered: (environment: ExecutionEnvironment) => void;
  /** The environment can take another invocation. */
  readonly onFree: (environment: ExecutionEnvironment) => void;
  /** The handler answered, and this is what the invocation used. */
  readonly onMeasured: (call: MeasuredCall) => void;
  /** Its process is gone for good. */
  readonly onDisposed: () => void;
}

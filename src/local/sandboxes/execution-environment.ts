import type { InvokeOutcome } from '../seams.ts';
import { EnvironmentLog } from './environment-log.ts';
import type { EnvironmentHost, EnvironmentPlan, Invocation } from './environment-plan.ts';
import {
  cloudFault,
  entrypointFault,
  type Fault,
  loggedErrorType,
  memoryFault,
  processFault,
  timeoutFault,
} from './fault.ts';
import type { PooledInstance } from './instance-pool.ts';
import { endLine, initReportLine, initStartLine, reportLine, startLine, timeoutLine } from './log-lines.ts';
import type { MemoryReading } from './process-memory.ts';
import type { RuntimeFailure, RuntimeResult } from './runtime-api.ts';
import { type ProcessEnd, type ProcessListener, RuntimeProcess } from './runtime-process.ts';

/** Lambda's limit of the init phase. @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib */
const INIT_LIMIT_MS = 10_000;
/** A short invocation can't have grown much: its memory is read only this often, since reading costs 12 µs. */
const SHORT_MS = 10;
const NO_MEMORY: MemoryReading = { peakKiB: 0, peakAllocatedKiB: 0 };

type State =
  /** No process yet. */
  | 'fresh'
  | 'initialising'
  /** Its runtime waits for an event, or did and will ask again. */
  | 'ready'
  | 'running'
  /** Its handler answered; the runtime has not asked for more yet. */
  | 'answered'
  /** Its process is being ended. */
  | 'ending'
  /** Its process ended; the next invocation starts another within its own duration. */
  | 'reset'
  | 'disposed';

type InitOutcome =
  | { readonly kind: 'ok'; readonly durationMs: number }
  | { readonly kind: 'failed'; readonly durationMs: number; readonly fault: Fault };

/**
 * One execution environment: a log stream, a scratch folder, and one process after the other. It runs one invocation
 * at a time.
 *
 * A process that exits, times out or eats its memory is followed by another in the same environment, started within
 * the next invocation and its duration, without an Init Duration of its own: Lambda's suppressed init.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-invoke-with-errors
 */
export class ExecutionEnvironment implements PooledInstance, ProcessListener {
  readonly plan: EnvironmentPlan;
  idleSinceMs = 0;
  isReturning = false;
  /** Monotonic, ms: when it last answered. */
  answeredMs = 0;
  private readonly host: EnvironmentHost;
  private readonly log: EnvironmentLog;
  private state: State = 'fresh';
  private process: RuntimeProcess | undefined;
  private isWaiting = false;
  private invocation: Invocation | undefined;
  /** Of the invocation under way, or of the last one. */
  private requestId = '';
  private startedMs = 0;
  /** What of the invocation's time a suppressed init took. */
  private spentMs = 0;
  private initDurationMs: number | undefined;
  private timer: NodeJS.Timeout | undefined;
  private settleInit: ((outcome: InitOutcome) => void) | undefined;
  private initStartedMs = 0;
  private onEnded: (() => void) | undefined;
  private markGone: () => void = () => undefined;
  private readonly gone: Promise<void>;
  private memory = NO_MEMORY;
  private memoryReadMs = Number.NEGATIVE_INFINITY;

  constructor(plan: EnvironmentPlan, host: EnvironmentHost) {
    this.plan = plan;
    this.host = host;
    this.log = new EnvironmentLog(host);
    this.gone = new Promise((resolve) => {
      this.markGone = () => {
        host.onDisposed();
        resolve();
      };
    });
  }

  get key(): string {
    return this.plan.key;
  }

  get cost(): number {
    return this.plan.cost;
  }

  get memoryMiB(): number {
    return this.process === undefined ? 0 : this.memory.peakKiB / 1024;
  }

  /** Runs one invocation; the environment must be free. Its outcome goes to `settle`, always. */
  run(invocation: Invocation): void {
    this.invocation = invocation;
    this.requestId = invocation.requestId;
    if (this.state === 'ready') this.deliver(invocation, 0, undefined);
    else {
      this.runCold(invocation).catch((error: unknown) => {
        this.host.log(`sandbox of ${this.plan.functionArn}: ${stackOf(error)}`);
        if (this.invocation !== invocation) return;
        this.state = 'reset';
        this.finishFailed(invocation, cloudFault(this.requestId), 0);
      });
    }
  }

  /** To be called every few milliseconds while it is busy: watches its memory and brings its lines to the log. */
  tick(): void {
    if (this.state === 'initialising' || this.state === 'running' || this.state === 'answered') {
      this.readMemory(true);
      if (this.isOverMemory()) this.endForMemory();
    }
    this.log.tick();
  }

  /** Ends its process for good, and resolves when it is gone. An invocation in it is settled as failed. */
  dispose(): Promise<void> {
    if (this.state === 'disposed') return this.gone;
    const { invocation } = this;
    this.state = 'disposed';
    clearTimeout(this.timer);
    if (this.process === undefined) this.markGone();
    this.process?.kill();
    const fault = processFault(this.requestId, { kind: 'exit', code: null, signal: 'SIGKILL' });
    this.settleInit?.({ kind: 'failed', durationMs: 0, fault });
    this.invocation = undefined;
    if (invocation !== undefined) invocation.settle(faultOutcome(fault, invocation.requestId));
    this.log.flush();
    return this.gone;
  }

  // --- cold starts

  private async runCold(invocation: Invocation): Promise<void> {
    if (this.state === 'fresh') {
      this.log.write(initStartLine(this.plan.runtimeVersion, this.plan.runtimeVersionArn));
      const init = await this.initialise(INIT_LIMIT_MS);
      if (this.invocation !== invocation) return;
      if (init.kind === 'ok') {
        this.deliver(invocation, 0, init.durationMs);
        return;
      }
      this.writeInitReport(init, 'init');
    }
    const init = await this.initialise(this.plan.timeoutMs);
    if (this.invocation !== invocation) return;
    if (init.kind === 'ok') {
      this.deliver(invocation, init.durationMs, undefined);
      return;
    }
    this.writeInitReport(init, 'invoke');
    this.log.open(startLine(invocation.requestId, this.plan.versionName), invocation.wantsLogTail);
    this.state = 'reset';
    this.finishFailed(invocation, init.fault, init.durationMs);
  }

  /** Starts a process and waits until its runtime asks for work, or for whatever prevents that. */
  private async initialise(limitMs: number): Promise<InitOutcome> {
    this.state = 'initialising';
    this.isWaiting = false;
    this.memory = NO_MEMORY;
    const { invalidEntrypoint } = this.plan;
    if (invalidEntrypoint !== undefined) {
      return { kind: 'failed', durationMs: 0, fault: entrypointFault(this.requestId, invalidEntrypoint) };
    }
    const process = new RuntimeProcess(this, this.plan.secret, this.host.nowMs, this.host.children);
    this.process = process;
    const settled = new Promise<InitOutcome>((resolve) => {
      this.settleInit = resolve;
    });
    this.initStartedMs = this.host.nowMs();
    this.timer = setTimeout(() => {
      const fault = timeoutFault(this.requestId, this.plan.timeoutMs, this.host.nowEpochMs());
      this.settleInit?.({ kind: 'failed', durationMs: limitMs, fault });
    }, limitMs);
    await process.start(this.plan, this.host.nowMs, (startedMs) => {
      this.initStartedMs = startedMs;
    });
    const outcome = await settled;
    this.settleInit = undefined;
    clearTimeout(this.timer);
    if (outcome.kind === 'failed') await this.endProcess();
    return outcome;
  }

  private failInit(fault: Fault): void {
    this.settleInit?.({ kind: 'failed', durationMs: this.host.nowMs() - this.initStartedMs, fault });
  }

  /** Kills the process and waits until it is gone and all that it wrote is read. */
  private async endProcess(): Promise<void> {
    if (this.process === undefined) return;
    const ended = new Promise<void>((resolve) => {
      this.onEnded = resolve;
    });
    this.process.kill();
    await ended;
  }

  // --- one invocation

  private deliver(invocation: Invocation, spentMs: number, initDurationMs: number | undefined): void {
    this.state = 'running';
    this.spentMs = spentMs;
    this.initDurationMs = initDurationMs;
    const leftMs = Math.max(1, this.plan.timeoutMs - spentMs);
    this.log.open(startLine(invocation.requestId, this.plan.versionName), invocation.wantsLogTail);
    this.timer = setTimeout(() => this.onTimeout(), leftMs);
    this.startedMs = this.host.nowMs();
    if (this.isWaiting) this.send(invocation, leftMs);
  }

  private send(invocation: Invocation, leftMs: number): void {
    this.isWaiting = false;
    this.process?.api.send({
      requestId: invocation.requestId,
      deadlineEpochMs: Math.round(this.host.nowEpochMs() + leftMs),
      functionArn: invocation.functionArn,
      traceId: invocation.traceId,
      clientContext: invocation.clientContext,
      payload: invocation.payload,
    });
  }

  onNext(): void {
    this.isWaiting = true;
    if (this.state === 'initialising') {
      this.settleInit?.({ kind: 'ok', durationMs: this.host.nowMs() - this.initStartedMs });
    } else if (this.state === 'answered') {
      clearTimeout(this.timer);
      this.state = 'ready';
      this.host.onFree(this);
    } else if (this.state === 'running' && this.invocation !== undefined) {
      // It had stopped waiting when the event came, and asks again now.
      this.send(this.invocation, this.deadlineMs() - this.host.nowMs());
    }
  }

  onNextLost(): void {
    this.isWaiting = false;
  }

  onResult(result: RuntimeResult, atMs: number): void {
    const { invocation } = this;
    if (this.state !== 'running' || invocation === undefined) return;
    clearTimeout(this.timer);
    const durationMs = this.spentMs + atMs - this.startedMs;
    if (durationMs >= SHORT_MS || atMs - this.memoryReadMs >= SHORT_MS) this.readMemory(false);
    if (this.isOverMemory()) {
      this.endForMemory();
      return;
    }
    this.state = 'answered';
    this.answeredMs = atMs;
    this.invocation = undefined;
    this.host.onAnswered(this);
    this.settleAndClose(invocation, outcomeOf(result, invocation.requestId), durationMs, undefined);
  }

  onInitError(error: RuntimeFailure): void {
    const { errorType, payload } = error;
    this.failInit({ status: 'error', errorType, line: undefined, payload });
  }

  onTrouble(message: string): void {
    this.host.log(`Runtime API of ${this.plan.functionArn}: ${message}`);
  }

  onLine(line: string): void {
    this.log.write(this.plan.joinsLines ? line.replaceAll('\r', '\n') : line);
  }

  onEnd(end: ProcessEnd): void {
    this.process = undefined;
    this.isWaiting = false;
    const { onEnded } = this;
    this.onEnded = undefined;
    const fault = processFault(this.requestId, end);
    if (this.state === 'initialising') this.failInit(fault);
    else if (this.state === 'running') this.failWith(fault, this.host.nowMs());
    else if (this.state === 'answered') {
      clearTimeout(this.timer);
      if (fault.line !== undefined) this.log.write(fault.line);
      this.log.flush();
      this.state = 'reset';
      this.host.onFree(this);
    } else if (this.state === 'ready') {
      this.state = 'reset';
      this.host.log(`sandbox of ${this.plan.functionArn} ended while idle: ${JSON.stringify(end)}`);
    }
    if (this.state === 'disposed') this.markGone();
    onEnded?.();
  }

  // --- ends that Lambda makes

  private onTimeout(): void {
    const fault = timeoutFault(this.requestId, this.plan.timeoutMs, this.host.nowEpochMs());
    this.failWith(fault, this.deadlineMs());
  }

  private endForMemory(): void {
    const fault = memoryFault(this.requestId);
    if (this.state === 'initialising') this.failInit(fault);
    else if (this.state === 'running') this.failWith(fault, this.host.nowMs());
    else this.process?.kill();
  }

  /** The invocation failed at `atMs`; whatever is left of the process is ended. */
  private failWith(fault: Fault, atMs: number): void {
    const { invocation } = this;
    if (invocation === undefined) return;
    clearTimeout(this.timer);
    this.state = 'ending';
    if (fault.status === 'timeout') this.readMemory(true);
    const durationMs = Math.max(0, this.spentMs + atMs - this.startedMs);
    void this.endProcess().then(() => {
      if (this.state !== 'ending') return;
      this.state = 'reset';
      this.finishFailed(invocation, fault, durationMs);
    });
  }

  /** Writes the closing lines of a failed invocation, settles it, and frees the environment. */
  private finishFailed(invocation: Invocation, fault: Fault, durationMs: number): void {
    this.invocation = undefined;
    this.settleAndClose(invocation, faultOutcome(fault, invocation.requestId), durationMs, fault);
    this.initDurationMs = undefined;
    this.host.onFree(this);
  }

  /** A runtime that answered but does not ask for more has until its invocation's deadline, as on Lambda. */
  private watchLinger(requestId: string): void {
    const leftMs = Math.max(1, this.deadlineMs() - this.host.nowMs());
    this.timer = setTimeout(() => {
      if (this.state !== 'answered') return;
      this.log.write(timeoutLine(this.host.nowEpochMs(), requestId, this.plan.timeoutMs / 1000));
      this.process?.kill();
    }, leftMs);
  }

  private deadlineMs(): number {
    return this.startedMs - this.spentMs + this.plan.timeoutMs;
  }

  // --- lines

  private writeInitReport(init: InitOutcome & { kind: 'failed' }, phase: 'init' | 'invoke'): void {
    const { durationMs, fault } = init;
    this.log.write(initReportLine({ durationMs, phase, status: fault.status, ...loggedErrorType(fault) }));
  }

  /** Answers the caller and writes the closing lines; a caller that wants the log's end is answered after them. */
  private settleAndClose(
    invocation: Invocation,
    outcome: InvokeOutcome,
    durationMs: number,
    fault: Fault | undefined,
  ): void {
    const { initDurationMs } = this;
    const { requestId, wantsLogTail } = invocation;
    if (!wantsLogTail) invocation.settle(outcome);
    this.log.close((tail) => {
      this.process?.flushLines();
      if (fault?.line !== undefined) this.log.write(fault.line);
      this.log.write(endLine(requestId));
      this.log.write(
        reportLine({
          requestId,
          durationMs,
          ...(initDurationMs === undefined ? {} : { initDurationMs }),
          memorySizeMB: this.plan.memorySizeMB,
          maxMemoryUsedMB:
            fault?.errorType === 'Runtime.OutOfMemory' ? this.plan.memorySizeMB : this.maxMemoryUsedMB(),
          ...(fault === undefined ? {} : { status: fault.status, ...loggedErrorType(fault) }),
        }),
      );
      if (wantsLogTail) invocation.settle(withTail(outcome, tail()));
      if (this.state === 'answered' && fault === undefined) this.watchLinger(requestId);
    });
  }

  // --- memory

  private readMemory(tree: boolean): void {
    this.memoryReadMs = this.host.nowMs();
    this.memory = this.process?.readMemory(tree) ?? this.memory;
  }

  private isOverMemory(): boolean {
    return this.memory.peakAllocatedKiB > this.plan.memorySizeMB * 1024;
  }

  private maxMemoryUsedMB(): number {
    return Math.min(this.plan.memorySizeMB, Math.ceil(this.memory.peakKiB / 1024));
  }
}

function faultOutcome({ payload, errorType }: Fault, requestId: string): InvokeOutcome {
  return { kind: 'function-error', payload, requestId, errorType };
}

function withTail(outcome: InvokeOutcome, logTail: Buffer | undefined): InvokeOutcome {
  return outcome.kind === 'throttled' || logTail === undefined ? outcome : { ...outcome, logTail };
}

function outcomeOf(result: RuntimeResult, requestId: string): InvokeOutcome {
  return result.kind === 'ok'
    ? { kind: 'ok', payload: result.payload, requestId }
    : { kind: 'function-error', payload: result.payload, requestId, errorType: result.errorType };
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

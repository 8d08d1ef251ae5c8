import type { InvokeOutcome } from '../seams.ts';
import { startCostOf } from './cpu-limits.ts';
import type { CpuReading } from './cpu-meter.ts';
import { EnvironmentCpu } from './environment-cpu.ts';
import { type Ending, EnvironmentLines } from './environment-lines.ts';
import { EnvironmentLog } from './environment-log.ts';
import { EnvironmentMemory } from './environment-memory.ts';
import type { EnvironmentHost, EnvironmentPlan, Invocation } from './environment-plan.ts';
import { cloudFault, entrypointFault, type Fault, memoryFault, processFault, timeoutFault } from './fault.ts';
import { type InitOutcome, InitPhase } from './init-phase.ts';
import type { PooledInstance } from './instance-pool.ts';
import { InvocationRun, type MeasuredInit } from './invocation-run.ts';
import { timeoutLine } from './log-lines.ts';
import { faultOutcome, outcomeOf, withTail } from './outcome.ts';
import type { RuntimeFailure, RuntimeResult } from './runtime-api.ts';
import { type ProcessEnd, type ProcessListener, RuntimeProcess } from './runtime-process.ts';

/** Lambda's limit of the init phase. @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib */
const INIT_LIMIT_MS = 10_000;

type State =
  /**
   * `fresh`: no process was started yet. `reset`: the process ended; the next invocation starts another one, which
   * counts into its duration.
   */
  | { readonly kind: 'fresh' | 'reset' }
  | { readonly kind: 'initialising'; readonly init: InitPhase; readonly invocation: Invocation }
  /** The runtime waits for an event, or did before and will ask again. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'running'; readonly run: InvocationRun }
  /** The handler answered. The runtime has not asked for work yet. */
  | { readonly kind: 'answered'; readonly run: InvocationRun }
  /** The process is being ended because the invocation failed. */
  | { readonly kind: 'ending'; readonly run: InvocationRun }
  | { readonly kind: 'disposed' };

/**
 * One execution environment: a log stream, a `/tmp`, and one process at a time. It runs one invocation at a time.
 *
 * If a process exits, times out or runs out of memory, the next invocation starts another process in the same
 * environment. That start counts into the invocation's duration and has no Init Duration: it is Lambda's suppressed
 * init.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-invoke-with-errors
 */
export class ExecutionEnvironment implements PooledInstance, ProcessListener {
  readonly plan: EnvironmentPlan;
  idleSinceMs = 0;
  isReturning = false;
  chargedCost = 0;
  /** When it last answered; monotonic, ms. */
  answeredMs = 0;
  readonly #host: EnvironmentHost<ExecutionEnvironment>;
  readonly #log: EnvironmentLog;
  readonly #lines: EnvironmentLines;
  readonly #memory: EnvironmentMemory;
  readonly #cpu = new EnvironmentCpu();
  readonly #gone: Promise<void>;
  #markGone: () => void = () => undefined;
  #state: State = { kind: 'fresh' };
  #process: RuntimeProcess | undefined;

  constructor(plan: EnvironmentPlan, host: EnvironmentHost<ExecutionEnvironment>) {
    this.plan = plan;
    this.#host = host;
    this.#log = new EnvironmentLog(host);
    this.#lines = new EnvironmentLines(plan, this.#log);
    this.#memory = new EnvironmentMemory(plan.memorySizeMB);
    this.#gone = new Promise((resolve) => {
      this.#markGone = () => {
        host.onDisposed();
        resolve();
      };
    });
  }

  get key(): string {
    return this.plan.key;
  }

  get cost(): number {
    const { cpu, cost } = this.plan;
    return cpu === undefined || cpu.isLimited ? cost : startCostOf(cost);
  }

  get memoryMiB(): number {
    return this.#process === undefined ? 0 : this.#memory.peakMiB;
  }

  /** Runs one invocation. The environment must be free. The outcome is always passed to `settle`. */
  run(invocation: Invocation): void {
    if (this.#state.kind === 'ready') {
      this.#deliver(invocation, 0, undefined);
      return;
    }
    this.#runCold(invocation).catch(async (error: unknown) => {
      this.#host.log(`sandbox of ${this.plan.functionArn}: ${stackOf(error)}`);
      await this.#process?.end();
      if (this.#state.kind === 'initialising') {
        this.#finishFailed(invocation, cloudFault(invocation.requestId), 0, undefined);
      }
    });
  }

  /** Checks time and memory, and writes log lines. To be called every few milliseconds while the environment is busy. */
  tick(): void {
    const state = this.#state;
    const { kind } = state;
    if ('run' in state) state.run.tick(this.#host.nowMs());
    if (kind === 'initialising' || kind === 'running' || kind === 'answered') {
      this.#memory.readTree(this.#process, this.#host.nowMs());
      if (this.#memory.isOverLimit) this.#endForMemory();
    }
    this.#log.tick();
  }

  /** Ends the process without replacement. Resolves when it has ended. An invocation in progress fails. */
  dispose(): Promise<void> {
    const state = this.#state;
    if (state.kind === 'disposed') return this.#gone;
    this.#state = { kind: 'disposed' };
    if (this.#process === undefined) this.#markGone();
    else this.#process.kill();
    if ('run' in state) state.run.unwatch();
    const invocation = unsettledOf(state);
    if (invocation !== undefined) {
      const fault = processFault(invocation.requestId, { kind: 'exit', code: null, signal: 'SIGKILL' });
      if (state.kind === 'initialising') state.init.fail(fault, 0);
      invocation.settle(faultOutcome(fault, invocation.requestId));
    }
    this.#log.flush();
    return this.#gone;
  }

  async #runCold(invocation: Invocation): Promise<void> {
    if (this.#state.kind === 'fresh') {
      this.#lines.initStart();
      const init = await this.#initialise(invocation, INIT_LIMIT_MS);
      if (this.#isDisposed()) return;
      if (init.kind === 'ok') {
        this.#limitCpu();
        this.#deliver(invocation, 0, {
          durationMs: init.durationMs,
          cpu: this.#cpu.end(this.#process, init.durationMs, this.#host.nowMs()),
        });
        return;
      }
      this.#lines.initReport(init, 'init');
    }
    this.#limitCpu();
    const init = await this.#initialise(invocation, this.plan.timeoutMs);
    if (this.#isDisposed()) return;
    if (init.kind === 'ok') {
      this.#deliver(invocation, init.durationMs, undefined);
      return;
    }
    this.#lines.initReport(init, 'invoke');
    this.#lines.start(invocation);
    this.#finishFailed(invocation, init.fault, init.durationMs, undefined);
  }

  /** The first init ran at full speed. Everything after it runs at the function's share, also an init after a fault. */
  #limitCpu(): void {
    const { cpu } = this.plan;
    if (cpu === undefined || cpu.isLimited) return;
    cpu.limit();
    this.#host.onLimited(this);
  }

  /** Starts a process and waits until its runtime asks for work, or until the start has failed. */
  async #initialise(invocation: Invocation, limitMs: number): Promise<InitOutcome> {
    const { nowMs, nowEpochMs, children } = this.#host;
    const { requestId } = invocation;
    const init = new InitPhase(nowMs, limitMs, () =>
      timeoutFault(requestId, this.plan.timeoutMs, nowEpochMs()),
    );
    this.#state = { kind: 'initialising', init, invocation };
    this.#memory.reset();
    const { invalidEntrypoint } = this.plan;
    if (invalidEntrypoint !== undefined) init.fail(entrypointFault(requestId, invalidEntrypoint), 0);
    else {
      this.#process = new RuntimeProcess(this, this.plan.secret, nowMs, children);
      await this.#process.start(this.plan, nowMs, (startedMs) => {
        init.begin(startedMs);
        this.#cpu.beginInit(this.#process);
      });
    }
    const outcome = await init.outcome;
    if (outcome.kind === 'failed') await this.#process?.end();
    return outcome;
  }

  /**
   * Passes the event to the runtime. `spentMs` is the part of the invocation's duration that a suppressed init took.
   */
  #deliver(invocation: Invocation, spentMs: number, init: MeasuredInit | undefined): void {
    this.#lines.start(invocation);
    this.#cpu.begin(this.#process, this.#host.nowMs());
    const { timeoutMs } = this.plan;
    const startedMs = this.#host.nowMs();
    const run = new InvocationRun(invocation, { startedMs, spentMs, init, timeoutMs });
    this.#state = { kind: 'running', run };
    run.watch(startedMs, () => this.#onTimeout(run));
    this.#send(run);
  }

  /** Sends the event if the runtime waits for it. Otherwise the runtime gets it when it asks again. */
  #send(run: InvocationRun): void {
    const api = this.#process?.api;
    if (api?.isWaiting !== true) return;
    const { requestId, functionArn, traceId, clientContext, payload } = run.invocation;
    const deadlineEpochMs = Math.round(this.#host.nowEpochMs() + run.leftMs(this.#host.nowMs()));
    api.send({ requestId, deadlineEpochMs, functionArn, traceId, clientContext, payload });
  }

  onNext(): void {
    const state = this.#state;
    if (state.kind === 'initialising') state.init.succeed();
    else if (state.kind === 'answered') {
      state.run.unwatch();
      this.#state = { kind: 'ready' };
      this.#host.onFree(this);
    } else if (state.kind === 'running') this.#send(state.run);
  }

  onResult(result: RuntimeResult, atMs: number): void {
    if (this.#state.kind !== 'running') return;
    const { run } = this.#state;
    run.unwatch();
    const durationMs = run.durationMs(atMs);
    const cpu = this.#cpu.end(this.#process, durationMs, atMs);
    this.#memory.readAfter(this.#process, durationMs, atMs);
    if (this.#memory.isOverLimit) {
      this.#endForMemory();
      return;
    }
    this.#state = { kind: 'answered', run };
    this.answeredMs = atMs;
    this.#host.onAnswered(this);
    const { requestId } = run.invocation;
    this.#settleAndClose(
      run.invocation,
      outcomeOf(result, requestId),
      {
        durationMs,
        initDurationMs: run.init?.durationMs,
        fault: undefined,
      },
      () => {
        this.#record(run, atMs, cpu);
        this.#watchLinger(run);
      },
    );
  }

  onInitError({ errorType, payload }: RuntimeFailure): void {
    if (this.#state.kind !== 'initialising') return;
    this.#state.init.fail({ status: 'error', errorType, line: undefined, payload });
  }

  onTrouble(message: string): void {
    this.#host.log(`Runtime API of ${this.plan.functionArn}: ${message}`);
  }

  onLine(line: string): void {
    this.#log.write(this.plan.joinsLines ? line.replaceAll('\r', '\n') : line);
  }

  onEnd(end: ProcessEnd): void {
    this.#process = undefined;
    const state = this.#state;
    if (state.kind === 'initialising') state.init.fail(processFault(state.invocation.requestId, end));
    else if (state.kind === 'running') {
      this.#failWith(state.run, processFault(state.run.invocation.requestId, end), this.#host.nowMs());
    } else if (state.kind === 'answered') {
      state.run.unwatch();
      const fault = processFault(state.run.invocation.requestId, end);
      if (fault.line !== undefined) this.#log.write(fault.line);
      this.#log.flush();
      this.#state = { kind: 'reset' };
      this.#host.onFree(this);
    } else if (state.kind === 'ready') {
      this.#state = { kind: 'reset' };
      this.#host.log(`A sandbox of ${this.plan.functionArn} ended while idle: ${JSON.stringify(end)}`);
    } else if (state.kind === 'disposed') this.#markGone();
  }

  #onTimeout(run: InvocationRun): void {
    const fault = timeoutFault(run.invocation.requestId, this.plan.timeoutMs, this.#host.nowEpochMs());
    this.#memory.readTree(this.#process, this.#host.nowMs());
    this.#failWith(run, fault, run.deadlineMs);
  }

  #endForMemory(): void {
    const state = this.#state;
    if (state.kind === 'initialising') state.init.fail(memoryFault(state.invocation.requestId));
    else if (state.kind === 'running') {
      this.#failWith(state.run, memoryFault(state.run.invocation.requestId), this.#host.nowMs());
    } else this.#process?.kill();
  }

  /** Ends a failed invocation. `atMs` of the monotonic clock is when it failed. Its process is ended first. */
  #failWith(run: InvocationRun, fault: Fault, atMs: number): void {
    run.unwatch();
    this.#state = { kind: 'ending', run };
    const durationMs = run.durationMs(atMs);
    void (this.#process?.end() ?? Promise.resolve()).then(() => {
      if (this.#isDisposed()) return;
      this.#finishFailed(run.invocation, fault, durationMs, run.init?.durationMs);
    });
  }

  /** Writes the last log lines of a failed invocation, passes on the outcome, and frees the environment. */
  #finishFailed(
    invocation: Invocation,
    fault: Fault,
    durationMs: number,
    initDurationMs: number | undefined,
  ): void {
    this.#state = { kind: 'reset' };
    const outcome = faultOutcome(fault, invocation.requestId);
    this.#settleAndClose(invocation, outcome, { durationMs, initDurationMs, fault });
    this.#host.onFree(this);
  }

  /** Answers the caller and writes the last log lines. A caller that asked for the log gets its answer after them. */
  #settleAndClose(
    invocation: Invocation,
    outcome: InvokeOutcome,
    ending: Ending,
    onClosed?: () => void,
  ): void {
    const { requestId, wantsLogTail } = invocation;
    if (!wantsLogTail) invocation.settle(outcome);
    this.#log.close((tail) => {
      this.#process?.flushLines();
      this.#lines.end(requestId, ending, this.#memory.maxUsedMB);
      if (wantsLogTail) invocation.settle(withTail(outcome, tail()));
      onClosed?.();
    });
  }

  /** Reports what an answered invocation used. Systems that do not report CPU time report nothing. */
  #record(run: InvocationRun, atMs: number, cpu: CpuReading | undefined): void {
    if (cpu === undefined) return;
    const { invocation, init } = run;
    this.#host.onMeasured({
      requestId: invocation.requestId,
      traceId: invocation.traceId,
      endedAtEpochMs: this.#host.nowEpochMs(),
      endMs: atMs,
      durationMs: run.durationMs(atMs),
      maxMemoryUsedMB: this.#memory.maxUsedMB,
      cpuMs: cpu.cpuMs,
      queuedMs: cpu.queuedMs,
      timeslices: cpu.timeslices,
      initMs: init?.durationMs,
      initCpuMs: init?.cpu?.cpuMs,
    });
  }

  /**
   * Limits how long a runtime may take after its answer to ask for work: until its invocation's deadline, as on Lambda.
   */
  #watchLinger(run: InvocationRun): void {
    if (!this.#isLingering(run)) return;
    run.watch(this.#host.nowMs(), () => {
      if (!this.#isLingering(run)) return;
      const { requestId } = run.invocation;
      this.#log.write(timeoutLine(this.#host.nowEpochMs(), requestId, this.plan.timeoutMs / 1000));
      this.#process?.kill();
    });
  }

  #isLingering(run: InvocationRun): boolean {
    return this.#state.kind === 'answered' && this.#state.run === run;
  }

  #isDisposed(): boolean {
    return this.#state.kind === 'disposed';
  }
}

/** The invocation whose caller still waits. */
function unsettledOf(state: State): Invocation | undefined {
  if (state.kind === 'initialising') return state.invocation;
  return state.kind === 'running' || state.kind === 'ending' ? state.run.invocation : undefined;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

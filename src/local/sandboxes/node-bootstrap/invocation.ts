import { runtimeError } from './errors.ts';
import type { Handler } from './load-handler.ts';
import { ResponseStream } from './response-stream.ts';

/** How an invocation ended. */
export type Ending =
  | { readonly kind: 'result'; readonly value: unknown }
  /** The bytes that a streaming handler wrote. */
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'error'; readonly error: unknown };

/** The parts of the context that do not change in a process. They are read from the environment only once. */
export interface FunctionFacts {
  readonly functionVersion: string | undefined;
  readonly functionName: string | undefined;
  readonly memoryLimitInMB: string | undefined;
  readonly logGroupName: string | undefined;
  readonly logStreamName: string | undefined;
  /** Whether the runtime is Node 24 or newer, whose handlers can't answer by callback. */
  readonly isAsyncOnly: boolean;
}

export interface InvocationFacts {
  readonly requestId: string;
  readonly deadlineMs: number;
  readonly functionArn: string | undefined;
  /** JSON text, if the caller sent a client context. */
  readonly clientContext: string | undefined;
  /** JSON text. */
  readonly event: string;
}

/** One run of a handler, from its event to its end, of which there are several ways. */
export class Invocation {
  readonly requestId: string;
  readonly #facts: InvocationFacts;
  readonly #functionFacts: FunctionFacts;
  #settle: ((ending: Ending) => void) | undefined;
  #isPromise = false;
  #isCalledBack = false;
  #calledBackWith: unknown = null;

  constructor(facts: InvocationFacts, functionFacts: FunctionFacts) {
    this.requestId = facts.requestId;
    this.#facts = facts;
    this.#functionFacts = functionFacts;
  }

  run(handler: Handler): Promise<Ending> {
    return new Promise((resolve) => {
      this.#settle = resolve;
      try {
        const event: unknown = JSON.parse(this.#facts.event);
        const returned = this.#functionFacts.isAsyncOnly
          ? handler(event, this.#baseContext())
          : this.#runWithCallback(handler, event);
        if (!isThenable(returned)) {
          if (this.#functionFacts.isAsyncOnly) this.#end({ kind: 'result', value: returned });
          return;
        }
        this.#isPromise = true;
        returned.then(
          (value: unknown) => this.#end({ kind: 'result', value }),
          (error: unknown) => this.#end({ kind: 'error', error }),
        );
      } catch (error) {
        this.#end({ kind: 'error', error });
      }
    });
  }

  /** Runs a handler that writes its answer to a stream. The answer is all that it wrote. */
  runStreaming(handler: Handler): Promise<Ending> {
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#isPromise = true;
      const stream = new ResponseStream();
      stream.on('error', (error) => this.#end({ kind: 'error', error }));
      this.#stream(handler, stream).catch((error: unknown) => this.#end({ kind: 'error', error }));
    });
  }

  async #stream(handler: Handler, stream: ResponseStream): Promise<void> {
    const event: unknown = JSON.parse(this.#facts.event);
    const returned = handler(event, stream, this.#baseContext());
    if (!isThenable(returned)) throw 'Streaming does not support non-async handlers.';
    await returned;
    if (!stream.writableEnded) throw 'Response stream is not finished.';
    if (!stream.writableFinished) await new Promise((resolve) => stream.once('finish', resolve));
    this.#end({ kind: 'bytes', bytes: stream.bytes() });
  }

  /** Ends the invocation when the event loop is empty, because then nothing can end it any more. */
  onLoopEmpty(): void {
    if (this.#isPromise && !this.#isCalledBack) {
      const error = runtimeError(
        'Runtime.NodeJsExit',
        'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes',
      );
      this.#end({ kind: 'error', error });
      return;
    }
    // A handler that returned no promise and never called back answers null.
    this.#end({ kind: 'result', value: this.#calledBackWith });
  }

  /**
   * Takes an answer or error by callback. An answer waits until the event loop is empty, unless the handler said
   * otherwise; an error does not wait.
   */
  #callBack(waits: boolean, error: unknown, value: unknown): void {
    if (this.#isCalledBack) return;
    this.#isCalledBack = true;
    if (!waits || (error !== undefined && error !== null)) this.#done(error, value);
    else this.#calledBackWith = value;
  }

  #done(error: unknown, value: unknown): void {
    this.#end(error === undefined || error === null ? { kind: 'result', value } : { kind: 'error', error });
  }

  #end(ending: Ending): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(ending);
  }

  /** Before Node 24 a handler may answer by its callback and by methods of its context. */
  #runWithCallback(handler: Handler, event: unknown): unknown {
    const context = {
      callbackWaitsForEmptyEventLoop: true,
      succeed: (value: unknown) => this.#done(undefined, value),
      fail: (error: unknown) => this.#done(error ?? 'handled', undefined),
      done: (error: unknown, value: unknown) => this.#done(error, value),
      ...this.#baseContext(),
    };
    return handler(event, context, (error?: unknown, value?: unknown) => {
      this.#callBack(context.callbackWaitsForEmptyEventLoop, error, value);
    });
  }

  /** @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
  #baseContext(): object {
    const facts = this.#facts;
    const functionFacts = this.#functionFacts;
    return {
      functionVersion: functionFacts.functionVersion,
      functionName: functionFacts.functionName,
      memoryLimitInMB: functionFacts.memoryLimitInMB,
      logGroupName: functionFacts.logGroupName,
      logStreamName: functionFacts.logStreamName,
      clientContext: facts.clientContext === undefined ? undefined : JSON.parse(facts.clientContext),
      identity: undefined,
      invokedFunctionArn: facts.functionArn,
      awsRequestId: facts.requestId,
      getRemainingTimeInMillis: () => facts.deadlineMs - Date.now(),
    };
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

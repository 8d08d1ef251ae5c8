import { logLine, patchConsole, setLoggedRequestId } from './console-patch.ts';
import { errorBody, errorForLog, runtimeError } from './errors.ts';
import { type Handler, loadHandler } from './load-handler.ts';
import { type ApiAnswer, RuntimeClient } from './runtime-client.ts';

const UNHANDLED_REJECTION_STATUS = 128;
const UNCAUGHT_EXCEPTION_STATUS = 129;
/** The first Node version that Lambda refuses callbacks on. */
const ASYNC_ONLY_SINCE = 24;

/** How an invocation ended. */
type Ending =
  | { readonly kind: 'result'; readonly value: unknown }
  | { readonly kind: 'error'; readonly error: unknown };

/** Set while a handler runs: an error that nobody caught belongs to its invocation. */
let current: { readonly requestId: string; readonly onLoopEmpty: () => void } | undefined;

/** Loads the handler that the environment names, and serves invocations until the process ends. */
export function loadAndRun(): void {
  const { env } = process;
  const client = new RuntimeClient(env.AWS_LAMBDA_RUNTIME_API ?? '', () => process.exit(1));
  patchConsole();
  process.on('uncaughtException', (error) => {
    logLine('ERROR', 'Uncaught Exception', errorForLog(error));
    void endWith(client, error, UNCAUGHT_EXCEPTION_STATUS);
  });
  process.on('unhandledRejection', (reason) => {
    const error = Object.assign(runtimeError('Runtime.UnhandledPromiseRejection', String(reason)), {
      reason: reason instanceof Error ? errorBody(reason) : reason,
    });
    logLine('ERROR', 'Unhandled Promise Rejection', errorForLog(error));
    void endWith(client, error, UNHANDLED_REJECTION_STATUS);
  });
  process.on('beforeExit', () => current?.onLoopEmpty());
  void serve(client, env.LAMBDA_TASK_ROOT ?? '', env._HANDLER ?? '');
}

async function serve(client: RuntimeClient, taskRoot: string, name: string): Promise<void> {
  let handler: Handler;
  try {
    handler = await loadHandler(taskRoot, name);
    refuseCallbacks(handler);
  } catch (error) {
    logLine('ERROR', 'Uncaught Exception', errorForLog(error));
    await endWith(client, error, UNCAUGHT_EXCEPTION_STATUS);
    return;
  }
  let answer = await client.next();
  for (;;) {
    const requestId = answer.headers['lambda-runtime-aws-request-id'] ?? '';
    const ending = await invoke(client, handler, answer, requestId);
    answer = await post(client, requestId, ending);
  }
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html */
function refuseCallbacks(handler: Handler): void {
  const version = Number(/nodejs(\d+)/.exec(process.env.AWS_EXECUTION_ENV ?? '')?.[1] ?? 0);
  if (version < ASYNC_ONLY_SINCE || handler.length < 3) return;
  throw runtimeError(
    'Runtime.CallbackHandlerDeprecated',
    'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.',
  );
}

function invoke(
  client: RuntimeClient,
  handler: Handler,
  answer: ApiAnswer,
  requestId: string,
): Promise<Ending> {
  setLoggedRequestId(requestId);
  process.env._X_AMZN_TRACE_ID = answer.headers['lambda-runtime-trace-id'] ?? '';
  // From here on the connection alone does not keep the process: Node then tells when nothing else is left to do.
  client.unref();
  return new Promise((resolve) => {
    let waitsForEmptyLoop = true;
    let isPromise = false;
    let isOver = false;
    const end = (ending: Ending): void => {
      if (isOver) return;
      isOver = true;
      current = undefined;
      resolve(ending);
    };
    const onLoopEmpty = (): void => {
      const error = runtimeError(
        'Runtime.NodeJsExit',
        'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes',
      );
      // A handler without a promise that never called back answers null.
      end(isPromise ? { kind: 'error', error } : { kind: 'result', value: null });
    };
    current = { requestId, onLoopEmpty };
    const finish = (error: unknown, value: unknown): void => {
      end(error === undefined || error === null ? { kind: 'result', value } : { kind: 'error', error });
    };
    let isCalledBack = false;
    const callback = (error?: unknown, value?: unknown): void => {
      if (isOver || isCalledBack) return;
      isCalledBack = true;
      if (!waitsForEmptyLoop || (error !== undefined && error !== null)) finish(error, value);
      else current = { requestId, onLoopEmpty: () => finish(undefined, value) };
    };
    const context = contextOf(answer, requestId, {
      done: finish,
      get waits() {
        return waitsForEmptyLoop;
      },
      set waits(value: boolean) {
        waitsForEmptyLoop = value;
      },
    });
    try {
      const event: unknown = JSON.parse(answer.body);
      const returned = handler(event, context, callback);
      if (!isThenable(returned)) return;
      isPromise = true;
      returned.then(
        (value: unknown) => end({ kind: 'result', value }),
        (error: unknown) => end({ kind: 'error', error }),
      );
    } catch (error) {
      end({ kind: 'error', error });
    }
  });
}

interface ContextHooks {
  done(error: unknown, value: unknown): void;
  waits: boolean;
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
function contextOf(answer: ApiAnswer, requestId: string, hooks: ContextHooks): object {
  const { env } = process;
  const deadlineMs = Number(answer.headers['lambda-runtime-deadline-ms']);
  return {
    get callbackWaitsForEmptyEventLoop() {
      return hooks.waits;
    },
    set callbackWaitsForEmptyEventLoop(value: boolean) {
      hooks.waits = value;
    },
    succeed: (value: unknown) => hooks.done(undefined, value),
    fail: (error: unknown) => hooks.done(error ?? 'handled', undefined),
    done: (error: unknown, value: unknown) => hooks.done(error, value),
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: undefined,
    identity: undefined,
    invokedFunctionArn: answer.headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: requestId,
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  };
}

function post(client: RuntimeClient, requestId: string, ending: Ending): Promise<ApiAnswer> {
  let failure: unknown;
  if (ending.kind === 'result') {
    try {
      return client.respondAndNext(requestId, JSON.stringify(ending.value ?? null) ?? 'null');
    } catch {
      failure = runtimeError('Runtime.JSONStringifyError', 'Unable to stringify response body');
    }
  } else failure = ending.error;
  logLine('ERROR', 'Invoke Error', errorForLog(failure));
  const body = errorBody(failure);
  return client.failAndNext(requestId, body.errorType, JSON.stringify(body));
}

/** Tells the Runtime API what ended the process, and ends it. */
async function endWith(client: RuntimeClient, error: unknown, status: number): Promise<void> {
  const body = errorBody(error);
  const text = JSON.stringify(body);
  const { requestId } = current ?? {};
  await (requestId === undefined
    ? client.failInit(body.errorType, text)
    : client.fail(requestId, body.errorType, text));
  process.exit(status);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

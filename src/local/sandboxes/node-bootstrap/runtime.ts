import { logLine, patchConsole, setLoggedRequestId } from './console-patch.ts';
import { errorBody, errorForLog, runtimeError } from './errors.ts';
import { type Ending, type FunctionFacts, Invocation } from './invocation.ts';
import { type Handler, loadHandler } from './load-handler.ts';
import { defineStreaming, isStreaming } from './response-stream.ts';
import { type ApiAnswer, RuntimeClient } from './runtime-client.ts';

const UNHANDLED_REJECTION_STATUS = 128;
const UNCAUGHT_EXCEPTION_STATUS = 129;
/** The first Node version whose Lambda runtime refuses callbacks. */
const ASYNC_ONLY_SINCE = 24;

/** The invocation in progress. An uncaught error belongs to it. */
let current: Invocation | undefined;

/** Loads the handler that the environment names, and serves invocations until the process ends. */
export function loadAndRun(): void {
  const { env } = process;
  const client = new RuntimeClient(env.AWS_LAMBDA_RUNTIME_API ?? '', () => process.exit(1));
  patchConsole();
  defineStreaming();
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
  const isAsyncOnly = nodeVersionOfRuntime() >= ASYNC_ONLY_SINCE;
  let handler: Handler;
  try {
    handler = await loadHandler(taskRoot, name);
    if (isAsyncOnly && !isStreaming(handler)) refuseCallback(handler);
  } catch (error) {
    logLine('ERROR', 'Uncaught Exception', errorForLog(error));
    await endWith(client, error, UNCAUGHT_EXCEPTION_STATUS);
    return;
  }
  const { env } = process;
  const facts: FunctionFacts = {
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    isAsyncOnly,
  };
  const streams = isStreaming(handler);
  let answer = await client.next();
  for (;;) {
    const invocation = begin(answer, facts);
    // From here on the connection alone does not keep the process alive, so Node reports when nothing else is left to
    // do.
    client.unref();
    const ending = await (streams ? invocation.runStreaming(handler) : invocation.run(handler));
    current = undefined;
    answer = await post(client, invocation.requestId, ending);
  }
}

/** The version in the Lambda runtime's identifier. The Node that runs may be another version. */
function nodeVersionOfRuntime(): number {
  return Number(/nodejs(\d+)/.exec(process.env.AWS_EXECUTION_ENV ?? '')?.[1] ?? 0);
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html */
function refuseCallback(handler: Handler): void {
  if (handler.length < 3) return;
  throw runtimeError(
    'Runtime.CallbackHandlerDeprecated',
    'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.',
  );
}

function begin(answer: ApiAnswer, facts: FunctionFacts): Invocation {
  const requestId = answer.header('Lambda-Runtime-Aws-Request-Id') ?? '';
  setLoggedRequestId(requestId);
  process.env._X_AMZN_TRACE_ID = answer.header('Lambda-Runtime-Trace-Id') ?? '';
  current = new Invocation(
    {
      requestId,
      deadlineMs: Number(answer.header('Lambda-Runtime-Deadline-Ms')),
      functionArn: answer.header('Lambda-Runtime-Invoked-Function-Arn'),
      clientContext: answer.header('Lambda-Runtime-Client-Context'),
      event: answer.body,
    },
    facts,
  );
  return current;
}

function post(client: RuntimeClient, requestId: string, ending: Ending): Promise<ApiAnswer> {
  if (ending.kind === 'bytes') return client.respondBytesAndNext(requestId, ending.bytes);
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

/** Reports the error that ends the process to the Runtime API, then exits. */
async function endWith(client: RuntimeClient, error: unknown, status: number): Promise<void> {
  const body = errorBody(error);
  const text = JSON.stringify(body);
  const { requestId } = current ?? {};
  await (requestId === undefined
    ? client.failInit(body.errorType, text)
    : client.fail(requestId, body.errorType, text));
  process.exit(status);
}

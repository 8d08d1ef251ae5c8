import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { AwsClients } from '../../aws/clients.ts';
import { errorCodeOf, errorMessageOf } from '../../aws/errors.ts';
import { classifyFailure } from '../../aws/failure-kind.ts';
import type { InvocationMeter, InvokeOutcome, LoaderPort } from './loader-port.ts';

/**
 * Runs loaders by Lambda's Invoke. An invocation is one request that neither the SDK nor this code repeats, because
 * the function may have run even if its answer was lost.
 */
export async function openInvoker(
  functionName: string,
  clients: AwsClients,
): Promise<Pick<LoaderPort, 'invoke'>> {
  const lambda = await clients.loaders();
  return { invoke: (payload, signal) => invokeOnce(lambda, functionName, payload, signal) };
}

async function invokeOnce(
  lambda: LambdaClient,
  functionName: string,
  payload: string,
  signal: AbortSignal,
): Promise<InvokeOutcome> {
  try {
    const answer = await lambda.send(
      new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(payload), LogType: 'Tail' }),
      { abortSignal: signal },
    );
    const text = Buffer.from(answer.Payload ?? []).toString('utf8');
    const meter = meterOf(Buffer.from(answer.LogResult ?? '', 'base64').toString('utf8'));
    if (answer.FunctionError === undefined) return { kind: 'answered', payload: text, meter };
    return { kind: 'crashed', message: crashMessage(text), meter };
  } catch (error) {
    return outcomeOf(error);
  }
}

/** Decides from the error of an Invoke whether the function can have run. */
function outcomeOf(error: unknown): InvokeOutcome {
  const message = `${errorCodeOf(error)}: ${errorMessageOf(error)}`;
  const status = (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata
    ?.httpStatusCode;
  if (status === 429) return { kind: 'throttled', message };
  // Lambda answers 4xx to a request that it did not carry out. After any other error the function may have run.
  const isRefused = status !== undefined && status >= 400 && status < 500;
  const neverLeft = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'].includes(errorCodeOf(error));
  if (isRefused || neverLeft) return { kind: 'refused', message, cause: error };
  return { kind: 'lost', message: classifyFailure(error) === 'aborted' ? 'it was not waited for' : message };
}

/** Lambda's words for a failure: `Runtime.ExitError: RequestId: … Error: Runtime exited with error: signal: killed`. */
function crashMessage(payload: string): string {
  try {
    const { errorType, errorMessage } = JSON.parse(payload) as {
      errorType?: unknown;
      errorMessage?: unknown;
    };
    return [errorType, errorMessage].filter((part) => typeof part === 'string').join(': ');
  } catch {
    return payload.slice(0, 200);
  }
}

/** Reads the REPORT line from the last lines of the invocation's log. */
export function meterOf(logTail: string): InvocationMeter {
  const report = logTail.slice(Math.max(0, logTail.lastIndexOf('REPORT RequestId')));
  const billedMs = /\tBilled Duration: (\d+) ms/.exec(report)?.[1];
  const initMs = /\tInit Duration: ([\d.]+) ms/.exec(report)?.[1];
  return {
    ...(billedMs === undefined ? {} : { billedMs: Number(billedMs) }),
    ...(initMs === undefined ? {} : { initMs: Number(initMs) }),
  };
}

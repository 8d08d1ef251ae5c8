import type { Operation } from '../../protocols/operation.ts';
import { RestAnswer } from '../../protocols/rest-json.ts';
import { LATEST } from '../../sandboxes/log-lines.ts';
import { type DoorResponse, ServiceError } from '../../seams.ts';
import { invalid } from './check-function.ts';
import { functionNameOf } from './function-name.ts';
import type { FunctionRegistry } from './function-registry.ts';

/** @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_SYNCHRONOUS_BYTES = 6_291_456;
const MAX_ASYNCHRONOUS_BYTES = 1_048_576;
const EMPTY_EVENT = Buffer.from('{}');

/**
 * Runs a function: `RequestResponse` waits for its answer, `Event` does not and is not repeated after a failure,
 * `DryRun` runs nothing.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export function invoke(registry: FunctionRegistry, log: (message: string) => void): Operation {
  return async (input, { request }) => {
    const name = functionNameOf(String(input.FunctionName), request.query.get('Qualifier') ?? undefined);
    const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
    if (type !== 'RequestResponse' && type !== 'Event' && type !== 'DryRun') {
      throw new ServiceError(
        'ValidationException',
        `1 validation error detected: Value '${type}' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]`,
      );
    }
    refuseUnknown(request.headers);
    registry.describe(name);
    const maxBytes = type === 'Event' ? MAX_ASYNCHRONOUS_BYTES : MAX_SYNCHRONOUS_BYTES;
    if (request.body.length > maxBytes) {
      throw new ServiceError(
        'RequestTooLargeException',
        `Request must be smaller than ${maxBytes} bytes for the InvokeFunction operation`,
        413,
        { Type: 'User' },
      );
    }
    const payload = request.body.length === 0 ? EMPTY_EVENT : request.body;
    checkJson(payload);
    if (type === 'DryRun') return new RestAnswer(answer(204, {}, ''));
    const traceId = request.headers['x-amzn-trace-id'];
    const running = registry.invoke(name, payload, traceId === undefined ? {} : { traceId });
    if (type === 'Event') {
      running.catch((error: unknown) => log(`an asynchronous call of ${name} was dropped: ${String(error)}`));
      return new RestAnswer(answer(202, {}, ''));
    }
    const outcome = await running;
    if (outcome.kind === 'throttled') {
      throw new ServiceError('TooManyRequestsException', outcome.message, 429, {
        Type: 'User',
        Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      });
    }
    return new RestAnswer(
      answer(
        200,
        outcome.kind === 'function-error' ? { 'x-amz-function-error': 'Unhandled' } : {},
        outcome.payload,
      ),
    );
  };
}

function answer(status: number, headers: Record<string, string>, body: Buffer | string): DoorResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', 'x-amz-executed-version': LATEST, ...headers },
    body,
  };
}

/** What a client asks for and would not get is refused rather than left out. */
function refuseUnknown(headers: Readonly<Record<string, string>>): void {
  const logType = headers['x-amz-log-type'];
  if (logType !== undefined && logType !== 'None') {
    throw invalid(`The local cloud has no LogType ${logType}: read the function's log group`);
  }
  if (headers['x-amz-client-context'] !== undefined) {
    throw invalid('The local cloud passes no ClientContext on');
  }
}

function checkJson(payload: Buffer): void {
  try {
    JSON.parse(payload.toString('utf8'));
  } catch (error) {
    throw new ServiceError(
      'InvalidRequestContentException',
      `Could not parse request body into json: ${error instanceof Error ? error.message : ''}`,
      400,
      { Type: 'User' },
    );
  }
}

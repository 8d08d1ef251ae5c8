import type { Operation } from '../../../protocols/operation.ts';
import { RestAnswer } from '../../../protocols/rest-json.ts';
import { ServiceError } from '../../../seams.ts';
import { functionReference } from '../function-name.ts';
import type { FunctionRegistry } from '../function-registry.ts';

/** @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_SYNCHRONOUS_BYTES = 6_291_456;
const MAX_ASYNCHRONOUS_BYTES = 1_048_576;
const MAX_CLIENT_CONTEXT_BYTES = 3583;
const EMPTY_EVENT = Buffer.from('{}');

/**
 * Runs a function. `RequestResponse` waits for its answer; with `LogType` `Tail` it also returns the end of its log.
 * `Event` does not wait, and a failure is not repeated. `DryRun` runs nothing.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export function invoke(registry: FunctionRegistry, log: (message: string) => void): Operation {
  return async (input, { request }) => {
    const { headers } = request;
    const { name, qualifier } = functionReference(input.FunctionName, request.query.get('Qualifier'));
    const type = oneOf(headers['x-amz-invocation-type'], 'invocationType', INVOCATION_TYPES);
    const logType = oneOf(headers['x-amz-log-type'], 'logType', LOG_TYPES);
    const executed = registry.describe(name).version(qualifier).deployed.versionName;
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
    const clientContext = clientContextOf(headers['x-amz-client-context']);
    if (type === 'DryRun') return answer(204, executed);
    const traceId = headers['x-amzn-trace-id'];
    const running = registry.invoke(name, payload, {
      wantsLogTail: type === 'RequestResponse' && logType === 'Tail',
      ...(qualifier === undefined ? {} : { qualifier }),
      ...(clientContext === undefined ? {} : { clientContext }),
      ...(traceId === undefined ? {} : { traceId }),
    });
    if (type === 'Event') {
      running.catch((error: unknown) => log(`An asynchronous call of ${name} was dropped: ${String(error)}`));
      return answer(202, executed);
    }
    const outcome = await running;
    if (outcome.kind === 'throttled') {
      throw new ServiceError('TooManyRequestsException', outcome.message, 429, {
        Type: 'User',
        Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      });
    }
    return answer(200, executed, outcome.payload, {
      ...(outcome.kind === 'function-error' ? { 'x-amz-function-error': 'Unhandled' } : {}),
      ...(outcome.logTail === undefined ? {} : { 'x-amz-log-result': outcome.logTail.toString('base64') }),
    });
  };
}

const INVOCATION_TYPES = ['RequestResponse', 'Event', 'DryRun'] as const;
const LOG_TYPES = ['None', 'Tail'] as const;

/**
 * Reads a header with a fixed set of values. Without the header it is the first of them. @throws ServiceError
 * `ValidationException`
 */
function oneOf<T extends string>(
  value: string | undefined,
  member: string,
  allowed: readonly [T, ...T[]],
): T {
  if (value === undefined) return allowed[0];
  const found = allowed.find((each) => each === value);
  if (found !== undefined) return found;
  throw new ServiceError(
    'ValidationException',
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must satisfy enum value set: [${[...allowed].sort().join(', ')}]`,
  );
}

function answer(
  status: number,
  executedVersion: string,
  body: Buffer | string = '',
  headers: Readonly<Record<string, string>> = {},
): RestAnswer {
  return new RestAnswer({
    status,
    headers: { 'content-type': 'application/json', 'x-amz-executed-version': executedVersion, ...headers },
    body,
  });
}

/**
 * Decodes the client context that a client sends. Returns it as one line of JSON, which fits into a header of the
 * Runtime API.
 * @throws ServiceError `InvalidRequestContentException`
 */
function clientContextOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (header.length > MAX_CLIENT_CONTEXT_BYTES) {
    throw new ServiceError(
      'InvalidRequestContentException',
      `Client context must be no more than ${MAX_CLIENT_CONTEXT_BYTES} bytes.`,
      400,
      { Type: 'User' },
    );
  }
  try {
    return asciiJson(JSON.parse(Buffer.from(header, 'base64').toString('utf8')));
  } catch {
    throw new ServiceError(
      'InvalidRequestContentException',
      'Client context must be a valid Base64-encoded JSON object.',
      400,
      { Type: 'User' },
    );
  }
}

/** Renders JSON in printable ASCII, the only characters that are safe in a header. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
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

/** An error in the form of the Runtime API. */
export interface ErrorBody {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

/** Creates an error of the runtime about the function, with Lambda's name for it, `Runtime.…`. */
export function runtimeError(name: string, message: string, stack?: string): Error {
  const error = new Error(message);
  // The name is not enumerable, so the log shows it only once, as the type.
  Object.defineProperty(error, 'name', { value: name });
  error.stack = stack ?? [`${name}: ${message}`, ...(error.stack ?? '').split('\n').slice(1)].join('\n');
  return error;
}

/** Converts anything that a handler threw to the form of the Runtime API. */
export function errorBody(error: unknown): ErrorBody {
  try {
    if (error instanceof Error || isErrorLike(error)) {
      return {
        errorType: escaped(error.name),
        errorMessage: escaped(error.message),
        trace: typeof error.stack === 'string' ? escaped(error.stack).split('\n') : [],
      };
    }
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  } catch {
    // A getter of the thrown object threw an error itself.
    return {
      errorType: 'handled',
      errorMessage:
        'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
      trace: [],
    };
  }
}

/** Returns the tab and JSON that follow `Invoke Error` in the log. */
export function errorForLog(error: unknown): string {
  const known = error instanceof Error || isErrorLike(error) ? error : new Error(String(error));
  try {
    return `\t${JSON.stringify({
      errorType: known.name,
      errorMessage: known.message,
      ...('code' in known ? { code: known.code } : {}),
      ...Object.fromEntries(Object.entries(known)),
      stack: String(known.stack).split('\n'),
    })}`;
  } catch {
    // Its members can't be written as JSON, for example because of a cycle or a BigInt.
    return `\t${JSON.stringify(errorBody(error))}`;
  }
}

/** Whether this is an Error of another realm, such as a `vm` context. */
function isErrorLike(value: unknown): value is Error {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof Reflect.get(value, 'name') === 'string' &&
    typeof Reflect.get(value, 'message') === 'string' &&
    typeof Reflect.get(value, 'stack') === 'string'
  );
}

/** DEL is not allowed in the header that contains the type. */
function escaped(text: string): string {
  return text.replaceAll('\x7f', '%7F');
}

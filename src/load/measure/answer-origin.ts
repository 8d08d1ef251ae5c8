/** Who wrote an answer: the function's handler, API Gateway, or unknown. */
export type AnswerOrigin = 'handler' | 'gateway' | 'unknown';

const VALIDATOR = /^(?:Missing required request parameters|Invalid request (?:body|parameters))/i;

/**
 * Determines who wrote an unexpected answer, and so whether a function ran. 403 and 429 are always from API Gateway.
 * 400 is from API Gateway if its request validator refused the request. 500 is from API Gateway if it says `Internal
 * server error`, which means that Lambda refused the invocation (throttled, or no permission). 502 and 504 mean that a
 * function ran and failed or took too long, so they count as `handler`. Answers of API Gateway have the header
 * `x-amzn-ErrorType`; a handler's 500 says `Server error`.
 *
 * @param body the body, clipped or not, as text
 * @param errorType the value of `x-amzn-ErrorType`, if any
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
export function answerOrigin(status: number, body: string, errorType: string | undefined): AnswerOrigin {
  switch (status) {
    case 502:
    case 504:
      return 'handler';
    case 403:
    case 429:
      return 'gateway';
  }
  if (errorType !== undefined) return 'gateway';
  const message = messageOf(body);
  if (message === undefined) return 'unknown';
  if (status === 500) return originOf500(message);
  if (status === 400) return VALIDATOR.test(message) ? 'gateway' : 'handler';
  return 'unknown';
}

/** Whether a 500 is API Gateway's answer to an invocation that Lambda refused, mostly by throttling. */
export function isLambdaRefusal(status: number, body: string): boolean {
  return status === 500 && messageOf(body)?.toLowerCase() === 'internal server error';
}

function originOf500(message: string): AnswerOrigin {
  switch (message.toLowerCase()) {
    case 'internal server error':
      return 'gateway';
    case 'server error':
      return 'handler';
    default:
      return 'unknown';
  }
}

function messageOf(body: string): string | undefined {
  const [, message] = /^\s*\{\s*"message"\s*:\s*"((?:[^"\\]|\\.)*)/.exec(body) ?? [];
  return message;
}

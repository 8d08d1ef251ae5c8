/** Who wrote an answer: the function's handler, API Gateway in front of it, or nobody that can be told. */
export type AnswerOrigin = 'handler' | 'gateway' | 'unknown';

const VALIDATOR = /^(?:Missing required request parameters|Invalid request (?:body|parameters))/i;

/**
 * Who wrote an unexpected answer, and so whether a function ran. API Gateway itself answers 403 and 429 always; 400
 * from a request validator; 500 `Internal server error` where Lambda refused the invocation (throttled, or no
 * permission). It answers 502 and 504 for a function that ran and failed or took too long: those count as `handler`.
 * Its own answers carry `x-amzn-ErrorType`; a handler's 500 says `Server error`.
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

/** Whether this 500 is Lambda's refusal of an invocation, throttling above all, as API Gateway passes it on. */
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

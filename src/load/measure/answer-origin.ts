/** Who wrote an answer: the function's handler, AWS in front of it, or nobody that can be told. */
export type AnswerOrigin = 'handler' | 'gateway' | 'unknown';

/** An answer whose status the plan does not expect. */
export interface UnexpectedAnswer {
  /** HTTP's, or `FUNCTION_ERROR_STATUS`. */
  readonly status: number;
  /** Clipped or not, as UTF-8 text. */
  readonly body: string;
  /** The value of `x-amzn-ErrorType`, if any. */
  readonly errorType?: string | undefined;
  /** Where a redirect leads. */
  readonly location?: string | undefined;
}

/** Tells what stands behind the unexpected answers of a load. */
export interface AnswerJudge {
  /** Who wrote the answer, and so whether a function ran. */
  originOf(answer: UnexpectedAnswer): AnswerOrigin;
  /** Whether Lambda refused to invoke the function: throttling above all. */
  isLambdaRefusal(answer: UnexpectedAnswer): boolean;
  /** How long after its send a call that got no whole answer may still run and write a REPORT line, ms. */
  readonly mayRunOnMs: number;
}

const VALIDATOR = /^(?:Missing required request parameters|Invalid request (?:body|parameters))/i;
/** Lambda's timeout of the shed's functions is 30 s; some delay comes before it. */
const GATEWAY_MAY_RUN_ON_MS = 35_000;
/** How long an invocation may wait before its function starts, and how late it may end. */
const INVOKE_MARGIN_MS = 5000;

/**
 * Answers that come through API Gateway. API Gateway itself answers 403 and 429 always; 400 from a request validator; 500
 * `Internal server error` where Lambda refused the invocation (throttled, or no permission). It answers 502 and 504 for a
 * function that ran and failed or took too long: those count as `handler`. Its own answers carry `x-amzn-ErrorType`; a
 * handler's 500 says `Server error`. Of another server's answers nothing is claimed that matters: it has no REPORT lines.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
export const GATEWAY_JUDGE: AnswerJudge = {
  originOf({ status, body, errorType }) {
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
  },
  isLambdaRefusal: ({ status, body }) =>
    status === 500 && messageOf(body)?.toLowerCase() === 'internal server error',
  mayRunOnMs: GATEWAY_MAY_RUN_ON_MS,
};

/**
 * Answers to Lambda's Invoke. A function that ran and failed is answered with 200 and `X-Amz-Function-Error`; every other
 * unexpected answer is Lambda's own, and no function ran.
 * @param timeoutMs the function's timeout
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export function invokeJudge(timeoutMs: number): AnswerJudge {
  return {
    originOf: ({ status, errorType }) =>
      status < 300 || status >= 1000 ? 'handler' : errorType === undefined ? 'unknown' : 'gateway',
    isLambdaRefusal: ({ status }) => status === 429,
    mayRunOnMs: timeoutMs + INVOKE_MARGIN_MS,
  };
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

import type { LoadPlan } from '../../model/run.ts';

/** Who wrote an answer: the function's handler, AWS in front of it, or unknown. */
export type AnswerOrigin = 'handler' | 'gateway' | 'unknown';

/** An answer whose status the plan does not expect. */
export interface UnexpectedAnswer {
  /** The HTTP status, or `FUNCTION_ERROR_STATUS`. */
  readonly status: number;
  /** The body as UTF-8 text, clipped or not. */
  readonly body: string;
  /** The value of `x-amzn-ErrorType`, if any. */
  readonly errorType?: string | undefined;
  /** The target of a redirect. */
  readonly location?: string | undefined;
}

/** Interprets the unexpected answers of a load. */
export interface AnswerJudge {
  /** Determines who wrote the answer, and so whether a function ran. */
  originOf(answer: UnexpectedAnswer): AnswerOrigin;
  /** Whether Lambda refused to invoke the function, mostly by throttling. */
  isLambdaRefusal(answer: UnexpectedAnswer): boolean;
  /** For how long after its sending a call without a complete answer may still run and write a REPORT line, ms. */
  readonly mayRunOnMs: number;
}

const VALIDATOR = /^(?:Missing required request parameters|Invalid request (?:body|parameters))/i;
/** The timeout of the shed's functions is 30 s. The rest is for the delay before it. */
const GATEWAY_MAY_RUN_ON_MS = 35_000;
/** How long an invocation may wait before its function starts, and how late it may end. */
const INVOKE_MARGIN_MS = 5000;

/**
 * Answers through API Gateway. 403 and 429 are always from API Gateway. 400 is from API Gateway if its request
 * validator refused the request. 500 is from API Gateway if it says `Internal server error`, which means that Lambda
 * refused the invocation (throttled, or no permission). 502 and 504 mean that a function ran and failed or took too
 * long, so they count as `handler`. Answers of API Gateway have the header `x-amzn-ErrorType`; a handler's 500 says
 * `Server error`. For other servers the result has no effect, because they have no REPORT lines.
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

/** Answers of a server that is not known to be API Gateway: no function of Lambda refuses. */
const OTHER_JUDGE: AnswerJudge = { ...GATEWAY_JUDGE, isLambdaRefusal: () => false };

/** The judge of a plan's answers: to Lambda's Invoke, through API Gateway, or of another server. */
export function judgeOf({ invoke }: Pick<LoadPlan, 'invoke'>, isLambda: boolean): AnswerJudge {
  if (invoke !== undefined) return invokeJudge(invoke.functionTimeoutMs);
  return isLambda ? GATEWAY_JUDGE : OTHER_JUDGE;
}

/**
 * Answers to Lambda's Invoke. A function that ran and failed answers with 200 and `X-Amz-Function-Error`. Every other
 * unexpected answer is from Lambda itself, and no function ran.
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

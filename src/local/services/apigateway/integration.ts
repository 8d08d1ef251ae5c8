/**
 * The limits of an integration's timeout. @see https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
 */
export const TIMEOUT_MS = { least: 50, most: 29_000 } as const;

/** Matches the URI of an integration with a Lambda function. The first group is the function's name. */
export const INTEGRATION_URI =
  /^arn:aws[a-z-]*:apigateway:[a-z0-9-]+:lambda:path\/2015-03-31\/functions\/arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:([a-zA-Z0-9-_]+)(?::\$LATEST)?\/invocations$/;

/** Matches the name of a request parameter. The groups are its location and its name. */
export const REQUEST_PARAMETER = /^method\.request\.(querystring|header|path)\.(.+)$/;

/** The name of a response parameter that sets a header; its first group is the header's name. */
export const RESPONSE_HEADER = /^method\.response\.header\.(.+)$/;

/** The text of an expression in single quotes, which is a constant. Undefined for any other expression. */
export function quotedText(expression: string): string | undefined {
  return /^'(.*)'$/s.exec(expression)?.[1];
}

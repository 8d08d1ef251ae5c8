/** How long an integration may take. @see https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
export const TIMEOUT_MS = { least: 50, most: 29_000 } as const;

/** The URI of an integration with a Lambda function; its first group is the function's name. */
export const INTEGRATION_URI =
  /^arn:aws[a-z-]*:apigateway:[a-z0-9-]+:lambda:path\/2015-03-31\/functions\/arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:([a-zA-Z0-9-_]+)(?::\$LATEST)?\/invocations$/;

/** The name of a request parameter: where it is, and what it is called. */
export const REQUEST_PARAMETER = /^method\.request\.(querystring|header|path)\.(.+)$/;

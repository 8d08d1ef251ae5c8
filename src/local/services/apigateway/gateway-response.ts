import type { GatewayResponseConfiguration } from '../../api-gateway-control.ts';
import { quotedText } from './integration.ts';

/**
 * An error response of API Gateway itself.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
export interface GatewayError {
  readonly responseType: string;
  readonly status: number;
  readonly message: string;
  /** The value of the header x-amzn-ErrorType. */
  readonly errorType: string;
  /** Whether the JSON has a space after the colon, as errors that occur in an integration have. */
  readonly isSpaced: boolean;
}

function gatewayError(
  responseType: string,
  status: number,
  message: string,
  errorType: string,
  isSpaced: boolean,
): GatewayError {
  return { responseType, status, message, errorType, isSpaced };
}

const INTERNAL = 'Internal server error';
const INTERNAL_TYPE = 'InternalServerErrorException';

export const FORBIDDEN = gatewayError('ACCESS_DENIED', 403, 'Forbidden', 'ForbiddenException', false);
export const UNKNOWN_ROUTE = gatewayError(
  'MISSING_AUTHENTICATION_TOKEN',
  403,
  'Missing Authentication Token',
  'MissingAuthenticationTokenException',
  false,
);
export const THROTTLED = gatewayError(
  'THROTTLED',
  429,
  'Too Many Requests',
  'TooManyRequestsException',
  false,
);
export const TOO_LARGE = gatewayError(
  'REQUEST_TOO_LARGE',
  413,
  'Request Too Long',
  'RequestTooLongException',
  false,
);
/** No template of the integration fits the request's media type. */
export const UNSUPPORTED_MEDIA_TYPE = gatewayError(
  'UNSUPPORTED_MEDIA_TYPE',
  415,
  'Unsupported Media Type',
  'BadRequestException',
  false,
);
/** The integration can't run as configured. One cause is a missing permission to invoke the function. */
export const BAD_CONFIGURATION = gatewayError('API_CONFIGURATION_ERROR', 500, INTERNAL, INTERNAL_TYPE, true);
/** The function failed, or its answer was malformed. */
export const BAD_ANSWER = gatewayError('INTEGRATION_FAILURE', 502, INTERNAL, INTERNAL_TYPE, true);
/** Lambda did not accept the call. */
export const NOT_INVOKED = gatewayError('INTEGRATION_FAILURE', 500, INTERNAL, INTERNAL_TYPE, true);
export const TIMED_OUT = gatewayError(
  'INTEGRATION_TIMEOUT',
  504,
  'Endpoint request timed out',
  INTERNAL_TYPE,
  true,
);

export function missingRequestParameters(names: readonly string[]): GatewayError {
  return gatewayError(
    'BAD_REQUEST_PARAMETERS',
    400,
    `Missing required request parameters: [${names.join(', ')}]`,
    'BadRequestException',
    true,
  );
}

/** Looks up a value that a template or parameter names. Undefined if the request does not have it. */
export type Variables = (name: string) => string | undefined;

export interface RenderedGatewayResponse {
  readonly status: number;
  /** Alternating names and values, without the ids that every response has. */
  readonly headers: readonly string[];
  readonly body: string;
}

/**
 * Renders an error response. It uses the API's configuration for this type, or for DEFAULT_4XX or DEFAULT_5XX, or API
 * Gateway's default. `variables` is called with names such as `method.request.header.Accept` and `stageVariables.x`;
 * those of `context` have no `$`.
 */
export function renderGatewayResponse(
  error: GatewayError,
  configured: ReadonlyMap<string, GatewayResponseConfiguration>,
  variables: Variables,
): RenderedGatewayResponse {
  const fallback = error.status >= 500 ? 'DEFAULT_5XX' : 'DEFAULT_4XX';
  const configuration = configured.get(error.responseType) ?? configured.get(fallback);
  const lookUp: Variables = (name) => errorVariable(error, name) ?? variables(name);
  const headers = ['x-amzn-ErrorType', error.errorType];
  if (configuration === undefined) {
    return {
      status: error.status,
      headers: [...headers, 'Content-Type', 'application/json'],
      body: `{"message":${error.isSpaced ? ' ' : ''}${JSON.stringify(error.message)}}`,
    };
  }
  for (const [name, expression] of Object.entries(configuration.responseParameters)) {
    const value = parameterValue(expression, lookUp);
    if (value !== undefined) headers.push(name.slice(HEADER_PREFIX.length), value);
  }
  const [contentType = 'application/json', template = DEFAULT_TEMPLATE] =
    Object.entries(configuration.responseTemplates)[0] ?? [];
  return {
    status: configuration.statusCode === undefined ? error.status : Number(configuration.statusCode),
    headers: [...headers, 'Content-Type', contentType],
    body: renderTemplate(template, lookUp),
  };
}

export const HEADER_PREFIX = 'gatewayresponse.header.';
const DEFAULT_TEMPLATE = '{"message":$context.error.messageString}';

/** A text in single quotes is a constant. Anything else names a value of the request. */
function parameterValue(expression: string, lookUp: Variables): string | undefined {
  return quotedText(expression) ?? lookUp(expression);
}

/**
 * Replaces variables, which are all that templates of gateway responses support of VTL. A missing value becomes an
 * empty text.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
 */
function renderTemplate(template: string, lookUp: Variables): string {
  return template.replace(
    /\$(?:\{((?:context|stageVariables|method)\.[\w.-]*\w)\}|((?:context|stageVariables|method)\.[\w.-]*\w))/g,
    (_whole, braced: string | undefined, plain: string | undefined) => lookUp(braced ?? plain ?? '') ?? '',
  );
}

function errorVariable(error: GatewayError, name: string): string | undefined {
  switch (name) {
    case 'context.error.message':
      return error.message;
    case 'context.error.messageString':
      return JSON.stringify(error.message);
    case 'context.error.responseType':
      return error.responseType;
    default:
      return undefined;
  }
}

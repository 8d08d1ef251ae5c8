import type {
  LambdaProxyIntegration,
  MethodConfiguration,
  MockIntegration,
} from '../../../api-gateway-control.ts';
import type { ServiceError } from '../../../seams.ts';
import { badRequest, notFound } from '../control-errors.ts';
import {
  INTEGRATION_URI,
  quotedText,
  REQUEST_PARAMETER,
  RESPONSE_HEADER,
  TIMEOUT_MS,
} from '../integration.ts';
import { type RestApi, resourceOf } from '../rest-api.ts';

const METHODS: ReadonlySet<string> = new Set([
  'ANY',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
]);

/** Sets the method of a resource. */
export function putMethod(api: RestApi, resourceId: string, method: MethodConfiguration): void {
  checkMethod(api, method);
  resourceOf(api, resourceId).methods.set(method.httpMethod, method);
}

/** Refuses what API Gateway refuses, and, by name, what the local cloud does not emulate. */
function checkMethod(api: RestApi, method: MethodConfiguration): void {
  const { httpMethod, authorizationType, integration, requestValidatorId } = method;
  if (!METHODS.has(httpMethod)) {
    throw badRequest(
      'Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY',
    );
  }
  if (authorizationType !== 'NONE') {
    throw badRequest(`The local cloud has no authorization type ${authorizationType}, only NONE`);
  }
  if (integration.type === 'MOCK') checkMock(integration, method.methodResponses ?? {});
  else checkProxy(integration);
  if (requestValidatorId !== undefined && !api.validators.has(requestValidatorId)) {
    throw badRequest('Invalid Request Validator identifier specified');
  }
  for (const name of Object.keys(method.requestParameters)) {
    if (!REQUEST_PARAMETER.test(name)) throw badMapping(name);
  }
}

function checkProxy(integration: LambdaProxyIntegration): void {
  if (!INTEGRATION_URI.test(integration.uri)) {
    throw badRequest(`Invalid ARN specified in the request: ${integration.uri}`);
  }
  const timeoutMs = integration.timeoutInMillis ?? TIMEOUT_MS.most;
  if (!Number.isInteger(timeoutMs) || timeoutMs < TIMEOUT_MS.least || timeoutMs > TIMEOUT_MS.most) {
    throw badRequest(`Timeout should be between ${TIMEOUT_MS.least} ms and ${TIMEOUT_MS.most} ms`);
  }
}

/** An integration response may use only a status and headers that the method declares. */
function checkMock(
  { response, requestTemplates }: MockIntegration,
  declared: Readonly<Record<string, readonly string[]>>,
): void {
  for (const template of Object.values(requestTemplates)) {
    if (/[$#]/.test(template)) {
      throw badRequest(`The local cloud takes constant request templates, not ${template}`);
    }
  }
  if (response === undefined) return;
  const headers = declared[response.statusCode];
  if (headers === undefined) throw notFound('Invalid Response status code specified');
  for (const [name, value] of Object.entries(response.responseParameters)) {
    const header = RESPONSE_HEADER.exec(name)?.[1];
    if (header === undefined || !headers.includes(header.toLowerCase())) throw badMapping(name);
    if (quotedText(value) === undefined) {
      throw badRequest(`The local cloud takes texts in single quotes as values of ${name}, not ${value}`);
    }
  }
}

function badMapping(parameter: string): ServiceError {
  return badRequest(
    `Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: ${parameter}]`,
  );
}

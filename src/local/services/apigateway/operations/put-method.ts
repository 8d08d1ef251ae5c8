import type { MethodConfiguration } from '../../../seams.ts';
import { badRequest } from '../control-errors.ts';
import { INTEGRATION_URI, REQUEST_PARAMETER, TIMEOUT_MS } from '../integration.ts';
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
  if (integration.type !== 'AWS_PROXY') {
    throw badRequest(`The local cloud has no integration type ${integration.type}, only AWS_PROXY`);
  }
  if (!INTEGRATION_URI.test(integration.uri)) {
    throw badRequest(`Invalid ARN specified in the request: ${integration.uri}`);
  }
  const timeoutMs = integration.timeoutInMillis ?? TIMEOUT_MS.most;
  if (!Number.isInteger(timeoutMs) || timeoutMs < TIMEOUT_MS.least || timeoutMs > TIMEOUT_MS.most) {
    throw badRequest(`Timeout should be between ${TIMEOUT_MS.least} ms and ${TIMEOUT_MS.most} ms`);
  }
  if (requestValidatorId !== undefined && !api.validators.has(requestValidatorId)) {
    throw badRequest('Invalid Request Validator identifier specified');
  }
  for (const name of Object.keys(method.requestParameters)) {
    if (!REQUEST_PARAMETER.test(name)) {
      throw badRequest(
        `Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: ${name}]`,
      );
    }
  }
}

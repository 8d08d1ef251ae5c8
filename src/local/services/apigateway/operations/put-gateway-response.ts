import type { GatewayResponseConfiguration } from '../../../api-gateway-control.ts';
import { badRequest } from '../control-errors.ts';
import { HEADER_PREFIX } from '../gateway-response.ts';
import type { RestApi } from '../rest-api.ts';

/** Sets the response that API Gateway itself gives for one type of error. */
export function putGatewayResponse(api: RestApi, response: GatewayResponseConfiguration): void {
  const { gatewayResponses } = api;
  const { statusCode, responseParameters } = response;
  if (statusCode !== undefined && !/^[1-5]\d\d$/.test(statusCode)) {
    throw badRequest(`Invalid status code: ${statusCode}`);
  }
  for (const name of Object.keys(responseParameters)) {
    if (!name.startsWith(HEADER_PREFIX) || name.length === HEADER_PREFIX.length) {
      throw badRequest(`Invalid response parameter: ${name}`);
    }
  }
  gatewayResponses.set(response.responseType, response);
}

import { notFound } from '../control-errors.ts';
import type { RestApi } from '../rest-api.ts';

/** Removes a gateway response. The default response is used again. */
export function deleteGatewayResponse(api: RestApi, responseType: string): void {
  if (!api.gatewayResponses.delete(responseType)) {
    throw notFound(`Gateway response type not defined on api: ${responseType}`);
  }
}

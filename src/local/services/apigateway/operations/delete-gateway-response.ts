import { notFound } from '../control-errors.ts';
import type { RestApi } from '../rest-api.ts';

/** Removes a gateway response; the default answer takes its place. */
export function deleteGatewayResponse(api: RestApi, responseType: string): void {
  if (!api.gatewayResponses.delete(responseType)) {
    throw notFound(`Gateway response type not defined on api: ${responseType}`);
  }
}

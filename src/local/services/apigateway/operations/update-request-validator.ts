import type { RequestValidatorConfiguration } from '../../../api-gateway-control.ts';
import { notFound } from '../control-errors.ts';
import type { RestApi } from '../rest-api.ts';

/** Sets what a request validator checks. */
export function updateRequestValidator(
  api: RestApi,
  requestValidatorId: string,
  input: RequestValidatorConfiguration,
): void {
  const { validators } = api;
  const validator = validators.get(requestValidatorId);
  if (validator === undefined) throw notFound('Invalid Request Validator identifier specified');
  validators.set(requestValidatorId, { ...validator, ...input });
}

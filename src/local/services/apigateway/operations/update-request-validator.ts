import { notFound } from '../control-errors.ts';
import type { RestApi } from '../rest-api.ts';

/** Sets what a request validator checks. */
export function updateRequestValidator(
  api: RestApi,
  requestValidatorId: string,
  input: { readonly validateRequestBody: boolean; readonly validateRequestParameters: boolean },
): void {
  const { validators } = api;
  const validator = validators.get(requestValidatorId);
  if (validator === undefined) throw notFound('Invalid Request Validator identifier specified');
  validators.set(requestValidatorId, { ...validator, ...input });
}

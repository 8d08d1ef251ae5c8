import { notFound } from '../control-errors.ts';
import type { RestApi } from '../rest-api.ts';

/** Removes a request validator. */
export function deleteRequestValidator(api: RestApi, requestValidatorId: string): void {
  if (!api.validators.delete(requestValidatorId)) {
    throw notFound('Invalid Request Validator identifier specified');
  }
}

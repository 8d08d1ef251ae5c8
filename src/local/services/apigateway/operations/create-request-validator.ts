import { newId } from '../new-id.ts';
import type { RequestValidator, RestApi } from '../rest-api.ts';

/** Adds a request validator. */
export function createRequestValidator(
  api: RestApi,
  input: RequestValidator,
): { requestValidatorId: string } {
  const id = newId((candidate) => api.validators.has(candidate));
  api.validators.set(id, { ...input });
  return { requestValidatorId: id };
}

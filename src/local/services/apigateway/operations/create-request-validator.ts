import { newId } from '../new-id.ts';
import type { RestApi } from '../rest-api.ts';

/** Adds a request validator. */
export function createRequestValidator(
  api: RestApi,
  input: {
    readonly name: string;
    readonly validateRequestBody: boolean;
    readonly validateRequestParameters: boolean;
  },
): { requestValidatorId: string } {
  const id = newId((candidate) => api.validators.has(candidate));
  api.validators.set(id, { ...input });
  return { requestValidatorId: id };
}

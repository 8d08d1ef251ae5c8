import { ServiceError } from '../seams.ts';
import type { OperationInput } from './operation.ts';

/**
 * The JSON object of a body; an empty body is an empty object.
 * @throws ServiceError `SerializationException` when it is not JSON, or not an object
 */
export function parseJsonObject(body: Buffer): OperationInput {
  if (body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw new ServiceError('SerializationException', 'The request body is not valid JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ServiceError('SerializationException', 'The request body must be a JSON object');
  }
  return value as OperationInput;
}

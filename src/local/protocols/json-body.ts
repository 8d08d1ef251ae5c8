import { ServiceError } from '../seams.ts';
import { nestsDeeperThan } from './json-depth.ts';
import type { OperationInput } from './operation.ts';

/** Far deeper than any real input of these services. */
const MAX_DEPTH = 200;

/**
 * Parses a body as a JSON object. An empty body is an empty object.
 * @throws ServiceError `SerializationException` if it is not JSON, or not an object
 */
export function parseJsonObject(body: Buffer): OperationInput {
  if (body.length === 0) return {};
  const text = body.toString('utf8');
  if (nestsDeeperThan(text, MAX_DEPTH)) {
    throw new ServiceError(
      'SerializationException',
      `The request body nests deeper than ${MAX_DEPTH} levels`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ServiceError('SerializationException', 'The request body is not valid JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ServiceError('SerializationException', 'The request body must be a JSON object');
  }
  return value as OperationInput;
}

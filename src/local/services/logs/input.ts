import type { OperationInput } from '../../protocols/operation.ts';
import { ServiceError } from '../../seams.ts';

/** The error for an invalid parameter. */
export function invalidParameter(message: string): ServiceError {
  return new ServiceError('InvalidParameterException', message);
}

/**
 * Refuses members that the operation does not support here, so that none is ignored silently.
 * @throws ServiceError `InvalidParameterException` naming them
 */
export function onlyKnown(input: OperationInput, known: readonly string[]): void {
  const unknown = Object.keys(input).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw invalidParameter(`The local cloud does not support the parameter ${unknown.join(', ')} here`);
  }
}

/** The text of a member. Undefined if it is missing. @throws ServiceError `InvalidParameterException` */
export function optionalString(input: OperationInput, name: string): string | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw invalidParameter(`${name} must be a string`);
}

/** The text of a member. @throws ServiceError `InvalidParameterException` if it is missing or empty */
export function requiredString(input: OperationInput, name: string): string {
  const value = optionalString(input, name);
  if (value === undefined || value === '') {
    throw invalidParameter(
      `1 validation error detected: Value null at '${name}' failed to satisfy constraint: Member must not be null`,
    );
  }
  return value;
}

/**
 * The whole number of a member within bounds. Undefined if it is missing.
 * @throws ServiceError `InvalidParameterException`
 */
export function optionalInteger(
  input: OperationInput,
  name: string,
  min: number,
  max: number,
): number | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw invalidParameter(`${name} must be a whole number from ${min} to ${max}`);
}

/** The flag of a member. False if it is missing. @throws ServiceError `InvalidParameterException` */
export function flag(input: OperationInput, name: string): boolean {
  const value = input[name] ?? false;
  if (typeof value === 'boolean') return value;
  throw invalidParameter(`${name} must be true or false`);
}

/** The texts of a list. Undefined if it is missing. @throws ServiceError `InvalidParameterException` */
export function optionalStrings(input: OperationInput, name: string): readonly string[] | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((item): item is string => typeof item === 'string')) return value;
  throw invalidParameter(`${name} must be a list of strings`);
}

/** The tags of a map. Empty if it is left out. @throws ServiceError `InvalidParameterException` */
export function tagMap(input: OperationInput, name: string): Readonly<Record<string, string>> {
  const value = input[name] ?? {};
  const valid =
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((item) => typeof item === 'string');
  if (!valid) throw invalidParameter(`${name} must be a map of strings`);
  return value as Readonly<Record<string, string>>;
}

/** Encodes the token of a page that begins after `position`. */
export function pageToken(position: string): string {
  return Buffer.from(position, 'utf8').toString('base64url');
}

/** Decodes a page token. Undefined if it is missing. @throws ServiceError `InvalidParameterException` */
export function tokenPosition(input: OperationInput, name = 'nextToken'): string | undefined {
  const token = optionalString(input, name);
  if (token === undefined) return undefined;
  const position = Buffer.from(token, 'base64url').toString('utf8');
  if (pageToken(position) !== token) throw invalidParameter('The specified nextToken is invalid.');
  return position;
}

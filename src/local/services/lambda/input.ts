import type { OperationInput } from '../../protocols/operation.ts';
import { type DoorRequest, ServiceError } from '../../seams.ts';
import { invalid } from './check-function.ts';

/**
 * Refuses members of a request that the operation does not support here, so that none is ignored silently.
 * @throws ServiceError `InvalidParameterValueException` naming them
 */
export function onlyKnown(input: OperationInput, known: readonly string[]): void {
  const unknown = Object.keys(input).filter((name) => input[name] !== null && !known.includes(name));
  if (unknown.length > 0) throw invalid(`${unknown.join(', ')} is not emulated by the local cloud`);
}

/** The text of a member. Undefined if it is missing. @throws ServiceError `SerializationException` */
export function optionalString(input: OperationInput, name: string): string | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw wrongType(name, 'a string');
}

/** The text of a member. @throws ServiceError `ValidationException` if it is missing */
export function requiredString(input: OperationInput, name: string): string {
  const value = optionalString(input, name);
  if (value !== undefined) return value;
  throw new ServiceError(
    'ValidationException',
    `1 validation error detected: Value null at '${name}' failed to satisfy constraint: Member must not be null`,
  );
}

/** The number of a member. Undefined if it is missing. @throws ServiceError `SerializationException` */
export function optionalNumber(input: OperationInput, name: string): number | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined || typeof value === 'number') return value;
  throw wrongType(name, 'a number');
}

/** The flag of a member. False if it is missing. @throws ServiceError `SerializationException` */
export function flag(input: OperationInput, name: string): boolean {
  const value = input[name] ?? false;
  if (typeof value === 'boolean') return value;
  throw wrongType(name, 'true or false');
}

/** The object of a member. Undefined if it is missing. @throws ServiceError `SerializationException` */
export function optionalObject(input: OperationInput, name: string): OperationInput | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined) return undefined;
  if (isObject(value)) return value;
  throw wrongType(name, 'an object');
}

/** A map of texts. Undefined if it is missing. @throws ServiceError `SerializationException` */
export function optionalTextMap(
  input: OperationInput,
  name: string,
): Readonly<Record<string, string>> | undefined {
  const map = optionalObject(input, name);
  if (map === undefined) return undefined;
  return Object.fromEntries(Object.keys(map).map((key) => [key, requiredString(map, key)]));
}

/**
 * Returns one page of a list, by the query parameters `Marker` and `MaxItems`. The marker is the key of the previous
 * page's last item.
 * @throws ServiceError `ValidationException`, `InvalidParameterValueException`
 */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  request: DoorRequest,
): { readonly items: readonly T[]; readonly nextMarker: { readonly NextMarker?: string } } {
  const maxItems = request.query.get('MaxItems');
  const count = Number(maxItems ?? DEFAULT_ITEMS);
  if (!Number.isInteger(count) || count < 1 || count > MAX_ITEMS) {
    throw new ServiceError(
      'ValidationException',
      `1 validation error detected: Value '${maxItems}' at 'maxItems' failed to satisfy constraint: Member must be a whole number from 1 to ${MAX_ITEMS}`,
    );
  }
  const marker = request.query.get('Marker');
  const from = marker === null ? 0 : items.findIndex((item) => keyOf(item) === marker) + 1;
  if (marker !== null && from === 0) throw invalid(`Invalid Marker: ${marker}`);
  const page = items.slice(from, from + count);
  const last = page.at(-1);
  return {
    items: page,
    nextMarker: last !== undefined && from + page.length < items.length ? { NextMarker: keyOf(last) } : {},
  };
}

const MAX_ITEMS = 10_000;
const DEFAULT_ITEMS = 50;

function isObject(value: unknown): value is OperationInput {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrongType(name: string, type: string): ServiceError {
  return new ServiceError('SerializationException', `${name} must be ${type}`);
}

/**
 * Stands for a value that exists only after a resource was created. The preview of a change set contains such values.
 */
export const KNOWN_AFTER_APPLY: unique symbol = Symbol('known after apply');

/** AWS's text for such a value in the contexts of a change set. */
const KNOWN_AFTER_APPLY_TEXT = '{{changeSet:KNOWN_AFTER_APPLY}}';

/**
 * The value of a property: JSON without null, which templates do not have. In a preview it may contain values that are
 * not known yet.
 */
export type Value =
  | string
  | number
  | boolean
  | typeof KNOWN_AFTER_APPLY
  | readonly Value[]
  | { readonly [name: string]: Value };

export type ValueObject = { readonly [name: string]: Value };

/** A resource's properties, with all functions resolved and all scalars converted to the types of the schema. */
export type Properties = ValueObject;

export function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isValueObject(value: Value | undefined): value is ValueObject {
  return isObject(value);
}

export function isValueList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** Whether a value contains one that is not known yet. */
export function hasUnknown(value: Value): boolean {
  if (value === KNOWN_AFTER_APPLY) return true;
  if (isValueList(value)) return value.some(hasUnknown);
  if (isValueObject(value)) return Object.values(value).some(hasUnknown);
  return false;
}

/** Whether two values are equal. The order of an object's members does not count. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => sameValue(item, b[index]));
  }
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key], b[key]))
    );
  }
  return false;
}

/** Renders JSON with sorted members, so that equal values give equal text. Unknown values are written as AWS does. */
export function canonicalJson(value: Value): string {
  if (value === KNOWN_AFTER_APPLY) return JSON.stringify(KNOWN_AFTER_APPLY_TEXT);
  if (isValueList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (isValueObject(value)) {
    const members = Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? '')}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value);
}

/** Reads a member as text; undefined if it is missing. Properties were checked before, so another type is a bug. */
export function stringIn(properties: ValueObject, name: string): string | undefined {
  const value = properties[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new TypeError(`${name} is not a string`);
}

export function numberIn(properties: ValueObject, name: string): number | undefined {
  const value = properties[name];
  if (value === undefined || typeof value === 'number') return value;
  throw new TypeError(`${name} is not a number`);
}

export function booleanIn(properties: ValueObject, name: string): boolean | undefined {
  const value = properties[name];
  if (value === undefined || typeof value === 'boolean') return value;
  throw new TypeError(`${name} is not a boolean`);
}

export function objectIn(properties: ValueObject, name: string): ValueObject | undefined {
  const value = properties[name];
  if (value === undefined || isValueObject(value)) return value;
  throw new TypeError(`${name} is not an object`);
}

export function listIn(properties: ValueObject, name: string): readonly Value[] {
  const value = properties[name];
  if (value === undefined) return [];
  if (isValueList(value)) return value;
  throw new TypeError(`${name} is not a list`);
}

/** Reads a member that the resource's schema requires. */
export function requiredString(properties: ValueObject, name: string): string {
  const value = stringIn(properties, name);
  if (value === undefined) throw new TypeError(`${name} is missing`);
  return value;
}

/** Converts a list of `{Key, Value}` to a map. */
export function tagsIn(properties: ValueObject, name = 'Tags'): Readonly<Record<string, string>> {
  const tags: Record<string, string> = {};
  for (const tag of listIn(properties, name)) {
    if (isValueObject(tag)) tags[requiredString(tag, 'Key')] = stringIn(tag, 'Value') ?? '';
  }
  return tags;
}

/** Reads a map of strings. Empty if it is missing. */
export function stringMapIn(properties: ValueObject, name: string): Readonly<Record<string, string>> {
  const map: Record<string, string> = {};
  for (const [key, value] of Object.entries(objectIn(properties, name) ?? {})) map[key] = String(value);
  return map;
}

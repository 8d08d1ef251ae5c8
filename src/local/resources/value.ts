/** Stands for a value that only exists once a resource was created, as a change set's preview meets it. */
export const KNOWN_AFTER_APPLY: unique symbol = Symbol('known after apply');

/** How AWS writes such a value in the contexts of a change set. */
const KNOWN_AFTER_APPLY_TEXT = '{{changeSet:KNOWN_AFTER_APPLY}}';

/** A property's value: JSON without null (templates have none), in a preview with values that are not known yet. */
export type Value =
  | string
  | number
  | boolean
  | typeof KNOWN_AFTER_APPLY
  | readonly Value[]
  | { readonly [name: string]: Value };

export type ValueObject = { readonly [name: string]: Value };

/** A resource's properties with every function resolved and every scalar in its schema's type. */
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

/** Whether a value not known yet stands anywhere in this one. */
export function hasUnknown(value: Value): boolean {
  if (value === KNOWN_AFTER_APPLY) return true;
  if (isValueList(value)) return value.some(hasUnknown);
  if (isValueObject(value)) return Object.values(value).some(hasUnknown);
  return false;
}

/** Equality by value; the order of an object's members does not count. */
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

/** JSON with members in sorted order, so that equal values have equal text; unknown values in AWS's words. */
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

/** The member as text; undefined where there is none. Properties are checked before, so another type is a bug. */
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

/** The member of a checked resource that its schema requires. */
export function requiredString(properties: ValueObject, name: string): string {
  const value = stringIn(properties, name);
  if (value === undefined) throw new TypeError(`${name} is missing`);
  return value;
}

/** A list of `{Key, Value}` as a map. */
export function tagsIn(properties: ValueObject, name = 'Tags'): Readonly<Record<string, string>> {
  const tags: Record<string, string> = {};
  for (const tag of listIn(properties, name)) {
    if (isValueObject(tag)) tags[requiredString(tag, 'Key')] = stringIn(tag, 'Value') ?? '';
  }
  return tags;
}

/** A map of strings, empty where there is none. */
export function stringMapIn(properties: ValueObject, name: string): Readonly<Record<string, string>> {
  const map: Record<string, string> = {};
  for (const [key, value] of Object.entries(objectIn(properties, name) ?? {})) map[key] = String(value);
  return map;
}

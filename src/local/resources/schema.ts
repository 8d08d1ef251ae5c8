import { isValueList, isValueObject, KNOWN_AFTER_APPLY, type Value, type ValueObject } from './value.ts';

/**
 * The values that a property may have. Scalars are converted as CloudFormation does (`"128"` for a number, `true` for a
 * text). `notEmulated` marks properties that the local cloud does not support: they are refused by name, never ignored.
 */
export type Schema =
  | {
      readonly kind: 'string';
      readonly enum?: readonly string[];
      /** The values of `enum`, or of any text, that the local cloud supports. Others are refused. */
      readonly emulated?: readonly string[];
      readonly pattern?: RegExp;
      readonly minLength?: number;
      readonly maxLength?: number;
    }
  | {
      readonly kind: 'integer' | 'number';
      readonly enum?: readonly number[];
      readonly min?: number;
      readonly max?: number;
    }
  | { readonly kind: 'boolean'; readonly emulated?: boolean }
  /** Any JSON document, such as a policy. It may be given as JSON text. */
  | { readonly kind: 'json' }
  | { readonly kind: 'map'; readonly of: Schema }
  | { readonly kind: 'list'; readonly of: Schema; readonly minItems?: number; readonly maxItems?: number }
  | { readonly kind: 'object'; readonly members: Readonly<Record<string, Member>> }
  | { readonly kind: 'not-emulated' };

export interface Member {
  readonly schema: Schema;
  readonly required?: boolean;
}

/** What a change of a property does to the resource, as AWS documents it ("Update requires"). */
export type UpdateBehaviour = 'in-place' | 'replace' | ConditionalUpdate;

/** Decides by the old and the new value whether the resource is replaced. */
export interface ConditionalUpdate {
  readonly replaces: (before: Value | undefined, after: Value | undefined) => boolean;
}

export interface PropertySpec extends Member {
  readonly update: UpdateBehaviour;
}

export interface PropertyProblem {
  readonly kind: 'unsupported' | 'required' | 'invalid' | 'not-emulated';
  /** The path below `Properties`, outermost first. */
  readonly path: readonly (string | number)[];
  /** In CloudFormation's words, if it has any. */
  readonly message: string;
}

export interface CheckedProperties {
  /** Properties with converted scalars. Values with a problem are unchanged. */
  readonly properties: ValueObject;
  readonly problems: readonly PropertyProblem[];
}

/**
 * Checks properties against their schema. A value that is not known yet is accepted everywhere.
 * @param typeName the resource type, for messages about unsupported properties
 */
export function checkProperties(
  typeName: string,
  specs: Readonly<Record<string, PropertySpec>>,
  properties: ValueObject,
): CheckedProperties {
  const problems: PropertyProblem[] = [];
  const check = new Check(typeName, problems);
  return { properties: check.members(specs, properties, []), problems };
}

class Check {
  readonly #typeName: string;
  readonly #problems: PropertyProblem[];

  constructor(typeName: string, problems: PropertyProblem[]) {
    this.#typeName = typeName;
    this.#problems = problems;
  }

  members(
    specs: Readonly<Record<string, Member>>,
    values: ValueObject,
    path: readonly (string | number)[],
  ): ValueObject {
    const checked: Record<string, Value> = {};
    for (const [name, value] of Object.entries(values)) {
      const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
      if (spec === undefined) {
        this.#report('unsupported', path, `Encountered unsupported property ${name}`);
        checked[name] = value;
      } else checked[name] = this.value(spec.schema, value, [...path, name]);
    }
    for (const [name, spec] of Object.entries(specs)) {
      if (spec.required === true && !Object.hasOwn(values, name)) {
        this.#report('required', path, `Required property [${name}] not found`);
      }
    }
    return checked;
  }

  value(schema: Schema, value: Value, path: readonly (string | number)[]): Value {
    if (schema.kind === 'not-emulated') {
      this.#report(
        'not-emulated',
        path,
        `${pointer(path)}: this property of ${this.#typeName} is not emulated by the local cloud`,
      );
      return value;
    }
    if (value === KNOWN_AFTER_APPLY) return value;
    switch (schema.kind) {
      case 'string':
        return this.#text(schema, value, path);
      case 'integer':
      case 'number':
        return this.#number(schema, value, path);
      case 'boolean': {
        const flag =
          value === true || value === 'true'
            ? true
            : value === false || value === 'false'
              ? false
              : undefined;
        if (flag === undefined) return this.#wrongType(value, path, 'Boolean');
        if (schema.emulated !== undefined && flag !== schema.emulated) this.#notEmulatedValue(flag, path);
        return flag;
      }
      case 'json':
        return this.#json(value, path);
      case 'map': {
        if (!isValueObject(value)) return this.#wrongType(value, path, 'Map');
        const map: Record<string, Value> = {};
        for (const [key, item] of Object.entries(value))
          map[key] = this.value(schema.of, item, [...path, key]);
        return map;
      }
      case 'list': {
        if (!isValueList(value)) return this.#wrongType(value, path, 'List');
        this.#bounds(value.length, schema.minItems, schema.maxItems, path, 'Items');
        return value.map((item, index) => this.value(schema.of, item, [...path, index]));
      }
      case 'object':
        if (!isValueObject(value)) return this.#wrongType(value, path, 'Object');
        return this.members(schema.members, value, path);
    }
  }

  #text(schema: Schema & { kind: 'string' }, value: Value, path: readonly (string | number)[]): Value {
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      return this.#wrongType(value, path, 'String');
    }
    const text = String(value);
    if (schema.enum !== undefined && !schema.enum.includes(text)) {
      this.#invalid(path, `${text} is not a valid enum value`);
    } else if (schema.emulated !== undefined && !schema.emulated.includes(text)) {
      this.#notEmulatedValue(text, path);
    }
    this.#bounds(text.length, schema.minLength, schema.maxLength, path, 'Length');
    if (schema.pattern !== undefined && !schema.pattern.test(text)) {
      this.#invalid(path, `failed validation constraint for keyword [pattern]: ${schema.pattern.source}`);
    }
    return text;
  }

  #number(
    schema: Schema & { kind: 'integer' | 'number' },
    value: Value,
    path: readonly (string | number)[],
  ): Value {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    const fits =
      typeof number === 'number' &&
      Number.isFinite(number) &&
      (schema.kind === 'number' || Number.isInteger(number));
    if (!fits) return this.#wrongType(value, path, schema.kind === 'integer' ? 'Integer' : 'Number');
    if (schema.enum !== undefined && !schema.enum.includes(number)) {
      this.#invalid(path, `${number} is not a valid enum value`);
    }
    if (schema.min !== undefined && number < schema.min) {
      this.#invalid(path, `${number} is not greater or equal to ${schema.min}`);
    }
    if (schema.max !== undefined && number > schema.max) {
      this.#invalid(path, `${number} is not less or equal to ${schema.max}`);
    }
    return number;
  }

  #json(value: Value, path: readonly (string | number)[]): Value {
    if (isValueObject(value)) return value;
    if (typeof value === 'string') {
      try {
        const parsed: unknown = JSON.parse(value);
        if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
          return parsed as ValueObject;
      } catch {
        // Not JSON: the value has the wrong type, which is reported below.
      }
    }
    return this.#wrongType(value, path, 'Json');
  }

  #bounds(
    actual: number,
    min: number | undefined,
    max: number | undefined,
    path: readonly (string | number)[],
    what: 'Length' | 'Items',
  ): void {
    const unit = what === 'Items' ? 'item count' : 'length';
    if (min !== undefined && actual < min)
      this.#invalid(path, `expected min${what}: ${min}, actual ${unit}: ${actual}`);
    if (max !== undefined && actual > max)
      this.#invalid(path, `expected max${what}: ${max}, actual ${unit}: ${actual}`);
  }

  #wrongType(value: Value, path: readonly (string | number)[], type: string): Value {
    this.#report('invalid', path, `Value of property ${String(path.at(-1))} must be of type ${type}`);
    return value;
  }

  #invalid(path: readonly (string | number)[], message: string): void {
    this.#report('invalid', path, `${pointer(path)}: ${message}`);
  }

  #notEmulatedValue(value: string | boolean, path: readonly (string | number)[]): void {
    this.#report(
      'not-emulated',
      path,
      `${pointer(path)}: the value ${value} of ${this.#typeName} is not emulated by the local cloud`,
    );
  }

  #report(kind: PropertyProblem['kind'], path: readonly (string | number)[], message: string): void {
    this.#problems.push({ kind, path, message });
  }
}

function pointer(path: readonly (string | number)[]): string {
  return `#/${path.join('/')}`;
}

/** Text. See {@link Schema}. */
export function text(limits: Omit<Schema & { kind: 'string' }, 'kind'> = {}): Schema {
  return { kind: 'string', ...limits };
}

export function integer(limits: Omit<Schema & { kind: 'integer' }, 'kind'> = {}): Schema {
  return { kind: 'integer', ...limits };
}

export function list(
  of: Schema,
  limits: { readonly minItems?: number; readonly maxItems?: number } = {},
): Schema {
  return { kind: 'list', of, ...limits };
}

export function object(members: Readonly<Record<string, Member>>): Schema {
  return { kind: 'object', members };
}

export const boolean: Schema = { kind: 'boolean' };
export const json: Schema = { kind: 'json' };
export const textMap: Schema = { kind: 'map', of: { kind: 'string' } };

/** A property that changes without a new physical resource. */
export function inPlace(schema: Schema): PropertySpec {
  return { schema, update: 'in-place' };
}

/** A property whose change requires a new physical resource. */
export function replacing(schema: Schema): PropertySpec {
  return { schema, update: 'replace' };
}

export function required(spec: PropertySpec): PropertySpec {
  return { ...spec, required: true };
}

/** Properties that AWS has and the local cloud refuses by name. */
export function notEmulated(names: readonly string[]): Readonly<Record<string, PropertySpec>> {
  return Object.fromEntries(names.map((name) => [name, inPlace({ kind: 'not-emulated' })]));
}

/** The list of tags that most types have. With `valueRequired` false a tag's value may be missing. */
export function tagList(valueRequired = true): Schema {
  return list(
    object({
      Key: { schema: text({ minLength: 1, maxLength: 128 }), required: true },
      Value: { schema: text({ maxLength: 256 }), required: valueRequired },
    }),
    { maxItems: 50 },
  );
}

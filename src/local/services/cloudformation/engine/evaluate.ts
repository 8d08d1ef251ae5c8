import {
  isValueList,
  isValueObject,
  KNOWN_AFTER_APPLY,
  type Value,
  type ValueObject,
} from '../../../resources/value.ts';
import type { Conditions } from './conditions.ts';
import {
  attributeReference,
  branches,
  type FunctionCall,
  functionCall,
  isConditionFunction,
  substitution,
  variableCall,
} from './functions.ts';
import { templateError } from './template-error.ts';

/** The values that functions are resolved with. */
export interface Environment {
  /** Returns a parameter or pseudo parameter, except `AWS::NoValue`. */
  readonly parameter: (name: string) => Value | undefined;
  readonly mappings: ValueObject;
  readonly conditions: Conditions;
  /** The `Ref` of a resource. Undefined if there is no such resource. */
  readonly resource: (logicalId: string) => Value | undefined;
  /**
   * The `Fn::GetAtt` of a resource. Undefined if there is no such resource. @throws for an attribute that the type
   * lacks
   */
  readonly attribute: (logicalId: string, attribute: string) => Value | undefined;
}

/** The result of `AWS::NoValue`: the member or item is left out. */
const NO_VALUE: unique symbol = Symbol('AWS::NoValue');
type Resolved = Value | typeof NO_VALUE;

/**
 * Resolves every function in a value. Undefined if the whole value is `AWS::NoValue`.
 * @throws ServiceError `ValidationError`
 */
export function evaluate(value: Value, environment: Environment): Value | undefined {
  const resolved = resolve(value, environment);
  return resolved === NO_VALUE ? undefined : resolved;
}

/** Resolves an object's members. Members that are `AWS::NoValue` are left out. */
export function evaluateObject(value: ValueObject, environment: Environment): ValueObject {
  const resolved = evaluate(value, environment);
  if (!isValueObject(resolved)) throw templateError('a function returns a value where an object is required');
  return resolved;
}

function resolve(value: Value, environment: Environment): Resolved {
  if (isValueList(value)) {
    return value.map((item) => resolve(item, environment)).filter((item) => item !== NO_VALUE);
  }
  if (!isValueObject(value)) return value;
  const call = functionCall(value);
  if (call !== undefined) return apply(call, environment);
  const object: Record<string, Value> = {};
  for (const [name, member] of Object.entries(value)) {
    const resolved = resolve(member, environment);
    if (resolved !== NO_VALUE) object[name] = resolved;
  }
  return object;
}

function apply(call: FunctionCall, environment: Environment): Resolved {
  if (isConditionFunction(call)) {
    throw templateError(`${call.name} cannot be used outside of the Conditions section`);
  }
  switch (call.name) {
    case 'Ref':
      return reference(call.argument, environment);
    case 'Fn::GetAtt': {
      const { logicalId, attribute } = attributeReference(call.argument);
      const value = environment.attribute(logicalId, attribute);
      if (value === undefined) {
        throw templateError(`instance of Fn::GetAtt references undefined resource ${logicalId}`);
      }
      return value;
    }
    case 'Fn::Sub':
      return substitute(call.argument, environment);
    case 'Fn::Join':
      return join(call.argument, environment);
    case 'Fn::Select':
      return select(call.argument, environment);
    case 'Fn::Split':
      return split(call.argument, environment);
    case 'Fn::If': {
      const { condition, whenTrue, whenFalse } = branches(call.argument);
      const holds = environment.conditions.get(condition);
      if (holds === undefined) throw templateError(`Fn::If references undefined condition ${condition}`);
      return resolve(holds ? whenTrue : whenFalse, environment);
    }
    case 'Fn::FindInMap':
      return findInMap(call.argument, environment);
    case 'Fn::Base64': {
      const text = textOf(call.argument, environment, 'Fn::Base64');
      return text === KNOWN_AFTER_APPLY ? text : Buffer.from(text, 'utf8').toString('base64');
    }
    default:
      throw templateError(`the function ${call.name} is not emulated by the local cloud`);
  }
}

/** A template itself may have at most 1 MB. */
const MAX_TEXT_CHARACTERS = 1024 * 1024;

function reference(argument: Value, environment: Environment): Resolved {
  if (typeof argument !== 'string') throw templateError('every Ref object must have a single String value.');
  if (argument === 'AWS::NoValue') return NO_VALUE;
  const value = environment.parameter(argument) ?? environment.resource(argument);
  if (value === undefined) throw templateError(`instance of Ref references undefined resource ${argument}`);
  return value;
}

function substitute(argument: Value, environment: Environment): Resolved {
  const { pieces, variables } = substitution(argument);
  let text = '';
  let known = true;
  // Each variable is resolved only once. Otherwise variables nested in variables would double the work at every level.
  const resolved = new Map<string, Resolved>();
  const variableValue = (variable: string): Resolved => {
    const before = resolved.get(variable);
    if (before !== undefined) return before;
    const own = Object.hasOwn(variables, variable) ? variables[variable] : undefined;
    const value = own === undefined ? apply(variableCall(variable), environment) : resolve(own, environment);
    resolved.set(variable, value);
    return value;
  };
  for (const piece of pieces) {
    if (text.length > MAX_TEXT_CHARACTERS) throw tooLong('Fn::Sub');
    if ('text' in piece) text += piece.text;
    else {
      const value = variableValue(piece.variable);
      if (value === KNOWN_AFTER_APPLY) known = false;
      else if (value === NO_VALUE || typeof value === 'object') {
        throw templateError(`Fn::Sub variable ${piece.variable} must resolve to a string`);
      } else text += String(value);
    }
  }
  return known ? text : KNOWN_AFTER_APPLY;
}

function tooLong(name: string): Error {
  return templateError(`the result of ${name} is longer than ${MAX_TEXT_CHARACTERS} characters`);
}

function join(argument: Value, environment: Environment): Resolved {
  const [delimiter, list] = isValueList(argument) && argument.length === 2 ? argument : [];
  const items = list === undefined ? undefined : resolve(list, environment);
  if (items === KNOWN_AFTER_APPLY) return items;
  if (typeof delimiter !== 'string' || items === NO_VALUE || !isValueList(items)) {
    throw templateError(
      'every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined ' +
        'or a function that returns a list of strings (such as Fn::GetAZs) to be joined.',
    );
  }
  if (items.includes(KNOWN_AFTER_APPLY)) return KNOWN_AFTER_APPLY;
  const text = items.map((item) => scalarText(item, 'Fn::Join')).join(delimiter);
  if (text.length > MAX_TEXT_CHARACTERS) throw tooLong('Fn::Join');
  return text;
}

function select(argument: Value, environment: Environment): Resolved {
  const [index, list] = isValueList(argument) && argument.length === 2 ? argument : [];
  const at = index === undefined ? undefined : resolve(index, environment);
  const items = list === undefined ? undefined : resolve(list, environment);
  if (at === KNOWN_AFTER_APPLY || items === KNOWN_AFTER_APPLY) return KNOWN_AFTER_APPLY;
  if ((typeof at !== 'string' && typeof at !== 'number') || items === NO_VALUE || !isValueList(items)) {
    throw templateError(
      'Fn::Select requires a list argument with two elements: an integer index and a list of values to select from',
    );
  }
  const item = /^\d+$/.test(String(at)) ? items[Number(at)] : undefined;
  if (item === undefined) throw templateError(`Fn::Select cannot select nonexistent value at index ${at}`);
  return item;
}

function split(argument: Value, environment: Environment): Resolved {
  const [delimiter, source] = isValueList(argument) && argument.length === 2 ? argument : [];
  if (typeof delimiter !== 'string' || delimiter === '' || source === undefined) {
    throw templateError(
      'every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a ' +
        'function that returns a string to be split.',
    );
  }
  const text = textOf(source, environment, 'Fn::Split');
  return text === KNOWN_AFTER_APPLY ? text : text.split(delimiter);
}

function findInMap(argument: Value, environment: Environment): Resolved {
  const path = isValueList(argument) && argument.length === 3 ? argument : undefined;
  if (path === undefined) {
    throw templateError(
      'every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value',
    );
  }
  const [name, top, second] = path.map((part) => scalarText(resolve(part, environment), 'Fn::FindInMap'));
  const map = environment.mappings[name ?? ''];
  const inner = isValueObject(map) ? map[top ?? ''] : undefined;
  const value = isValueObject(inner) ? inner[second ?? ''] : undefined;
  if (value === undefined) throw templateError(`Unable to get mapping for ${name}::${top}::${second}`);
  return value;
}

function textOf(value: Value, environment: Environment, name: string): string | typeof KNOWN_AFTER_APPLY {
  const resolved = resolve(value, environment);
  return resolved === KNOWN_AFTER_APPLY ? resolved : scalarText(resolved, name);
}

function scalarText(value: Resolved, name: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  throw templateError(`every argument of ${name} must resolve to a string`);
}

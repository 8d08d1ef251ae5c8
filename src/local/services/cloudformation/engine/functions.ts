import { isValueList, isValueObject, type Value } from '../../../resources/value.ts';
import { templateError } from './template-error.ts';

/** A function call in a template: an object with one member. */
export interface FunctionCall {
  readonly name: string;
  readonly argument: Value;
}

const FUNCTIONS = new Set([
  'Ref',
  'Fn::Base64',
  'Fn::FindInMap',
  'Fn::GetAtt',
  'Fn::If',
  'Fn::Join',
  'Fn::Select',
  'Fn::Split',
  'Fn::Sub',
]);

/** Functions that are allowed in the Conditions section only. (Fn::If is allowed elsewhere only.) */
const CONDITION_FUNCTIONS = new Set(['Fn::And', 'Fn::Equals', 'Fn::Not', 'Fn::Or']);

/**
 * Returns the function call that a value represents. Undefined for plain data.
 * @throws ServiceError `ValidationError` for a function that the local cloud does not have
 */
export function functionCall(value: Value): FunctionCall | undefined {
  if (!isValueObject(value)) return undefined;
  const names = Object.keys(value);
  const name = names.find((key) => key === 'Ref' || key.startsWith('Fn::'));
  const [only] = names;
  if (name === undefined || only === undefined) return undefined;
  const argument = value[name];
  if (names.length > 1 || argument === undefined) {
    throw templateError(`an object with ${name} must have no other member`);
  }
  if (FUNCTIONS.has(name) || CONDITION_FUNCTIONS.has(name)) return { name, argument };
  throw templateError(`the function ${name} is not emulated by the local cloud`);
}

/** Whether the call is allowed in the Conditions section only. */
export function isConditionFunction(call: FunctionCall): boolean {
  return CONDITION_FUNCTIONS.has(call.name);
}

export interface AttributeReference {
  readonly logicalId: string;
  readonly attribute: string;
}

/** Parses the argument of Fn::GetAtt: a resource and an attribute. */
export function attributeReference(argument: Value): AttributeReference {
  const parts = typeof argument === 'string' ? splitOnce(argument) : argument;
  if (isValueList(parts) && parts.length >= 2 && parts.every((part) => typeof part === 'string')) {
    const [logicalId, ...attribute] = parts;
    return { logicalId: String(logicalId), attribute: attribute.join('.') };
  }
  throw templateError(
    'Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute',
  );
}

function splitOnce(text: string): readonly string[] {
  const dot = text.indexOf('.');
  return dot === -1 ? [text] : [text.slice(0, dot), text.slice(dot + 1)];
}

/** A piece of the text of Fn::Sub: literal text or a variable. */
export type SubPiece = { readonly text: string } | { readonly variable: string };

export interface Substitution {
  readonly pieces: readonly SubPiece[];
  /** The variables of the second argument, not resolved. */
  readonly variables: { readonly [name: string]: Value };
}

/**
 * Parses the argument of Fn::Sub. `${Name}` is a variable, `${!Literal}` stands for the text `${Literal}`.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-sub.html
 */
export function substitution(argument: Value): Substitution {
  const [text, variables] = isValueList(argument) ? argument : [argument, {}];
  const twoParts = !isValueList(argument) || argument.length === 2;
  if (!twoParts || typeof text !== 'string' || !isValueObject(variables)) {
    throw templateError(
      "One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, " +
        'and an optional second argument to specify a mapping of values to replace in the string',
    );
  }
  const pieces: SubPiece[] = [];
  let at = 0;
  for (const match of text.matchAll(/\$\{([^}]*)\}/g)) {
    if (match.index > at) pieces.push({ text: text.slice(at, match.index) });
    const name = (match[1] ?? '').trim();
    if (name.startsWith('!')) pieces.push({ text: `\${${name.slice(1)}}` });
    else if (/^[A-Za-z0-9_.:]+$/.test(name)) pieces.push({ variable: name });
    else {
      throw templateError(
        'variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons',
      );
    }
    at = match.index + match[0].length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at) });
  return { pieces, variables };
}

export interface Branches {
  readonly condition: string;
  readonly whenTrue: Value;
  readonly whenFalse: Value;
}

/** Parses the argument of Fn::If. */
export function branches(argument: Value): Branches {
  const [condition, whenTrue, whenFalse] = isValueList(argument) && argument.length === 3 ? argument : [];
  if (typeof condition !== 'string' || whenTrue === undefined || whenFalse === undefined) {
    throw templateError('Fn::If requires a list argument with the first element being a condition');
  }
  return { condition, whenTrue, whenFalse };
}

/** Converts `${Name}` to the call that it stands for: a Ref to a parameter or resource, or with a dot a GetAtt. */
export function variableCall(name: string): FunctionCall {
  return name.includes('.')
    ? { name: 'Fn::GetAtt', argument: splitOnce(name) }
    : { name: 'Ref', argument: name };
}

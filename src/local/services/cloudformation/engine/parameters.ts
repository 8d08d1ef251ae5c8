import type { ParameterDeclaration } from './template.ts';
import { validationError } from './template-error.ts';

/** A parameter of a request. */
export interface GivenParameter {
  readonly key: string;
  readonly value?: string;
  readonly usePreviousValue?: boolean;
}

/** Checked parameter values as text, by name, in the template's order. */
export type ParameterValues = ReadonlyMap<string, string>;

/** What AWS returns in place of a NoEcho parameter's value. */
const HIDDEN = '****';

/**
 * Determines the value of every declared parameter: given, previous, or default.
 * @param previous the stack's values, for UsePreviousValue; undefined for a new stack
 * @throws ServiceError `ValidationError`
 */
export function resolveParameters(
  declarations: ReadonlyMap<string, ParameterDeclaration>,
  given: readonly GivenParameter[],
  previous?: ParameterValues,
): ParameterValues {
  const undeclared = given.map((parameter) => parameter.key).filter((key) => !declarations.has(key));
  if (undeclared.length > 0) {
    throw validationError(`Parameters: [${undeclared.join(', ')}] do not exist in the template`);
  }
  const byKey = new Map<string, GivenParameter>();
  for (const parameter of given) {
    if (byKey.has(parameter.key)) throw validationError(`Duplicate parameter key ${parameter.key}`);
    if (parameter.usePreviousValue === true) {
      if (parameter.value !== undefined) {
        throw validationError(
          `Invalid input for parameter key ${parameter.key}. Cannot specify usePreviousValue as true and non empty value for a parameter`,
        );
      }
      if (previous?.has(parameter.key) !== true) {
        throw validationError(
          `Invalid input for parameter key ${parameter.key}. Cannot specify usePreviousValue as true for a parameter key not in the previous template`,
        );
      }
    }
    byKey.set(parameter.key, parameter);
  }
  const values = new Map<string, string>();
  const missing: string[] = [];
  for (const declaration of declarations.values()) {
    const parameter = byKey.get(declaration.name);
    const value =
      parameter?.usePreviousValue === true
        ? previous?.get(declaration.name)
        : (parameter?.value ?? declaration.defaultValue);
    if (value === undefined) missing.push(declaration.name);
    else values.set(declaration.name, value);
  }
  if (missing.length > 0) throw validationError(`Parameters: [${missing.join(', ')}] must have values`);
  for (const declaration of declarations.values()) {
    checkParameter(declaration, values.get(declaration.name) ?? '');
  }
  return values;
}

/** The value that `Ref` returns: a list for the list types. */
export function referencedParameter(
  declaration: ParameterDeclaration,
  value: string,
): string | readonly string[] {
  if (declaration.type !== 'CommaDelimitedList' && declaration.type !== 'List<Number>') return value;
  return value === '' ? [] : value.split(',').map((item) => item.trim());
}

/** The value that Describe operations return. */
export function shownParameter(declaration: ParameterDeclaration | undefined, value: string): string {
  return declaration?.noEcho === true ? HIDDEN : value;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html */
function checkParameter(declaration: ParameterDeclaration, value: string): void {
  const { name } = declaration;
  const fail = (words: string): never => {
    throw validationError(
      declaration.constraintDescription === undefined
        ? `Parameter '${name}' ${words}`
        : `Parameter ${name} failed to satisfy constraint: ${declaration.constraintDescription}`,
    );
  };
  const items =
    declaration.type === 'CommaDelimitedList' || declaration.type === 'List<Number>'
      ? [...referencedParameter(declaration, value)]
      : [value];
  if (declaration.allowedValues?.length !== undefined) {
    const allowed = declaration.allowedValues;
    if (!items.every((item) => allowed.includes(item))) {
      throw validationError(`Parameter '${name}' must be one of AllowedValues`);
    }
  }
  if (declaration.type === 'Number' || declaration.type === 'List<Number>') {
    for (const item of items) checkNumber(declaration, item, fail);
    return;
  }
  for (const item of items) checkText(declaration, item, fail);
}

function checkNumber(declaration: ParameterDeclaration, text: string, fail: (words: string) => never): void {
  if (text.trim() === '' || !Number.isFinite(Number(text))) {
    throw validationError(`Parameter '${declaration.name}' must be a number.`);
  }
  const number = Number(text);
  if (declaration.minValue !== undefined && number < declaration.minValue) {
    fail(`must be a number not less than ${declaration.minValue}`);
  }
  if (declaration.maxValue !== undefined && number > declaration.maxValue) {
    fail(`must be a number not greater than ${declaration.maxValue}`);
  }
}

function checkText(declaration: ParameterDeclaration, text: string, fail: (words: string) => never): void {
  if (declaration.minLength !== undefined && text.length < declaration.minLength) {
    fail(`must contain at least ${declaration.minLength} characters`);
  }
  if (declaration.maxLength !== undefined && text.length > declaration.maxLength) {
    fail(`must contain at most ${declaration.maxLength} characters`);
  }
  if (declaration.allowedPattern === undefined) return;
  let pattern: RegExp;
  try {
    // AllowedPattern must match the whole value.
    pattern = new RegExp(`^(?:${declaration.allowedPattern})$`, 'u');
  } catch {
    throw validationError(
      `Parameter '${declaration.name}' has an AllowedPattern that is not a valid regular expression: ${declaration.allowedPattern}`,
    );
  }
  if (!pattern.test(text)) fail(`must match pattern ${declaration.allowedPattern}`);
}

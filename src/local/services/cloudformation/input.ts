import type { OperationInput } from '../../protocols/operation.ts';
import { isObject } from '../../resources/value.ts';
import { ServiceError } from '../../seams.ts';
import type { GivenParameter } from './engine/parameters.ts';
import { validationError } from './engine/template-error.ts';

const STACK_NAME = /^(?:[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*)$/;
const STACK_NAME_PATTERN = '[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*';
const MAX_NAME_LENGTH = 128;
const MAX_TAGS = 50;
const TOKEN = /^[a-zA-Z0-9][-a-zA-Z0-9]{0,127}$/;

/** Reads a member as text. Undefined if it is missing or empty. */
export function textInput(input: OperationInput, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string') throw malformed(name);
  return value;
}

/** @throws ServiceError if the member is missing */
export function requiredText(input: OperationInput, name: string): string {
  const value = textInput(input, name);
  if (value === undefined) {
    const member = name.charAt(0).toLowerCase() + name.slice(1);
    throw validationError(
      `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
    );
  }
  return value;
}

export function booleanInput(input: OperationInput, name: string): boolean | undefined {
  const value = textInput(input, name);
  if (value === undefined) return undefined;
  if (value !== 'true' && value !== 'false') throw malformed(name);
  return value === 'true';
}

/** Reads a list of texts. Undefined if it is missing. */
export function textListInput(input: OperationInput, name: string): readonly string[] | undefined {
  const value = input[name];
  if (value === undefined || value === '') return undefined;
  if (!Array.isArray(value)) throw malformed(name);
  return value.map((item) => {
    if (typeof item !== 'string') throw malformed(name);
    return item;
  });
}

function objectListInput(
  input: OperationInput,
  name: string,
): readonly Readonly<Record<string, unknown>>[] | undefined {
  const value = input[name];
  if (value === undefined || value === '') return undefined;
  if (!Array.isArray(value)) throw malformed(name);
  return value.map((item) => {
    if (!isObject(item)) throw malformed(name);
    return item;
  });
}

/** Reads a member that has a fixed set of values. */
export function enumInput<T extends string>(
  input: OperationInput,
  name: string,
  values: readonly T[],
): T | undefined {
  const value = textInput(input, name);
  if (value === undefined) return undefined;
  const found = values.find((known) => known === value);
  if (found === undefined) {
    const member = name.charAt(0).toLowerCase() + name.slice(1);
    throw validationError(
      `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must satisfy enum value set: [${values.join(', ')}]`,
    );
  }
  return found;
}

/** Reads a stack's name or id and checks its form. */
export function stackNameInput(input: OperationInput): string {
  const name = requiredText(input, 'StackName');
  if (!STACK_NAME.test(name)) {
    throw validationError(
      `1 validation error detected: Value '${name}' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: ${STACK_NAME_PATTERN}`,
    );
  }
  return name;
}

/** Reads the name of a new stack: not an id, and at most 128 characters. */
export function newStackNameInput(input: OperationInput): string {
  const name = stackNameInput(input);
  if (name.length > MAX_NAME_LENGTH) {
    throw validationError(
      `1 validation error detected: Value '${name}' at 'stackName' failed to satisfy constraint: Member must have length less than or equal to ${MAX_NAME_LENGTH}`,
    );
  }
  if (name.startsWith('arn:')) throw validationError(`Stack name ${name} must not be an ARN`);
  return name;
}

export function tokenInput(input: OperationInput, name = 'ClientRequestToken'): string | undefined {
  const token = textInput(input, name);
  if (token !== undefined && !TOKEN.test(token)) {
    throw validationError(
      `1 validation error detected: Value '${token}' at 'clientRequestToken' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9][-a-zA-Z0-9]*`,
    );
  }
  return token;
}

export function parametersInput(input: OperationInput): readonly GivenParameter[] {
  return (objectListInput(input, 'Parameters') ?? []).map((parameter) => {
    const key = parameter.ParameterKey;
    if (typeof key !== 'string' || key === '')
      throw validationError('Every parameter must have a ParameterKey');
    const value = parameter.ParameterValue;
    return {
      key,
      ...(typeof value === 'string' ? { value } : {}),
      ...(parameter.UsePreviousValue === 'true' ? { usePreviousValue: true } : {}),
    };
  });
}

/** Reads the tags. Undefined if the request does not mention them. */
export function tagsInput(input: OperationInput): Readonly<Record<string, string>> | undefined {
  const given = objectListInput(input, 'Tags');
  if (given === undefined) return undefined;
  if (given.length > MAX_TAGS) throw validationError(`Cannot specify more than ${MAX_TAGS} tags`);
  const tags: Record<string, string> = {};
  for (const { Key: key, Value: value } of given) {
    if (typeof key !== 'string' || key === '' || key.length > 128) {
      throw validationError('Every tag must have a Key of 1 to 128 characters');
    }
    if (typeof value !== 'string' || value.length > 256) {
      throw validationError(`Tag ${key} must have a Value of at most 256 characters`);
    }
    if (key.toLowerCase().startsWith('aws:')) {
      throw validationError('aws: prefixed tag key names are not allowed for external use.');
    }
    if (Object.hasOwn(tags, key)) throw validationError(`Duplicate tag key ${key}`);
    tags[key] = value;
  }
  return tags;
}

/**
 * Refuses members that the operation does not support, so that no request is silently ignored. An empty member or
 * `false` is accepted.
 * @param known the members that the operation reads
 */
export function refuseOthers(input: OperationInput, known: readonly string[]): void {
  for (const [name, value] of Object.entries(input)) {
    if (!known.includes(name) && asks(value)) {
      throw validationError(`${name} is not emulated by the local cloud`);
    }
  }
}

function asks(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isObject(value)) return Object.values(value).some(asks);
  return value !== undefined && value !== '' && value !== 'false';
}

/**
 * Reads DeploymentConfig or DisableRollback. Undefined if the request has neither.
 * @throws ServiceError for a mode that the local cloud does not have
 */
export function disableRollbackInput(input: OperationInput): boolean | undefined {
  const config = isObject(input.DeploymentConfig) ? input.DeploymentConfig : {};
  const mode = enumInput(config, 'Mode', ['STANDARD', 'EXPRESS']);
  if (mode === 'EXPRESS') throw validationError('Deployment mode EXPRESS is not emulated by the local cloud');
  return booleanInput(input, 'DisableRollback') ?? booleanInput(config, 'DisableRollback');
}

function malformed(name: string): ServiceError {
  return new ServiceError('MalformedInput', `Unexpected value of ${name}`);
}

import { LATEST } from '../../sandboxes/log-lines.ts';
import { ServiceError } from '../../seams.ts';
import { invalid } from './check-function.ts';

/** `name`, `name:qualifier`, `123456789012:function:name`, or the whole ARN, each with an optional qualifier. */
const REFERENCE =
  /^(?:(?:arn:(aws[a-zA-Z-]*)?:lambda:)?(?:[a-z]{2}(?:-[a-z]+)+-\d{1}:)?(?:\d{12}:)?function:)?([a-zA-Z0-9-_]+)(?::(\$LATEST|[a-zA-Z0-9-_]+))?$/;
const QUALIFIER = /^(\$LATEST|[a-zA-Z0-9-_]{1,128})$/;

/** The function that a request names, and the version or alias if it names one. */
export interface FunctionReference {
  readonly name: string;
  /** `$LATEST`, a version's number or an alias's name. Undefined if the request names none. */
  readonly qualifier: string | undefined;
}

/**
 * Parses a function's name, partial ARN or ARN, and the `Qualifier` of the request.
 * @throws ServiceError `ValidationException` for a bad form, `InvalidParameterValueException` for two qualifiers
 */
export function functionReference(reference: unknown, qualifier?: string | null): FunctionReference {
  const text = String(reference);
  const match = REFERENCE.exec(text);
  const name = match?.[2];
  if (match === null || name === undefined) throw badForm(text, 'functionName', REFERENCE);
  const given = qualifier ?? undefined;
  if (given !== undefined && !QUALIFIER.test(given)) throw badForm(given, 'qualifier', QUALIFIER);
  const derived = match[3];
  if (given !== undefined && derived !== undefined && given !== derived) {
    throw invalid('The derived qualifier from the function name does not match the specified qualifier.');
  }
  return { name, qualifier: given ?? derived };
}

/**
 * Parses the name for an operation that concerns the whole function.
 * @throws ServiceError `InvalidParameterValueException` if the request names a version or an alias
 */
export function unqualifiedName(reference: unknown): string {
  const { name, qualifier } = functionReference(reference);
  if (qualifier !== undefined && qualifier !== LATEST) {
    throw invalid(`This operation does not take a version or an alias: ${name}:${qualifier}`);
  }
  return name;
}

export function functionNotFound(nameOrArn: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', `Function not found: ${nameOrArn}`, 404, {
    Type: 'User',
  });
}

function badForm(value: string, member: string, pattern: RegExp): ServiceError {
  return new ServiceError(
    'ValidationException',
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must satisfy regular expression pattern: ${pattern.source}`,
  );
}

import { ServiceError } from '../../seams.ts';

/** `name`, `name:qualifier`, `123456789012:function:name`, or the whole ARN, each with an optional qualifier. */
const REFERENCE =
  /^(?:(?:arn:(aws[a-zA-Z-]*)?:lambda:)?(?:[a-z]{2}(?:-[a-z]+)+-\d{1}:)?(?:\d{12}:)?function:)?([a-zA-Z0-9-_]+)(?::(\$LATEST|[a-zA-Z0-9-_]+))?$/;

/**
 * The function's name in whatever way a request names it.
 * @throws ServiceError `ResourceNotFoundException` for a version or alias: there is only `$LATEST` here
 */
export function functionNameOf(reference: string, qualifier?: string): string {
  const match = REFERENCE.exec(reference);
  const name = match?.[2];
  if (match === null || name === undefined) {
    throw new ServiceError(
      'ValidationException',
      `1 validation error detected: Value '${reference}' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: ${REFERENCE.source}`,
    );
  }
  const version = qualifier ?? match[3];
  if (version !== undefined && version !== '$LATEST') throw functionNotFound(`${name}:${version}`);
  return name;
}

export function functionNotFound(nameOrArn: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', `Function not found: ${nameOrArn}`, 404, {
    Type: 'User',
  });
}

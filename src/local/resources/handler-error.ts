import { ServiceError } from '../seams.ts';

/**
 * Why a resource operation failed, by CloudFormation's handler error codes.
 * @see https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html
 */
export type HandlerErrorCode =
  | 'AlreadyExists'
  | 'GeneralServiceException'
  | 'InternalFailure'
  | 'InvalidRequest'
  | 'NotFound'
  | 'NotUpdatable'
  | 'ResourceConflict'
  | 'ServiceInternalError'
  | 'ServiceLimitExceeded';

/** Thrown by a resource type's create, update or delete. Its message becomes the reason in the stack event. */
export class HandlerError extends Error {
  override readonly name = 'HandlerError';
  readonly handlerErrorCode: HandlerErrorCode;

  constructor(handlerErrorCode: HandlerErrorCode, message: string) {
    super(message);
    this.handlerErrorCode = handlerErrorCode;
  }
}

/** The physical name is taken, by another stack or by a resource created by hand. */
export function alreadyExists(type: string, identifier: string): HandlerError {
  return new HandlerError(
    'AlreadyExists',
    `Resource of type '${type}' with identifier '${identifier}' already exists.`,
  );
}

/** A service's error in CloudFormation's wording: the message with the service, the status and the request id. */
function serviceFailure(
  service: string,
  error: ServiceError,
  requestId: string,
  code: HandlerErrorCode = codeOf(error),
): HandlerError {
  return new HandlerError(
    code,
    `${error.message} (Service: ${service}, Status Code: ${error.status}, Request ID: ${requestId})`,
  );
}

/** Calls another service of the cloud. Its ServiceErrors are rethrown as HandlerErrors. */
export async function calling<T>(
  service: string,
  requestId: () => string,
  run: () => T | Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ServiceError) throw serviceFailure(service, error, requestId());
    throw error;
  }
}

function codeOf(error: ServiceError): HandlerErrorCode {
  if (/AlreadyExists|ResourceConflict|ResourceInUse|^Conflict/.test(error.code)) return 'AlreadyExists';
  if (/NotFound|NoSuch/.test(error.code)) return 'NotFound';
  if (/LimitExceeded/.test(error.code)) return 'ServiceLimitExceeded';
  if (error.status >= 500) return 'ServiceInternalError';
  if (error.status === 409) return 'GeneralServiceException';
  return 'InvalidRequest';
}

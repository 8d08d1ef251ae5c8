import { ServiceError } from '../../../seams.ts';

/** The error for a request or a template that can't be processed (400). */
export function validationError(message: string): ServiceError {
  return new ServiceError('ValidationError', message);
}

/** The error for a template with an invalid structure. */
export function formatError(message: string): ServiceError {
  return validationError(`Template format error: ${message}`);
}

/** The error for a template with an invalid function. */
export function templateError(message: string): ServiceError {
  return validationError(`Template error: ${message}`);
}

/** @param path where the value stands: `/Resources/Table/Type`, or nothing for the whole template */
export function nullValue(path: string): ServiceError {
  return path === ''
    ? formatError('unsupported structure.')
    : validationError(`[${path}] 'null' values are not allowed in templates`);
}

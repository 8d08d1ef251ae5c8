import { ServiceError } from '../../../seams.ts';

/** What CloudFormation answers when a request or a template can't be acted on (400). */
export function validationError(message: string): ServiceError {
  return new ServiceError('ValidationError', message);
}

/** A template whose form is wrong. */
export function formatError(message: string): ServiceError {
  return validationError(`Template format error: ${message}`);
}

/** A template whose functions are wrong. */
export function templateError(message: string): ServiceError {
  return validationError(`Template error: ${message}`);
}

import { HandlerError } from '../../../resources/handler-error.ts';
import { ServiceError } from '../../../seams.ts';

export const CREATION_CANCELLED = 'Resource creation cancelled';
export const UPDATE_CANCELLED = 'Resource update cancelled';

/** Converts an error of an operation to the reason of a resource event, in CloudFormation's form. */
export function failureReason(error: unknown, newId: () => string, log: (message: string) => void): string {
  if (error instanceof HandlerError) {
    return (
      `Resource handler returned message: "${error.message}" ` +
      `(RequestToken: ${newId()}, HandlerErrorCode: ${error.handlerErrorCode})`
    );
  }
  if (error instanceof ServiceError) return error.message;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log(`A resource operation failed because of a bug: ${text}`);
  return `Internal Failure: ${error instanceof Error ? error.message : String(error)}`;
}

/** The reason of a stack's failure: `The following resource(s) failed to create: [A, B]. ` */
export function failedResources(verb: 'create' | 'update' | 'delete', logicalIds: readonly string[]): string {
  return logicalIds.length === 0
    ? ''
    : `The following resource(s) failed to ${verb}: [${logicalIds.join(', ')}]. `;
}

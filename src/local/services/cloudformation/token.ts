import { ServiceError } from '../../seams.ts';
import type { Stack } from './stack.ts';

/**
 * Whether a request with this token was processed before. Such a request is answered again and not repeated.
 * @param what the operation, with its object if it has one
 * @throws ServiceError `TokenAlreadyExistsException` if the token was used for something else
 */
export function isRepeated(stack: Stack, token: string | undefined, what: string): boolean {
  const used = token === undefined ? undefined : stack.tokens.get(token);
  if (used === undefined) return false;
  if (used === what) return true;
  throw new ServiceError(
    'TokenAlreadyExistsException',
    `A client request token already exists for another operation: ${token}`,
  );
}

/** Stores what the token was used for. */
export function useToken(stack: Stack, token: string | undefined, what: string): void {
  if (token !== undefined) stack.tokens.set(token, what);
}

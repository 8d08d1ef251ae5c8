import { validationError } from './engine/template-error.ts';

export interface Page<T> {
  readonly items: readonly T[];
  /** Undefined on the last page. */
  readonly nextToken?: string;
}

/**
 * Returns one page of a list. The token contains the position and the scope, so it is valid only for the same request.
 * @param scope identifies the list: the operation and the stack
 */
export function pageOf<T>(
  all: readonly T[],
  scope: string,
  token: string | undefined,
  size: number,
): Page<T> {
  const from = token === undefined ? 0 : placeIn(token, scope);
  const items = all.slice(from, from + size);
  const next = from + size;
  return next < all.length
    ? { items, nextToken: Buffer.from(JSON.stringify([scope, next])).toString('base64url') }
    : { items };
}

function placeIn(token: string, scope: string): number {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    parsed = undefined;
  }
  const [of, place] = Array.isArray(parsed) ? parsed : [];
  if (of !== scope || typeof place !== 'number') throw validationError('Invalid NextToken');
  return place;
}

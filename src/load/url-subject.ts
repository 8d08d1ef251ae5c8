import { createHash } from 'node:crypto';
import { usageError } from '../errors.ts';
import type { HeaderField, PlannedRequest, Subject, SubjectRequest } from '../model/subject.ts';
import { NUMBER } from '../model/subject.ts';

/** The statuses of a success, by HTTP's definition. */
const DEFAULT_EXPECTED = [200, 201, 202, 203, 204, 205, 206] as const;

/** One request as a person describes it. */
export interface RequestWords {
  readonly name?: string;
  /** One of `METHODS`. By default GET, or POST with a body. */
  readonly method?: string;
  /** The path below the base URL. It begins with `/` or `?`. */
  readonly path: string;
  readonly headers?: readonly HeaderField[];
  readonly body?: Uint8Array;
  /** The HTTP statuses of a success. By default any 2xx. */
  readonly expect?: readonly number[];
  readonly weight?: number;
}

/**
 * Creates a request from its description.
 * @throws usageError `bad-path`
 */
export function requestOf(words: RequestWords): SubjectRequest {
  const { headers = [], body, path } = words;
  refuseBadPath(path);
  const method = words.method ?? (body === undefined ? 'GET' : 'POST');
  const planned: PlannedRequest = {
    name: words.name ?? `${method} ${path}`,
    method,
    path,
    expectedStatuses: words.expect ?? DEFAULT_EXPECTED,
    weight: words.weight ?? 1,
    ...(headers.length === 0 ? {} : { headers: headers.map(([name]) => name.toLowerCase()) }),
    ...(body === undefined ? {} : { body: describeBody(body) }),
    ...(body !== undefined && Buffer.from(body).includes(NUMBER) ? { bodyHoldsNumber: true } : {}),
  };
  return {
    planned,
    content: {
      ...(headers.length === 0 ? {} : { headers }),
      ...(body === undefined ? {} : { body, isTemplate: true }),
    },
  };
}

/** Size and SHA-256 of a body, which a record has instead of the body. */
export function describeBody(body: Uint8Array): NonNullable<PlannedRequest['body']> {
  return { bytes: body.length, sha256: createHash('sha256').update(body).digest('hex') };
}

/** The part of a path that can be sent unchanged: visible ASCII, without the characters that a URL must encode. */
const PLAIN_PATH = /^[\x21\x24-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e%]*$/;

function refuseBadPath(path: string): void {
  const refuse = (message: string, hint: string) => usageError('bad-path', message, hint);
  if (!/^[/?]/.test(path) && path !== '') {
    throw refuse(`The path '${path}' does not begin with /.`, `/${path}`);
  }
  const rest = path.replaceAll('{n}', '').replaceAll('{uuid}', '');
  const unknown = /\{[^}]*\}?/.exec(rest);
  if (unknown !== null) {
    throw refuse(
      `The path '${path}' contains ${unknown[0]}, which is not a placeholder.`,
      '{n} is the number of the call, {uuid} a new UUID',
    );
  }
  if (!PLAIN_PATH.test(rest)) {
    throw refuse(
      `The path '${path}' contains a character that is not allowed in a URL.`,
      `Encode it: ${encodeURI(rest).replaceAll('#', '%23')}`,
    );
  }
}

/**
 * Creates the subject of one request to a URL, and its base URL. Without a path the request is the URL itself, with its
 * query.
 * @throws usageError `bad-path`, `two-queries`
 */
export function urlSubject(
  address: string,
  words: Omit<RequestWords, 'path' | 'name' | 'weight'> & { readonly path?: string },
): { readonly url: string; readonly subject: Subject } {
  const url = new URL(address);
  const base = baseOf(url);
  const [target, path] =
    words.path === undefined
      ? [url.origin, `${url.pathname}${url.search}`]
      : [base, words.path === '' ? '/' : words.path];
  if (words.path !== undefined && url.search !== '') {
    throw usageError(
      'two-queries',
      '--path needs an address without a query.',
      `--path '${url.search}' with --url ${base}`,
    );
  }
  const request = requestOf({ ...words, path });
  return { url: target, subject: { name: request.planned.name, requests: [request] } };
}

/** The address without its query and without a trailing slash. */
export function baseOf(url: URL): string {
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

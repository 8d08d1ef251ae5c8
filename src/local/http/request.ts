import type { BodyBudget } from './body.ts';

/** A request with its complete body. Names, path and query are as sent, not decoded. */
export interface HttpRequest {
  readonly method: string;
  /** The percent-encoded path as sent, without the query. */
  readonly path: string;
  /** The query as sent, without `?`. Empty if there is none. */
  readonly rawQuery: string;
  /** Alternating names and values as sent; values are trimmed. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly remoteAddress: string;
  /** Whether it is the first request of its connection. */
  readonly isFirst: boolean;
  /** Returns the first value of a header. The name must be in lower case. */
  header(lowerCaseName: string): string | undefined;
  /** Calls back once if the connection is lost before the answer was given. */
  onDisconnect(listener: () => void): void;
}

/**
 * Answers a request, at once or later. A second call throws; after a disconnect the call does nothing. `headers` are
 * alternating names and values. Content-Length and Date are added, and Connection if the connection closes. The answer
 * to HEAD may have a Content-Length for the body that is not sent.
 * @throws TypeError for a status or header that can't be sent; the request can still get another answer then
 */
export type Respond = (status: number, headers: readonly string[], body?: Buffer | string) => void;

export interface HttpLimits {
  /** Largest size of the request line and headers together, bytes. */
  readonly headBytes: number;
  /** Largest body after chunked decoding, bytes, unless `admit` sets another limit. */
  readonly bodyBytes: number;
  /** Longest time from the first byte of a request to its last. */
  readonly requestMs: number;
  /** A connection without a request is closed after this time. */
  readonly idleMs: number;
}

/** What to do with a request whose head was read and whose body was not. */
export type Admission =
  /** Its body may have so many bytes and counts against this budget. */
  | { readonly bodyBytes: number; readonly budget: BodyBudget }
  /** It is answered immediately. If it has a body, the body is not read and the connection is closed. */
  | { readonly status: number; readonly headers: readonly string[]; readonly body: string };

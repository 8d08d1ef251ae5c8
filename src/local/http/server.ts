/** A request with its whole body. Nothing is decoded: names, path and query stand as they were sent. */
export interface HttpRequest {
  readonly method: string;
  /** The path, percent-encoded as sent, without the query. */
  readonly path: string;
  /** The query as sent, without `?`; empty where there is none. */
  readonly rawQuery: string;
  /** Names and values alternately, as sent, values trimmed. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly remoteAddress: string;
  /** First value of a header by its lower-case name. */
  header(lowerCaseName: string): string | undefined;
  /** Calls back once if the connection is lost before the answer was given. */
  onDisconnect(listener: () => void): void;
}

/**
 * Answers a request, at once or later, exactly once (a second call throws); after a disconnect it does nothing.
 * Content-Length, Date, and Connection where it closes, are added; `headers` are names and values alternately.
 */
export type Respond = (status: number, headers: readonly string[], body?: Buffer | string) => void;

export interface HttpLimits {
  /** Bytes of the request line and headers together. */
  readonly headBytes: number;
  /** Bytes of a body, after chunked coding is removed, unless `bodyBytesFor` says otherwise. */
  readonly bodyBytes: number;
  /** From the first byte of a request to its last. */
  readonly requestMs: number;
  /** A connection without a request is closed after this. */
  readonly idleMs: number;
}

export interface HttpServerOptions {
  readonly onRequest: (request: HttpRequest, respond: Respond) => void;
  /** Told of what the handler threw; the client gets 500. */
  readonly onError: (error: unknown) => void;
  readonly limits?: Partial<HttpLimits>;
  /** The body limit by path, where routes differ. */
  readonly bodyBytesFor?: (method: string, path: string) => number;
}

export interface HttpServer {
  /** Listens on 127.0.0.1; resolves with the port. Port 0 (default) takes any free one. */
  listen(port?: number): Promise<number>;
  /** Stops listening, ends idle connections, gives answers under way `graceMs` (default 0), then cuts. */
  close(graceMs?: number): Promise<void>;
}

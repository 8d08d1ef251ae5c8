import type { RequestHead } from './head.ts';
import type { HttpRequest } from './request.ts';

/** The connection that the request arrived on. */
interface Client {
  readonly remoteAddress: string;
  onDisconnect(request: ReadRequest, listener: () => void): void;
}

const EMPTY = Buffer.alloc(0);

/** A request, as handlers receive it. */
export class ReadRequest implements HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly rawQuery: string;
  readonly rawHeaders: readonly string[];
  /** Empty until the body is complete. */
  body: Buffer = EMPTY;
  readonly isFirst: boolean;
  readonly #client: Client;

  constructor(head: RequestHead, client: Client, isFirst: boolean) {
    this.method = head.method;
    this.path = head.path;
    this.rawQuery = head.rawQuery;
    this.rawHeaders = head.rawHeaders;
    this.isFirst = isFirst;
    this.#client = client;
  }

  get remoteAddress(): string {
    return this.#client.remoteAddress;
  }

  header(lowerCaseName: string): string | undefined {
    const { rawHeaders } = this;
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
      const name = rawHeaders[i];
      if (name?.length === lowerCaseName.length && name.toLowerCase() === lowerCaseName)
        return rawHeaders[i + 1];
    }
    return undefined;
  }

  onDisconnect(listener: () => void): void {
    this.#client.onDisconnect(this, listener);
  }
}

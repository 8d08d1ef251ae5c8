import { type BodyBudget, GrowingBody } from './body.ts';
import { ChunkedDecoder, type ChunkedProgress } from './chunked.ts';

/** The body of a request whose bytes arrive in several reads, of a known length or chunked. */
export class IncomingBody {
  readonly #bytes: GrowingBody;
  readonly #chunked: ChunkedDecoder | undefined;
  readonly #length: number;

  /**
   * @param contentLength in bytes, at most `maxBytes`; -1 for a chunked body
   * @param maxBytes the most bytes that a chunked body may have
   */
  constructor(contentLength: number, maxBytes: number, budget: BodyBudget) {
    this.#length = contentLength;
    this.#bytes = new GrowingBody(contentLength === -1 ? maxBytes : contentLength, budget);
    this.#chunked = contentLength === -1 ? new ChunkedDecoder(maxBytes, this.#bytes) : undefined;
  }

  /** Whether these bytes are the whole body, or begin with it. Then it needs no copy. */
  isWholeIn(data: Buffer): boolean {
    return this.#chunked === undefined && this.#bytes.length === 0 && data.length >= this.#length;
  }

  /** Takes the next bytes of the connection. After any result but `more` no further bytes may be passed. */
  push(data: Buffer): ChunkedProgress {
    if (this.#chunked !== undefined) return this.#chunked.push(data);
    const piece = data.subarray(0, this.#length - this.#bytes.length);
    if (!this.#bytes.append(piece)) return { state: 'no-room' };
    if (this.#bytes.length < this.#length) return { state: 'more' };
    return { state: 'done', rest: data.subarray(piece.length) };
  }

  /** The complete body. Valid until `release`. */
  bytes(): Buffer {
    return this.#bytes.bytes();
  }

  /** Returns its bytes to the budget. */
  release(): void {
    this.#bytes.release();
  }
}

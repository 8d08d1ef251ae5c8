import type { GrowingBody } from './body.ts';

/** The progress of a chunked body, or why it can't be read further. */
export type ChunkedProgress =
  | { readonly state: 'more' }
  /** The body is complete. `rest` is what followed it on the connection. */
  | { readonly state: 'done'; readonly rest: Buffer }
  | { readonly state: 'malformed' }
  | { readonly state: 'too-large' }
  /** The budget for all bodies together is used up. */
  | { readonly state: 'no-room' };

const MORE: ChunkedProgress = { state: 'more' };
const MALFORMED: ChunkedProgress = { state: 'malformed' };

/** Limits for chunk size lines and trailers. Real ones are far shorter. */
const MAX_LINE_BYTES = 1024;
const MAX_TRAILER_BYTES = 8192;
/** A size, then extensions, which are ignored. */
const SIZE_LINE = /^([0-9A-Fa-f]{1,12})[ \t]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/;
const TRAILER_LINE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Decodes the chunked transfer coding of a body as its bytes arrive. Trailers are checked and discarded.
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-7.1
 */
export class ChunkedDecoder {
  readonly #maxBytes: number;
  readonly #body: GrowingBody;
  #size = 0;
  #state: 'size' | 'data' | 'data-end' | 'trailers' = 'size';
  #left = 0;
  #trailerBytes = 0;
  #unread: Buffer = Buffer.alloc(0);

  /** @param body receives the bytes, at most `maxBytes` of them */
  constructor(maxBytes: number, body: GrowingBody) {
    this.#maxBytes = maxBytes;
    this.#body = body;
  }

  /** Decodes the next bytes. After any result but `more` the decoder must not be used again. */
  push(bytes: Buffer): ChunkedProgress {
    let data = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes]);
    this.#unread = Buffer.alloc(0);
    for (;;) {
      if (this.#state === 'data') {
        const taken = data.subarray(0, this.#left);
        if (taken.length > 0 && !this.#body.append(taken)) return { state: 'no-room' };
        this.#left -= taken.length;
        data = data.subarray(taken.length);
        if (this.#left > 0) return MORE;
        this.#state = 'data-end';
      }
      if (this.#state === 'data-end') {
        if (data.length < 2) return this.#wait(data);
        if (data[0] !== 0x0d || data[1] !== 0x0a) return MALFORMED;
        data = data.subarray(2);
        this.#state = 'size';
      }
      const end = data.indexOf('\r\n');
      if (end === -1 || end > MAX_LINE_BYTES) {
        return data.length > MAX_LINE_BYTES ? MALFORMED : this.#wait(data);
      }
      const line = data.toString('latin1', 0, end);
      data = data.subarray(end + 2);
      if (this.#state === 'trailers') {
        if (line === '') return { state: 'done', rest: data };
        this.#trailerBytes += line.length + 2;
        if (this.#trailerBytes > MAX_TRAILER_BYTES || !TRAILER_LINE.test(line)) return MALFORMED;
        continue;
      }
      const size = SIZE_LINE.exec(line)?.[1];
      if (size === undefined) return MALFORMED;
      this.#left = Number.parseInt(size, 16);
      this.#size += this.#left;
      if (this.#size > this.#maxBytes) return { state: 'too-large' };
      this.#state = this.#left === 0 ? 'trailers' : 'data';
    }
  }

  #wait(data: Buffer): ChunkedProgress {
    // Copied, because a few bytes would otherwise keep the whole block in memory that they were read with.
    this.#unread = Buffer.from(data);
    return MORE;
  }
}

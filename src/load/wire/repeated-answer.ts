/** Comparing longer answers costs more than parsing their heads. */
const MAX_BYTES = 4096;
const BYTES_PER_WORD = 4;
/**
 * Answers that differ every time (for example by a request id) are compared less and less often, but never stop being
 * compared.
 */
const MAX_PAUSE = 1024;
/**
 * How many answers are parsed before one is learnt. V8 optimises for the code paths that it has seen. If parsing began
 * only with the next Date header, a second later, V8 would discard the optimised code of the whole loop.
 */
export const READ_FIRST = 20;

/**
 * Recognises an answer with the same bytes as an earlier one. That is usual for servers whose answers differ only in
 * their Date header. The result of parsing the earlier one is then reused, and comparing words costs several times less
 * than parsing. Only whole answers that arrived alone in one read are learnt, so that equal bytes mean an equal result.
 */
export class RepeatedAnswer {
  /** The status of the learnt answer, and for how long its server keeps idle connections (0: unknown). */
  status = 0;
  idleLimitMs = 0;
  readonly #words = new Uint32Array(MAX_BYTES / BYTES_PER_WORD);
  readonly #bytes = new Uint8Array(this.#words.buffer);
  #length = 0;
  #pause = 1;
  #skip = READ_FIRST;

  /**
   * Whether the first `length` bytes equal the learnt answer.
   * @param words the same memory as `bytes`, as 32-bit words
   */
  matches(words: Uint32Array, bytes: Uint8Array, length: number): boolean {
    if (length !== this.#length) return false;
    const whole = length >>> 2;
    for (let at = 0; at < whole; at++) if (words[at] !== this.#words[at]) return false;
    for (let at = whole << 2; at < length; at++) if (bytes[at] !== this.#bytes[at]) return false;
    this.#pause = 1;
    return true;
  }

  /** Learns an answer. If recent answers all differed, only one of many is learnt. */
  learn(bytes: Uint8Array, length: number, status: number, idleLimitMs: number): void {
    if (--this.#skip > 0 || length > MAX_BYTES) {
      this.#length = 0;
      return;
    }
    this.#pause = Math.min(MAX_PAUSE, this.#pause * 2);
    this.#skip = this.#pause;
    this.#bytes.set(bytes.subarray(0, length));
    this.#length = length;
    this.status = status;
    this.idleLimitMs = idleLimitMs;
  }
}

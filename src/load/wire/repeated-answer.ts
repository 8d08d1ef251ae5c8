/** Longer answers cost more to compare than parsing their head does. */
const MAX_BYTES = 4096;
const BYTES_PER_WORD = 4;
/** Answers that differ each time (a request id in the head) are compared ever more rarely, but still now and then. */
const MAX_PAUSE = 1024;
/**
 * So many answers are parsed before one is learnt. V8 optimises for the paths that it has seen by then. If parsing began
 * only with the next Date, a second later, V8 would discard the optimised code of the whole loop.
 */
export const READ_FIRST = 20;

/**
 * Recognises an answer whose bytes equal those of an earlier one, as most do from a server whose answers differ by their
 * Date header at most. What the parser found in the earlier one holds again. Comparing words is several times cheaper than
 * parsing. Only whole answers that stand alone in one read are learnt, so that equal bytes mean an equal outcome.
 */
export class RepeatedAnswer {
  /** The status of the learnt answer, and how long its server keeps idle connections (0: it did not say). */
  status = 0;
  idleLimitMs = 0;
  readonly #words = new Uint32Array(MAX_BYTES / BYTES_PER_WORD);
  readonly #bytes = new Uint8Array(this.#words.buffer);
  #length = 0;
  #pause = 1;
  #skip = READ_FIRST;

  /**
   * Whether the first `length` bytes are the learnt answer.
   * @param words the same memory as `bytes`, in words
   */
  matches(words: Uint32Array, bytes: Uint8Array, length: number): boolean {
    if (length !== this.#length) return false;
    const whole = length >>> 2;
    for (let at = 0; at < whole; at++) if (words[at] !== this.#words[at]) return false;
    for (let at = whole << 2; at < length; at++) if (bytes[at] !== this.#bytes[at]) return false;
    this.#pause = 1;
    return true;
  }

  /** Learns an answer, unless answers have lately differed every time: then only one in many. */
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

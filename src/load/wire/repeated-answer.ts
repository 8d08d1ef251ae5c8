/** Comparing longer answers costs more than parsing their heads. */
const MAX_BYTES = 4096;
const BYTES_PER_DOUBLE = Float64Array.BYTES_PER_ELEMENT;
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
 * their Date header. The result of parsing the earlier one is then reused, and comparing costs several times less than
 * parsing. Only whole answers that arrived alone in one read are learnt, so that equal bytes mean an equal result.
 */
export class RepeatedAnswer {
  /** The status of the learnt answer, and for how long its server keeps idle connections (0: unknown). */
  status = 0;
  idleLimitMs = 0;
  readonly #doubles = new Float64Array(MAX_BYTES / BYTES_PER_DOUBLE);
  readonly #bytes = new Uint8Array(this.#doubles.buffer);
  #length = 0;
  #pause = 1;
  #skip = READ_FIRST;

  /**
   * Whether the first `length` bytes equal the learnt answer. Eight bytes are compared at once, as a double. Bytes that are
   * not a number as a double never match, so such an answer is parsed each time. 0 and −0 match, although one byte differs:
   * they consist of seven NULs, which only a body can contain, and the bytes of a body change no result.
   * @param doubles the same memory as `bytes`, as doubles
   */
  matches(doubles: Float64Array, bytes: Uint8Array, length: number): boolean {
    if (length !== this.#length) return false;
    const learntDoubles = this.#doubles;
    const whole = length >>> 3;
    for (let at = 0; at < whole; at++) if (doubles[at] !== learntDoubles[at]) return false;
    const learntBytes = this.#bytes;
    for (let at = whole << 3; at < length; at++) if (bytes[at] !== learntBytes[at]) return false;
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

const ZERO = 48;
/** 2^64 − 1 has twenty digits. A sum may have one more before it is checked. */
const MAX_DIGITS = 21;

/**
 * The decimal digits of `first + k` in ASCII, for ascending k. Such numbers exceed the exact range of a JavaScript
 * number, and a BigInt per call would create garbage for every call.
 */
export class DecimalCounter {
  readonly #digits = Buffer.alloc(MAX_DIGITS, ZERO);
  #length: number;
  #k = 0;

  /** @param first a whole number in decimal, at most 20 digits */
  constructor(first: string) {
    const canonical = first.replace(/^0+(?=\d)/, '');
    this.#length = canonical.length;
    this.#digits.write(canonical, MAX_DIGITS - canonical.length, 'latin1');
  }

  /** How many digits the number has. */
  get length(): number {
    return this.#length;
  }

  /** Advances to `first + k`. k must not be smaller than before. */
  advanceTo(k: number): void {
    let carry = k - this.#k;
    this.#k = k;
    for (let at = MAX_DIGITS - 1; carry > 0 && at >= 0; at--) {
      const sum = (this.#digits[at] as number) - ZERO + carry;
      carry = Math.floor(sum / 10);
      this.#digits[at] = ZERO + (sum % 10);
      if (MAX_DIGITS - at > this.#length) this.#length = MAX_DIGITS - at;
    }
  }

  /** Writes the digits into `target` from `offset`. */
  copyTo(target: Buffer, offset: number): void {
    for (let at = MAX_DIGITS - this.#length; at < MAX_DIGITS; at++) {
      target[offset++] = this.#digits[at] as number;
    }
  }

  toString(): string {
    return this.#digits.toString('latin1', MAX_DIGITS - this.#length);
  }
}

/** How many bytes all bodies in progress may hold together, so that many clients can't use more memory than one may. */
export class BodyBudget {
  readonly #limitBytes: number;
  #heldBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Reserves so many bytes. Returns false, and reserves nothing, if the limit would be exceeded. */
  take(bytes: number): boolean {
    if (this.#heldBytes + bytes > this.#limitBytes) return false;
    this.#heldBytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#heldBytes -= bytes;
  }
}

const FIRST_BYTES = 65_536;

/**
 * A body in one buffer that grows as bytes arrive. Pieces are copied, because a piece of one byte would otherwise keep
 * the whole block in memory that it was read with.
 */
export class GrowingBody {
  readonly #maxBytes: number;
  readonly #budget: BodyBudget;
  #buffer: Buffer = Buffer.alloc(0);
  #length = 0;

  /** @param maxBytes the caller must not append more than this */
  constructor(maxBytes: number, budget: BodyBudget) {
    this.#maxBytes = maxBytes;
    this.#budget = budget;
  }

  get length(): number {
    return this.#length;
  }

  /** How many bytes of the budget this body holds. */
  get heldBytes(): number {
    return this.#buffer.length;
  }

  /** Appends a copy of a piece. Returns false if the budget is used up. */
  append(piece: Buffer): boolean {
    const needed = this.#length + piece.length;
    if (needed > this.#buffer.length) {
      const size = Math.min(this.#maxBytes, Math.max(FIRST_BYTES, needed, this.#buffer.length * 2));
      if (!this.#budget.take(size - this.#buffer.length)) return false;
      const larger = Buffer.allocUnsafeSlow(size);
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    piece.copy(this.#buffer, this.#length);
    this.#length = needed;
    return true;
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Returns its bytes to the budget. The body must not be used after that. */
  release(): void {
    this.#budget.give(this.#buffer.length);
    this.#buffer = Buffer.alloc(0);
    this.#length = 0;
  }
}

/** The bytes that all bodies under way of one kind may hold together: what one client can't have, many can't either. */
export class BodyBudget {
  readonly #limitBytes: number;
  #heldBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Takes so many bytes; false, and nothing is taken, where that would be more than the limit. */
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
 * A body that grows as its bytes arrive, in one buffer. Pieces are copied: a piece of one byte would otherwise hold the
 * whole block that it was read with.
 */
export class GrowingBody {
  readonly #maxBytes: number;
  readonly #budget: BodyBudget;
  #buffer: Buffer = Buffer.alloc(0);
  #length = 0;

  /** @param maxBytes the caller appends no more than this */
  constructor(maxBytes: number, budget: BodyBudget) {
    this.#maxBytes = maxBytes;
    this.#budget = budget;
  }

  get length(): number {
    return this.#length;
  }

  /** What of the budget it holds, bytes. */
  get heldBytes(): number {
    return this.#buffer.length;
  }

  /** Copies a piece; false where the budget is used up. */
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

  /** Gives back what it holds of the budget. Its bytes must not be used after that. */
  release(): void {
    this.#budget.give(this.#buffer.length);
    this.#buffer = Buffer.alloc(0);
    this.#length = 0;
  }
}

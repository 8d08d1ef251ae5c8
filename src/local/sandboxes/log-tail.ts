/**
 * How much of the log Invoke returns with LogType Tail.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
const TAIL_BYTES = 4096;

/** Keeps the last 4 KiB of the lines that were added. */
export class LogTail {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  add(message: string): void {
    const chunk = Buffer.from(message);
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    for (let first = this.#chunks[0]; first !== undefined; first = this.#chunks[0]) {
      if (this.#bytes - first.length < TAIL_BYTES) break;
      this.#bytes -= first.length;
      this.#chunks.shift();
    }
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks).subarray(-TAIL_BYTES);
  }
}

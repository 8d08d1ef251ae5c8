import { StringDecoder } from 'node:string_decoder';

/**
 * Cuts the bytes that a process writes into log events, one per line. A line longer than a log event may be is cut;
 * an unfinished line waits for its end, or for `flush`.
 */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  readonly #maxChars: number;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  constructor(onLine: (line: string) => void, maxChars = MAX_EVENT_CHARS) {
    this.#onLine = onLine;
    this.#maxChars = maxChars;
  }

  /** Lines are handed on with the line break that ended them, if one did. */
  push(chunk: Buffer): void {
    const text = this.#rest + this.#decoder.write(chunk);
    let from = 0;
    for (;;) {
      const end = text.indexOf('\n', from);
      const lineEnd = end === -1 ? text.length : end + 1;
      while (lineEnd - from > this.#maxChars) {
        this.#onLine(text.slice(from, from + this.#maxChars));
        from += this.#maxChars;
      }
      if (end === -1) break;
      this.#onLine(text.slice(from, lineEnd));
      from = lineEnd;
    }
    this.#rest = from === 0 ? text : text.slice(from);
  }

  /** The process ended, or its invocation did: what it wrote without a line break is a line too. */
  flush(): void {
    const rest = this.#rest;
    if (rest === '') return;
    this.#rest = '';
    this.#onLine(rest);
  }
}

/**
 * A log event may have 1 MiB with its overhead of 26 bytes; a character has at most three bytes in UTF-8 here (four
 * bytes are two characters), so this many always fit.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
 */
const MAX_EVENT_CHARS = 256 * 1024;

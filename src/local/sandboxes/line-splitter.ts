import { StringDecoder } from 'node:string_decoder';

/**
 * Splits the output of a process into log events, one per line. A line longer than a log event is cut. An incomplete
 * line waits for its end or for `flush`.
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

  /** Passes on complete lines, each with the line break that ended it. */
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

  /** Passes on an incomplete line. To be called when the process or its invocation has ended. */
  flush(): void {
    const rest = this.#rest;
    if (rest === '') return;
    this.#rest = '';
    this.#onLine(rest);
  }
}

/**
 * A log event may have 1 MiB, including its overhead of 26 bytes. A UTF-16 unit takes at most three bytes in UTF-8 (a
 * character of four bytes is two units), so this many always fit.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
 */
const MAX_EVENT_CHARS = 256 * 1024;

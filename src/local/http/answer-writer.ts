import type { Socket } from 'node:net';
import { type Answer, encodeAnswer } from './response.ts';

/** Answers to pipelined requests are written together, up to this many characters. */
const WRITE_TOGETHER_CHARS = 65_536;

/** Writes the answers of a connection. Answers can be held and written together, because a write costs most of their time. */
export class AnswerWriter {
  readonly #socket: Socket;
  /** The held answers, in Latin-1. */
  #held = '';

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Holds text until the next flush. */
  hold(text: string): void {
    this.#held += text;
  }

  /** @param isHeld whether the answer waits for the next flush */
  write(answer: Answer, isHeld: boolean): void {
    const encoded = encodeAnswer(answer);
    if (typeof encoded === 'string') {
      this.#held += encoded;
      if (!isHeld || this.#held.length > WRITE_TOGETHER_CHARS) this.flush();
    } else {
      this.flush();
      this.#socket.cork();
      for (const part of encoded) this.#socket.write(part);
      this.#socket.uncork();
    }
  }

  /** Writes the held answers. */
  flush(): void {
    const held = this.#held;
    if (held === '') return;
    this.#held = '';
    this.#socket.write(held, 'latin1');
  }
}

import { connect, type Socket } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const READ_BYTES = 65_536;
const LENGTH = Buffer.from('Content-Length: ');

/** One keep-alive connection that sends the same request again and again: as cheap as a client can be. */
export class RawHttpClient {
  readonly #socket: Socket;
  readonly #request: string;
  #unread: Buffer | undefined;
  #settle: ((status: number) => void) | undefined;
  #fail: ((error: Error) => void) | undefined;

  constructor(port: number, request: string) {
    this.#request = request;
    this.#socket = connect({
      host: '127.0.0.1',
      port,
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafeSlow(READ_BYTES),
        callback: (bytes, buffer) => {
          this.#onData(Buffer.from(buffer.buffer, buffer.byteOffset, bytes));
          return true;
        },
      },
    });
    this.#socket.on('error', (error) => this.#fail?.(error));
    this.#socket.on('close', () => this.#fail?.(new Error('The connection was closed')));
  }

  /** Sends the request and resolves with the status of its answer, read whole. */
  call(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#settle = resolve;
      this.#fail = reject;
      this.#socket.write(this.#request, 'latin1');
    });
  }

  close(): void {
    this.#fail = undefined;
    this.#socket.destroy();
  }

  #onData(chunk: Buffer): void {
    const data = this.#unread === undefined ? chunk : Buffer.concat([this.#unread, chunk]);
    const headEnd = data.indexOf(HEAD_END);
    const lengthAt = data.indexOf(LENGTH);
    let end = headEnd + HEAD_END.length;
    if (headEnd !== -1 && lengthAt !== -1 && lengthAt < headEnd) {
      end += Number.parseInt(
        data.toString('latin1', lengthAt + LENGTH.length, lengthAt + LENGTH.length + 12),
        10,
      );
    }
    if (headEnd === -1 || data.length < end) {
      // The buffer is the next read's as well.
      this.#unread = Buffer.from(data);
      return;
    }
    this.#unread = undefined;
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(Number(data.toString('latin1', 9, 12)));
  }
}

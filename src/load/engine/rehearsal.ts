import net from 'node:net';

const HOST = '127.0.0.1';
/** A message of about the size of a request. */
const MESSAGE = Buffer.alloc(100);

/**
 * Sends messages from this thread to itself over the loopback. After some milliseconds of sleep the processor's caches
 * have lost the code and the data of sending, both in V8 and in the kernel, and the first send takes several times as
 * long. A message to itself shortly before a call is due brings them back. The connections of the load are not used.
 */
export class Rehearsal {
  #sender: net.Socket | undefined;
  #receiver: net.Socket | undefined;
  #server: net.Server | undefined;
  /** Whether a message was sent and has not arrived. */
  #isUnderWay = false;

  /** Starts to open the two ends. If that fails, nothing is rehearsed, and the first sends stay slow. */
  open(): void {
    if (this.#server !== undefined) return;
    const server = net.createServer((sender) => {
      server.close();
      this.#sender = sender.setNoDelay(true).unref().on('error', this.end);
    });
    this.#server = server;
    server.on('error', this.end).listen(0, HOST, () => {
      const address = server.address();
      if (address === null || typeof address === 'string') return;
      const onread = { buffer: Buffer.alloc(MESSAGE.length), callback: this.#arrived };
      this.#receiver = net.connect({ host: HOST, port: address.port, onread }).unref().on('error', this.end);
    });
    server.unref();
  }

  /**
   * Sends one message, which arrives in one of the next turns of the event loop.
   * @returns false if the ends are not open, or the message before has not arrived yet
   */
  perform(): boolean {
    if (this.#sender === undefined || this.#isUnderWay) return false;
    this.#isUnderWay = true;
    this.#sender.write(MESSAGE);
    return true;
  }

  /** Closes both ends. */
  readonly end = (): void => {
    this.#server?.close();
    this.#sender?.destroy();
    this.#receiver?.destroy();
    this.#sender = undefined;
    this.#receiver = undefined;
  };

  readonly #arrived = (): boolean => {
    this.#isUnderWay = false;
    return true;
  };
}

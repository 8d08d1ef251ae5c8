import { Duplex } from 'node:stream';
import { Client } from 'undici';

export type UndiciOutcome =
  | 'error'
  | { readonly status: number; readonly bodyBytes: number; readonly body: string };

/** A body that never ends must not hold a test up; in memory, real answers take microseconds. */
const SILENCE_MS = 1000;

/**
 * What undici makes of a response that arrives in these pieces, then ends or stays open: the same bytes, over a stream
 * in memory instead of a socket.
 */
export async function undiciOutcome(
  pieces: readonly Uint8Array[],
  end: 'fin' | 'open' = 'fin',
): Promise<UndiciOutcome> {
  const socket = new ScriptedSocket(pieces, end);
  const client = new Client('http://corpus.test', {
    connect: (_options, connected) => {
      process.nextTick(() => connected(null, socket as never));
    },
    headersTimeout: SILENCE_MS,
    bodyTimeout: SILENCE_MS,
  });
  try {
    const answer = await client.request({ path: '/', method: 'GET' });
    const body = Buffer.from(await answer.body.arrayBuffer());
    return { status: answer.statusCode, bodyBytes: body.length, body: body.toString('latin1') };
  } catch {
    return 'error';
  } finally {
    // What undici throws while it tears down a broken answer is not the outcome.
    await client.destroy().catch(() => undefined);
  }
}

class ScriptedSocket extends Duplex {
  readonly #pieces: readonly Uint8Array[];
  readonly #end: 'fin' | 'open';
  #answered = false;

  constructor(pieces: readonly Uint8Array[], end: 'fin' | 'open') {
    super();
    this.#pieces = pieces;
    this.#end = end;
  }

  override _read(): void {}

  override _write(_chunk: unknown, _encoding: unknown, done: () => void): void {
    done();
    if (this.#answered) return;
    this.#answered = true;
    this.#play(0);
  }

  /** One piece per turn of the event loop, as one read of a socket each. */
  #play(at: number): void {
    if (this.destroyed) return;
    const piece = this.#pieces[at];
    if (piece === undefined) {
      if (this.#end === 'fin') this.push(null);
      return;
    }
    if (piece.length > 0) this.push(Buffer.from(piece));
    setImmediate(() => this.#play(at + 1));
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

import type net from 'node:net';
import type { Connector } from './connector.ts';
import type { Lingering } from './lingering.ts';
import type { RepeatedAnswer } from './repeated-answer.ts';
import type { ConnectionRequest } from './request-bytes.ts';
import { ResponseParser } from './response-parser.ts';
import { WIRE_ERROR, wireErrorKind } from './wire-error.ts';

/** One read's worth; every socket of a thread reads into the same buffer, since each read is used up at once. */
const READ_BUFFER_BYTES = 65_536;
/** Keep-Alive names whole seconds; a second less, or half of one second, keeps clear of when the server lets go. */
const IDLE_MARGIN_MS = 1000;

const readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
/** The same memory in words. */
const readWords = new Uint32Array(readBuffer.buffer, 0, READ_BUFFER_BYTES / Uint32Array.BYTES_PER_ELEMENT);

/** What a slot tells its owner: from the event loop, or from within `cut`, but never from within `open` or `send`. */
export interface SlotOwner {
  /** A connection is open and free. */
  slotOpened(slot: Slot): void;
  /** No connection could be made. */
  slotRefused(slot: Slot, kind: string): void;
  /** The attempt in flight has its whole answer: `slot.status`, and for a body to look at `slot.parser`, hold it. */
  slotAnswered(slot: Slot): void;
  /** The attempt in flight ended without a whole answer; the connection is gone. */
  slotFailed(slot: Slot, kind: string): void;
  /** A free connection is gone: ended by the server, or dropped since it sent bytes that answer nothing. */
  slotLost(slot: Slot, why: 'closed' | 'unsolicited'): void;
}

const CLOSED = 0;
const OPENING = 1;
const FREE = 2;
const BUSY = 3;

/**
 * One place for a connection, with the call that it carries: at most one request in flight, the connection reopened
 * when it is gone.
 */
export class Slot {
  readonly parser: ResponseParser;
  readonly request: ConnectionRequest;

  /** The call at hand, -1 without one; with when it was due and sent and how often it was tried. Kept by the owner. */
  call = -1;
  intendedMs = 0;
  sentMs = 0;
  attempts = 0;
  /** What its attempts send. */
  bytes: Buffer = Buffer.alloc(0);
  /** When the connection began to open, then when it last became free; monotonic ms. */
  sinceMs = 0;
  /** The status of the answer at hand. */
  status = 0;
  /** Whether the answer at hand was followed by bytes that answer nothing. */
  hadUnsolicited = false;
  /** Set by the owner: the next answer's Date header is to be read; it is then here. */
  wantDate = false;
  dateText: string | undefined;

  readonly #endpoint: Connector;
  readonly #owner: SlotOwner;
  readonly #captureStatus: Uint8Array;
  readonly #repeated: RepeatedAnswer;
  readonly #lingering: Lingering;
  #socket: net.Socket | undefined;
  #state = CLOSED;
  /**
   * Whether the parser is at the answer at hand. A repeated one never wakes it: a hundred connections' parsers are more
   * memory than a core keeps close by.
   */
  #isReading = false;
  /** How long the server said that it keeps an idle connection, ms; 0 where it did not say. */
  #idleLimitMs = 0;
  #address = '';
  #addressesLeft = 0;

  /**
   * @param captureStatus per status 1 where the body is to be kept, clipped
   * @param shared by the slots of one server
   */
  constructor(
    endpoint: Connector,
    owner: SlotOwner,
    request: ConnectionRequest,
    captureStatus: Uint8Array,
    shared: { readonly repeated: RepeatedAnswer; readonly lingering: Lingering },
  ) {
    this.#endpoint = endpoint;
    this.#owner = owner;
    this.request = request;
    this.#captureStatus = captureStatus;
    this.#repeated = shared.repeated;
    this.#lingering = shared.lingering;
    this.parser = new ResponseParser(captureStatus);
  }

  get isOpening(): boolean {
    return this.#state === OPENING;
  }

  get isFree(): boolean {
    return this.#state === FREE;
  }

  get isBusy(): boolean {
    return this.#state === BUSY;
  }

  /** Whether the free connection has been idle for as long as the server said that it keeps one. */
  isStale(nowMs: number): boolean {
    const limitMs = this.#idleLimitMs;
    return limitMs > 0 && nowMs - this.sinceMs > limitMs - Math.min(IDLE_MARGIN_MS, limitMs / 2);
  }

  get #hasBegunAnswer(): boolean {
    return this.#state === BUSY && this.#isReading && !this.parser.isUntouched;
  }

  /** Opens a connection; ends in `slotOpened` or `slotRefused`, the latter after every address was tried or by `cut`. */
  open(nowMs: number): void {
    this.sinceMs = nowMs;
    this.#state = OPENING;
    this.#addressesLeft = this.#endpoint.addressCount;
    this.#tryNextAddress(this.#endpoint.resolveFailure ?? 'ENOTFOUND');
  }

  /** Sends one attempt over the free connection. */
  send(nowMs: number): void {
    this.sentMs = nowMs;
    this.#state = BUSY;
    this.#isReading = false;
    this.#socket?.write(this.bytes);
  }

  /** Gives the attempt or the opening up: the connection is cut, and the owner hears of it by `kind`. */
  cut(kind: string): void {
    if (this.#state === OPENING) this.#endpoint.refuse(this.#address);
    if (this.#state !== FREE) this.#lose(kind);
  }

  /** Drops the connection without a word to the owner. */
  close(): void {
    this.#state = CLOSED;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
  }

  #tryNextAddress(failure: string): void {
    const own: { socket?: net.Socket } = {};
    const connection =
      this.#addressesLeft-- > 0
        ? this.#endpoint.connect({
            buffer: readBuffer,
            callback: (bytes) => {
              // A connection that was let go may still deliver: that is nobody's answer.
              if (own.socket !== undefined && own.socket === this.#socket) this.#onBytes(bytes);
              return true;
            },
          })
        : undefined;
    if (connection === undefined) {
      // Later, as every other answer to `open`: the owner may be in the middle of opening many.
      setImmediate(() => {
        if (this.#state !== OPENING || this.#socket !== undefined) return;
        this.#state = CLOSED;
        this.#owner.slotRefused(this, failure);
      });
      return;
    }
    const { socket, address } = connection;
    own.socket = socket;
    this.#socket = socket;
    this.#address = address;
    this.#idleLimitMs = 0;
    socket.once(this.#endpoint.isTls ? 'secureConnect' : 'connect', () => {
      if (this.#socket !== socket) return;
      this.#state = FREE;
      this.#owner.slotOpened(this);
    });
    socket.on('error', (error) => {
      if (this.#socket !== socket) return;
      if (this.#state === OPENING) this.#tryElsewhere(wireErrorKind(error));
      else this.#lose(wireErrorKind(error));
    });
    socket.on('end', () => {
      if (this.#socket !== socket) return;
      if (this.#state === OPENING) this.#tryElsewhere(WIRE_ERROR.handshakeCutShort);
      else this.#onEnd(socket);
    });
    socket.on('close', () => {
      if (this.#socket === socket) this.#lose(this.#cutKind());
    });
  }

  /** This address takes no connection: the next one may. */
  #tryElsewhere(failure: string): void {
    this.#endpoint.refuse(this.#address);
    this.#socket?.destroy();
    this.#socket = undefined;
    this.#tryNextAddress(failure);
  }

  #onBytes(count: number): void {
    if (this.#state !== BUSY) {
      if (this.#state !== FREE) return;
      this.close();
      this.#owner.slotLost(this, 'unsolicited');
      return;
    }
    if (!this.#isReading && !this.wantDate && this.#repeated.matches(readWords, readBuffer, count)) {
      this.status = this.#repeated.status;
      this.#idleLimitMs = this.#repeated.idleLimitMs;
      this.hadUnsolicited = false;
      this.#state = FREE;
      this.#owner.slotAnswered(this);
      return;
    }
    this.#readAnswer(count);
  }

  #readAnswer(count: number): void {
    const { parser } = this;
    const { fields } = parser;
    const isFirst = !this.#isReading;
    if (isFirst) {
      this.#isReading = true;
      parser.reset();
      fields.wantDate = this.wantDate;
      fields.dateText = undefined;
      fields.idleLimitMs = this.#idleLimitMs;
    }
    const taken = parser.execute(readBuffer, count);
    if (parser.isComplete) {
      this.status = parser.status;
      this.#idleLimitMs = fields.idleLimitMs;
      if (this.wantDate) {
        this.wantDate = false;
        this.dateText = fields.dateText;
      }
      this.hadUnsolicited = taken < count;
      this.#state = FREE;
      if (isFirst && parser.keepAlive && taken === count && this.#captureStatus[parser.status] === 0) {
        this.#repeated.learn(readBuffer, count, parser.status, fields.idleLimitMs);
      }
      if (this.hadUnsolicited) this.close();
      else if (!parser.keepAlive) this.#leave();
      this.#owner.slotAnswered(this);
    } else if (parser.failure !== undefined) this.#lose(parser.failure);
  }

  #onEnd(socket: net.Socket): void {
    // libuv calls it an end where data and a reset arrive together. A reset socket has no peer any more, and that must
    // not pass for the end of a body that only the end delimits.
    if (this.#state === BUSY && socket.remoteAddress === undefined) {
      this.#lose('ECONNRESET');
      return;
    }
    // Over TLS, Node does not tell an end that the server announced (close_notify) from a bare one: like undici and curl
    // this takes both for the end of a body without length. Bodies with a length or in chunks are held to that.
    if (this.#hasBegunAnswer && this.parser.finish()) {
      this.status = this.parser.status;
      this.hadUnsolicited = false;
      this.#leave();
      this.#owner.slotAnswered(this);
      return;
    }
    this.#lose(this.#cutKind());
  }

  /** Lets go of a connection that must carry nothing more; its end is the server's to make, if it does so soon. */
  #leave(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#state = CLOSED;
    if (socket !== undefined) this.#lingering.add(socket);
  }

  #lose(kind: string): void {
    const was = this.#state;
    this.close();
    if (was === BUSY) this.#owner.slotFailed(this, kind);
    else if (was === FREE) this.#owner.slotLost(this, 'closed');
    else if (was === OPENING) this.#owner.slotRefused(this, kind);
  }

  #cutKind(): string {
    if (!this.#hasBegunAnswer) return WIRE_ERROR.closedBeforeAnswer;
    return this.parser.isInBody ? WIRE_ERROR.bodyCutShort : WIRE_ERROR.headCutShort;
  }
}

import type net from 'node:net';
import type { Connector } from './connector.ts';
import type { Lingering } from './lingering.ts';
import type { RepeatedAnswer } from './repeated-answer.ts';
import type { ConnectionRequest } from './request-source.ts';
import { ResponseParser } from './response-parser.ts';
import { isOpenFileLimit, WIRE_ERROR, wireErrorKind } from './wire-error.ts';

/** All sockets of a thread read into one buffer of this size, because each read is processed before the next one. */
const READ_BUFFER_BYTES = 65_536;
/**
 * A connection is given up this long before the server closes it, or half a second before if it is kept for one second.
 * Keep-Alive names whole seconds.
 */
const IDLE_MARGIN_MS = 1000;

const readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
/** The same memory as doubles. */
const readDoubles = new Float64Array(
  readBuffer.buffer,
  0,
  READ_BUFFER_BYTES / Float64Array.BYTES_PER_ELEMENT,
);

/** Receives the events of a slot: from the event loop or during `cut`, but never during `open` or `send`. */
export interface SlotOwner {
  /** The server accepted the connection. The TLS handshake, if there is one, follows. */
  slotReached(slot: Slot): void;
  /** A connection is open and free. */
  slotOpened(slot: Slot): void;
  /** The first byte over this connection has arrived. */
  slotFirstByte(slot: Slot): void;
  /** The connection could not be opened. */
  slotRefused(slot: Slot, kind: string): void;
  /** The current attempt has its complete answer, in `slot.status` and, if the body was captured, in `slot.parser`. */
  slotAnswered(slot: Slot): void;
  /** The current attempt ended without a complete answer. The connection is lost. */
  slotFailed(slot: Slot, kind: string): void;
  /**
   * A free connection is lost. The server closed it, or it was closed because the server sent bytes that belong to no
   * request.
   */
  slotLost(slot: Slot, why: 'closed' | 'unsolicited'): void;
}

/** The beginning of an answer by which a server announces that it closes an idle connection. */
const REQUEST_TIMEOUT = /^HTTP\/1\.\d 408 /;
const REQUEST_TIMEOUT_BYTES = 13;

/** The errors by which a connection that the server closed is noticed. Which of them occurs depends on microseconds. */
const CLOSED_KINDS: ReadonlySet<string> = new Set([WIRE_ERROR.closedBeforeAnswer, 'ECONNRESET', 'EPIPE']);

const NO_BYTES = new Uint8Array(0);

const CLOSED = 0;
const OPENING = 1;
const FREE = 2;
const BUSY = 3;

/** What the slots of one server have in common. */
export interface SharedBySlots {
  readonly endpoint: Connector;
  readonly repeated: RepeatedAnswer;
  readonly lingering: Lingering;
  /** A table with 1 for every status whose body is kept, clipped. */
  readonly captureStatus: Uint8Array;
  /** Whether a connection may carry more than one call. */
  readonly reuse: boolean;
}

/**
 * A place for one connection and the call that it carries. At most one request is in flight. A lost connection is
 * opened again.
 */
export class Slot {
  readonly request: ConnectionRequest;

  /**
   * The current call (-1 for none), when it was due, when its last attempt was sent, and its number of attempts. Set by
   * the owner.
   */
  call = -1;
  intendedMs = 0;
  sentMs = 0;
  attempts = 0;
  /** The error kind of the last failed attempt. Set by the owner. */
  failure = '';
  /** The bytes that its attempts send. */
  bytes: Uint8Array = NO_BYTES;
  /** When the connection began to open, or last became free; monotonic ms. */
  sinceMs = 0;
  /** When the server accepted the connection, before TLS; monotonic ms. Set by the owner. */
  reachedMs = 0;
  /** The number of the connection, from 1; 0 before the first one. Set by the owner. */
  connection = 0;
  /** The status of the current answer, and its size in bytes. */
  status = 0;
  answerBytes = 0;
  /** Whether bytes that belong to no request followed the current answer. */
  hadUnsolicited = false;
  /** Set by the owner if the next answer's Date header is to be read into `dateText`. */
  wantDate = false;
  dateText: string | undefined;

  readonly #owner: SlotOwner;
  readonly #shared: SharedBySlots;
  #parser: ResponseParser | undefined;
  #socket: net.Socket | undefined;
  #state = CLOSED;
  /**
   * Whether the parser reads the current answer. A repeated answer does not use the parser, because the parsers of a
   * hundred connections do not fit into a core's nearest cache.
   */
  #isReading = false;
  /** Whether the server accepted the connection that is opening. */
  #isReached = false;
  /** Whether no byte has arrived over the connection yet. */
  #isFresh = true;
  /** Whether bytes had arrived before the current attempt was sent. */
  #isReused = false;
  /** For how long the server keeps an idle connection, ms; 0 if it did not say. */
  #idleLimitMs = 0;
  #address = '';
  #addressesLeft = 0;

  constructor(owner: SlotOwner, request: ConnectionRequest, shared: SharedBySlots) {
    this.#owner = owner;
    this.request = request;
    this.#shared = shared;
  }

  /**
   * The parser of the answers. It is created for the first answer that is not a repeated one, because most of many
   * connections never get such an answer.
   */
  get parser(): ResponseParser {
    this.#parser ??= new ResponseParser(this.#shared.captureStatus);
    return this.#parser;
  }

  get isOpening(): boolean {
    return this.#state === OPENING;
  }

  get isConnected(): boolean {
    return this.#state === FREE || this.#state === BUSY;
  }

  get isFree(): boolean {
    return this.#state === FREE;
  }

  get isBusy(): boolean {
    return this.#state === BUSY;
  }

  /** Whether the free connection has been idle for about as long as the server keeps one. */
  isStale(nowMs: number): boolean {
    const limitMs = this.#idleLimitMs;
    return limitMs > 0 && nowMs - this.sinceMs > limitMs - Math.min(IDLE_MARGIN_MS, limitMs / 2);
  }

  get #hasBegunAnswer(): boolean {
    return this.#state === BUSY && this.#isReading && !this.parser.isUntouched;
  }

  /**
   * Opens a connection. `slotOpened` or `slotRefused` follows, the latter after all addresses were tried or after
   * `cut`.
   */
  open(nowMs: number): void {
    this.sinceMs = nowMs;
    this.#state = OPENING;
    this.#addressesLeft = this.#shared.endpoint.addressCount;
    this.#tryNextAddress(this.#shared.endpoint.resolveFailure ?? 'ENOTFOUND');
  }

  /** Sends one attempt over the free connection. */
  send(nowMs: number): void {
    this.sentMs = nowMs;
    this.#state = BUSY;
    this.#isReading = false;
    this.#isReused = !this.#isFresh;
    this.#socket?.write(this.bytes);
  }

  /** Ends the current attempt or opening: closes the connection and reports `kind` to the owner. */
  cut(kind: string): void {
    if (this.#state === OPENING) this.#shared.endpoint.refuse(this.#address);
    if (this.#state !== FREE) this.#lose(kind);
  }

  /** Ends an opening that takes too long, if the connection is opening. Once the server accepted it, only TLS remains. */
  cutOpening(): void {
    if (this.#state === OPENING) {
      this.cut(this.#isReached ? WIRE_ERROR.handshakeTimeout : WIRE_ERROR.connectTimeout);
    }
  }

  /** Closes the connection and reports nothing to the owner. */
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
        ? this.#shared.endpoint.connect({
            buffer: readBuffer,
            callback: (bytes) => {
              // A closed connection may still deliver bytes. They belong to no request.
              if (own.socket !== undefined && own.socket === this.#socket) this.#onBytes(bytes);
              return true;
            },
          })
        : undefined;
    if (connection === undefined) {
      // Reported later, like all events, because the owner may be opening several connections now.
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
    this.#isReached = false;
    this.#isFresh = true;
    if (this.#shared.endpoint.isTls) {
      socket.once('connect', () => {
        if (this.#socket !== socket) return;
        this.#isReached = true;
        this.#owner.slotReached(this);
      });
    }
    socket.once(this.#shared.endpoint.isTls ? 'secureConnect' : 'connect', () => {
      if (this.#socket !== socket) return;
      this.#state = FREE;
      this.#owner.slotOpened(this);
    });
    socket.on('error', (error) => {
      if (this.#socket !== socket) return;
      if (this.#state === OPENING) this.#tryElsewhere(this.#openingKind(wireErrorKind(error)));
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

  /**
   * Tries the next address, because this one does not accept connections. A limit of open files is no fault of an
   * address: a connection that only waits for its end is closed, and the attempt is repeated.
   */
  #tryElsewhere(failure: string): void {
    this.#socket?.destroy();
    this.#socket = undefined;
    if (!isOpenFileLimit(failure)) this.#shared.endpoint.refuse(this.#address);
    else if (this.#shared.lingering.endOldest()) this.#addressesLeft++;
    else this.#addressesLeft = 0;
    this.#tryNextAddress(failure);
  }

  #onBytes(count: number): void {
    if (this.#state !== BUSY) {
      if (this.#state !== FREE) return;
      this.close();
      const isEnd = REQUEST_TIMEOUT.test(
        readBuffer.toString('latin1', 0, Math.min(count, REQUEST_TIMEOUT_BYTES)),
      );
      this.#owner.slotLost(this, isEnd ? 'closed' : 'unsolicited');
      return;
    }
    if (this.#isFresh) {
      this.#isFresh = false;
      this.#owner.slotFirstByte(this);
    }
    const { repeated } = this.#shared;
    if (!this.#isReading && !this.wantDate && repeated.matches(readDoubles, readBuffer, count)) {
      this.status = repeated.status;
      this.#idleLimitMs = repeated.idleLimitMs;
      this.answerBytes = count;
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
      this.answerBytes = 0;
      parser.reset();
      fields.wantDate = this.wantDate;
      fields.dateText = undefined;
      fields.idleLimitMs = this.#idleLimitMs;
    }
    const taken = parser.execute(readBuffer, count);
    this.answerBytes += taken;
    if (parser.isComplete) {
      const goesOn = parser.keepAlive && this.#shared.reuse;
      this.status = parser.status;
      this.#idleLimitMs = fields.idleLimitMs;
      if (this.wantDate) {
        this.wantDate = false;
        this.dateText = fields.dateText;
      }
      this.hadUnsolicited = taken < count;
      this.#state = FREE;
      if (isFirst && goesOn && taken === count && this.#shared.captureStatus[parser.status] === 0) {
        this.#shared.repeated.learn(readBuffer, count, parser.status, fields.idleLimitMs);
      }
      if (this.hadUnsolicited) this.close();
      else if (!goesOn) this.#leave();
      this.#owner.slotAnswered(this);
    } else if (parser.failure !== undefined) {
      const isAfterAnswer = this.#isReused && parser.failure === 'bad-status-line';
      this.#lose(isAfterAnswer ? WIRE_ERROR.afterAnswer : parser.failure);
    }
  }

  #onEnd(socket: net.Socket): void {
    // libuv reports an end, not an error, if data and a reset arrive together. A reset socket has no peer address any
    // more. Such an end must not be taken for the end of a body without a length.
    if (this.#state === BUSY && socket.remoteAddress === undefined) {
      this.#lose('ECONNRESET');
      return;
    }
    // Over TLS, Node does not tell an end that the server announced (close_notify) from a bare one. Both are taken for
    // the end of a body without a length, as undici and curl do. Bodies with a length or in chunks must be whole.
    if (this.#hasBegunAnswer && this.parser.finish()) {
      this.status = this.parser.status;
      this.hadUnsolicited = false;
      this.#leave();
      this.#owner.slotAnswered(this);
      return;
    }
    this.#lose(this.#cutKind());
  }

  /** Gives up a connection that must not be used again. The server may close it first, within a short time. */
  #leave(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#state = CLOSED;
    if (socket !== undefined) this.#shared.lingering.add(socket);
  }

  #lose(kind: string): void {
    const was = this.#state;
    const isUnsaid = was === BUSY && this.#isReused && !this.#hasBegunAnswer && CLOSED_KINDS.has(kind);
    this.close();
    if (was === BUSY) this.#owner.slotFailed(this, isUnsaid ? WIRE_ERROR.reusedClosed : kind);
    else if (was === FREE) this.#owner.slotLost(this, 'closed');
    else if (was === OPENING) this.#owner.slotRefused(this, kind);
  }

  /** The kind of an error while a connection was opening. After the server accepted it, only TLS remains. */
  #openingKind(kind: string): string {
    return this.#isReached && CLOSED_KINDS.has(kind) ? WIRE_ERROR.handshakeCutShort : kind;
  }

  #cutKind(): string {
    if (!this.#hasBegunAnswer) return WIRE_ERROR.closedBeforeAnswer;
    return this.parser.isInBody ? WIRE_ERROR.bodyCutShort : WIRE_ERROR.headCutShort;
  }
}

import { LatencyRecorder } from '../measure/latency-recorder.ts';
import type { EngineData } from './engine.ts';

/** Counts how connections open and end, in the warm-up and in the measured part. */
export class ConnectionLog {
  readonly #connect = new LatencyRecorder();
  readonly #handshake = new LatencyRecorder();
  readonly #firstByte = new LatencyRecorder();
  readonly #isTls: boolean;
  readonly #errors = new Map<string, number>();
  #opened = 0;
  #failed = 0;
  #closedByServer = 0;
  #unsolicited = 0;

  constructor(isTls: boolean) {
    this.#isTls = isTls;
  }

  get opened(): number {
    return this.#opened;
  }

  get failed(): number {
    return this.#failed;
  }

  /**
   * Counts a connection that has opened and returns its number, from 1.
   * @param tookMs from the start of connecting; `handshakeMs`: the part of it that TLS took
   */
  open(tookMs: number, handshakeMs: number): number {
    this.#connect.record(tookMs);
    if (this.#isTls) this.#handshake.record(handshakeMs);
    return ++this.#opened;
  }

  /** Records the time from sending a connection's first request to the first byte of its answer, ms. */
  firstByte(tookMs: number): void {
    this.#firstByte.record(tookMs);
  }

  /** Counts an attempt to connect that failed. */
  refuse(kind: string): void {
    this.#failed++;
    this.#errors.set(kind, (this.#errors.get(kind) ?? 0) + 1);
  }

  /** Counts a connection that ended while it was free. */
  lost(why: 'closed' | 'unsolicited'): void {
    if (why === 'closed') this.#closedByServer++;
    else this.#unsolicited++;
  }

  data(): Pick<EngineData, 'connections' | 'connect' | 'handshake' | 'firstByte' | 'connectErrors'> {
    return {
      connections: {
        opened: this.#opened,
        failed: this.#failed,
        closedByServer: this.#closedByServer,
        unsolicited: this.#unsolicited,
      },
      connect: this.#connect.encode(),
      handshake: this.#handshake.encode(),
      firstByte: this.#firstByte.encode(),
      connectErrors: Object.fromEntries(this.#errors),
    };
  }
}

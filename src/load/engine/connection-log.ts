import { LatencyRecorder } from '../measure/latency-recorder.ts';
import type { EngineData } from './engine.ts';

/** Counts what becomes of connections, over warm-up and measurement alike. */
export class ConnectionLog {
  readonly #connect = new LatencyRecorder();
  readonly #errors = new Map<string, number>();
  #opened = 0;
  #failed = 0;
  #closedByServer = 0;
  #unsolicited = 0;

  get opened(): number {
    return this.#opened;
  }

  get failed(): number {
    return this.#failed;
  }

  /** A connection is open, after so long. */
  open(tookMs: number): void {
    this.#opened++;
    this.#connect.record(tookMs);
  }

  refuse(kind: string): void {
    this.#failed++;
    this.#errors.set(kind, (this.#errors.get(kind) ?? 0) + 1);
  }

  /** A connection without a call, or after a whole answer, is gone. */
  lost(why: 'closed' | 'unsolicited'): void {
    if (why === 'closed') this.#closedByServer++;
    else this.#unsolicited++;
  }

  data(): Pick<EngineData, 'connections' | 'connect' | 'connectErrors'> {
    return {
      connections: {
        opened: this.#opened,
        failed: this.#failed,
        closedByServer: this.#closedByServer,
        unsolicited: this.#unsolicited,
      },
      connect: this.#connect.encode(),
      connectErrors: Object.fromEntries(this.#errors),
    };
  }
}

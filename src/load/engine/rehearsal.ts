import type { LoadPlan } from '../../model/run.ts';
import { GATEWAY_JUDGE } from '../measure/answer-origin.ts';
import { Tally } from '../measure/tally.ts';
import type { Connector } from '../wire/connector.ts';
import { Lingering } from '../wire/lingering.ts';
import { RepeatedAnswer } from '../wire/repeated-answer.ts';
import type { ConnectionRequest } from '../wire/request-source.ts';
import { STATUS_TABLE_LENGTH } from '../wire/response-parser.ts';
import { Slot } from '../wire/slot.ts';
import { CallFlow } from './call-flow.ts';
import { ConnectionLog } from './connection-log.ts';
import { ConnectionOpening } from './connection-opening.ts';
import { createPacer } from './create-pacer.ts';
import { DateReader } from './date-reader.ts';
import type { Phase } from './engine.ts';
import { createCallCounter } from './pacer.ts';
import { RehearsalServer } from './rehearsal-server.ts';
import { RunningPhase } from './running-phase.ts';
import { SlotPool } from './slot-pool.ts';

const SUCCESS = 200;
/** A request of about the usual size. */
const REQUEST: ConnectionRequest = {
  at: 0,
  prepare: constant(
    'GET /rehearsal HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: shedbench\r\nAccept: application/json\r\n\r\n',
  ),
};
/** A call a minute, so that no timer between two calls fires. */
const RATE_PER_SECOND = 1 / 60;
/** More calls than any load rehearses. */
const CALLS = 1e9;
const DURATION_MS = (CALLS / RATE_PER_SECOND) * 1000;
const PHASE: Phase = {
  kind: 'measure',
  limit: CALLS,
  durationMs: DURATION_MS,
  measuredBeforeMs: 0,
  planLeftMs: DURATION_MS,
  open: {
    stages: [{ durationMs: DURATION_MS, fromPerSecond: RATE_PER_SECOND, toPerSecond: RATE_PER_SECOND }],
    calls: CALLS,
    fromMs: 0,
    toMs: DURATION_MS,
    numberedFrom: 0,
  },
};

/**
 * Sends calls from this thread to a server in this thread, by the code that sends the calls of a load: schedule, flow,
 * slot, socket, TLS and the kernel. While the thread waits, this code and its data leave the processor's caches, and the
 * next send takes several times as long. Some calls to itself shortly before a call is due bring them back. At low rates
 * they also let V8 optimise the code much earlier. The connections and counts of the load are not used. The rehearsed
 * calls are an open loop of their own in virtual time, whose clock goes to the next due call whenever one is wanted.
 */
export class Rehearsal {
  readonly #plan: LoadPlan;
  readonly #server: RehearsalServer;
  readonly #pacer = createPacer(PHASE, createCallCounter(), { index: 0, count: 1 }, undefined, 0);
  #flow: CallFlow | undefined;
  #slot: Slot | undefined;
  #virtualMs = 0;
  #isOver = false;

  /**
   * @param plan that of the load; its number of calls and connections has no effect
   * @param isTls whether the load uses TLS
   */
  constructor(plan: LoadPlan, isTls: boolean) {
    this.#plan = { ...plan, parallel: 1, retries: 0, threads: 1 };
    this.#server = new RehearsalServer(isTls);
  }

  /** Opens the server and a connection to it. If that fails, nothing is rehearsed, and the first sends stay slow. */
  async open(): Promise<void> {
    const endpoint = await this.#server.listen();
    if (endpoint === undefined || this.#isOver) return;
    this.#flow = this.#createFlow(endpoint);
    void this.#flow.play(new RunningPhase(PHASE, this.#pacer, 0));
  }

  /**
   * Sends one call. Its answer is read in one of the next turns of the event loop.
   * @returns false if the connection is not open, or the call before has no answer yet
   */
  perform(): boolean {
    if (this.#flow === undefined || this.#slot?.isFree !== true) return false;
    this.#virtualMs = this.#pacer.nextDueMs() ?? this.#virtualMs;
    this.#flow.pumpAndSettle();
    return true;
  }

  /** Closes the connection and the server. */
  end(): void {
    this.#isOver = true;
    this.#flow?.stop();
    this.#flow?.cut();
    this.#flow = undefined;
    this.#slot?.close();
    this.#server.close();
  }

  #createFlow(endpoint: Connector): CallFlow {
    const expected = new Uint8Array(STATUS_TABLE_LENGTH);
    expected[SUCCESS] = 1;
    const connections = new ConnectionLog(endpoint.isTls);
    const shared = {
      endpoint,
      repeated: new RepeatedAnswer(),
      lingering: new Lingering(1),
      captureStatus: expected.map((isExpected) => 1 - isExpected),
      reuse: true,
    };
    const pool = new SlotPool(() => {
      this.#slot = new Slot(flow, REQUEST, shared);
      return this.#slot;
    }, 1);
    const flow: CallFlow = new CallFlow({
      plan: this.#plan,
      pool,
      tallies: [new Tally(0, expected, 'open', GATEWAY_JUDGE)],
      opening: new ConnectionOpening(pool, connections, 1),
      connections,
      dates: new DateReader(0),
      callLog: undefined,
      isTooLate: () => false,
      resolveAgain: () => undefined,
      nowMs: () => this.#virtualMs,
      random: () => 0,
      epochAtZeroMs: 0,
      wakeEarlyMs: 0,
      rehearse: () => undefined,
      readsInARow: 1,
    });
    return flow;
  }
}

function constant(text: string): () => Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return () => bytes;
}

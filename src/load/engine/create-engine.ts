import { cpus } from 'node:os';
import type { LoadPlan } from '../../model/run.ts';
import type { HeaderField, RequestContent } from '../../model/subject.ts';
import { Endpoint, type EndpointOptions } from '../wire/connector.ts';
import { RequestSigner, type SigningKeys } from '../wire/request-signer.ts';
import { createRequestSource } from '../wire/request-source.ts';
import { CallLog } from './call-log.ts';
import { WAKE_EARLY_MS } from './due-alarm.ts';
import type { ThreadShare } from './engine.ts';
import type { CallCounter } from './pacer.ts';
import { WireEngine } from './wire-engine.ts';

/** The longest wait for the wall clock to advance, ms. Only a test's clock stands still for longer. */
const MAX_WAIT_FOR_TICKS_MS = 10;
const TICKS = 4;

/** The parameters of an engine, as plain data that can be sent to a thread. */
export interface EngineSetup {
  /** `parallel` is the share of this engine. */
  readonly plan: LoadPlan;
  readonly url: string;
  readonly endpoint: EndpointOptions;
  readonly userAgent: string;
  /** Header fields that every request gets. */
  readonly headers: readonly HeaderField[];
  /** Own fields and bodies of the requests, in the order of the plan. Undefined if none has any. */
  readonly contents?: readonly RequestContent[] | undefined;
  /** Undefined if requests are not signed. */
  readonly signing?: SigningKeys | undefined;
  /** An existing file that gets a line for every call, and the runtime that they name; undefined without such a file. */
  readonly callsOut?: { readonly path: string; readonly runtime: string } | undefined;
  /** This engine among those that share the load. */
  readonly thread: ThreadShare;
}

/** The clocks and the random source of an engine. */
export interface EngineClocks {
  /** Wall clock, epoch ms. */
  readonly now: () => number;
  /** Monotonic clock, ms. */
  readonly monotonicMs: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/**
 * Creates an engine that uses the sockets of this thread.
 * @throws the file system's error if the file of calls can't be opened
 */
export function createEngine(setup: EngineSetup, counter: CallCounter, clocks: EngineClocks): WireEngine {
  const { plan, headers, contents, userAgent, signing, callsOut, thread } = setup;
  const endpoint = new Endpoint(setup.url, setup.endpoint);
  const requests = createRequestSource(plan, {
    basePath: endpoint.basePath,
    authority: endpoint.authority,
    userAgent,
    headers,
    ...(contents === undefined ? {} : { contents }),
    ...(signing === undefined ? {} : { signer: new RequestSigner(signing, clocks.now) }),
  });
  const callLog =
    callsOut === undefined
      ? undefined
      : new CallLog(callsOut, { epochAtZeroMs: preciseEpochAtZeroMs(clocks), thread });
  return new WireEngine({
    plan,
    endpoint,
    requests,
    counter,
    callLog,
    // With a single core, polling would take the processor from a server on the same machine.
    wakeEarlyMs: cpus().length > 1 ? WAKE_EARLY_MS : 0,
    ...clocks,
  });
}

/**
 * The epoch time at which the monotonic clock read 0, exact to some microseconds. The wall clock has whole
 * milliseconds, so this function waits for its next ticks. A delayed thread sees a tick too late and never too early,
 * so that the latest of several estimates is the best.
 */
function preciseEpochAtZeroMs({ now, monotonicMs }: EngineClocks): number {
  const giveUpMs = monotonicMs() + MAX_WAIT_FOR_TICKS_MS;
  let best = now() - monotonicMs();
  for (let ticks = 0; ticks < TICKS; ticks++) {
    const before = now();
    let tick = before;
    while (tick === before && monotonicMs() < giveUpMs) tick = now();
    best = Math.max(best, tick - monotonicMs());
  }
  return best;
}

import { randomUUID } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../../model/monotonic-clock.ts';
import { createEngine } from '../engine/create-engine.ts';
import { createStridedCounter } from '../engine/pacer.ts';
import type { WireEngine } from '../engine/wire-engine.ts';
import {
  decodeOrder,
  type LoaderAnswer,
  type LoaderSelf,
  type LoadOrder,
  type PackedAnswer,
  packAnswer,
} from './orders.ts';

/** The interval at which the flag to stop is checked. */
const LOOK_EVERY_MS = 1000;
const LOOK_LIMIT_MS = 5000;
/** The time that calls in flight get when the loader stops. */
const DRAIN_LIMIT_MS = 2000;
/** The time that a loader keeps for its answer when it stops at the function's deadline. */
const ANSWER_RESERVE_MS = 5000;

/** The parts of Lambda's context object that are used here. */
interface InvocationContext {
  getRemainingTimeInMillis(): number;
}

/** One execution environment of the loader function. */
export class Loader {
  readonly #environment = randomUUID();
  #isCold = true;

  /** Executes one order. */
  async obey(event: unknown, context: InvocationContext): Promise<PackedAnswer> {
    const receivedEpochMs = Date.now();
    const isCold = this.#isCold;
    this.#isCold = false;
    const order = decodeOrder(event);
    const self = (): LoaderSelf => ({
      environment: this.#environment,
      isCold,
      receivedEpochMs,
      answeredEpochMs: Date.now(),
    });
    if (order.do === 'meet') {
      await sleep(order.holdMs);
      return packAnswer({ ...self(), is: 'met' });
    }
    const result = await loadShare(order, context);
    return packAnswer({ ...self(), ...result });
  }
}

type ShareResult =
  | Omit<Extract<LoaderAnswer, { is: 'loaded' }>, keyof LoaderSelf>
  | Omit<Extract<LoaderAnswer, { is: 'too-late' }>, keyof LoaderSelf>;

async function loadShare(order: LoadOrder, context: InvocationContext): Promise<ShareResult> {
  const { setup, phase, share } = order;
  const engine = createEngine(
    { ...setup, thread: share },
    createStridedCounter(order.firstCall, share.count),
    {
      now: Date.now,
      monotonicMs,
      random: Math.random,
    },
  );
  const stop = new Stop(engine);
  const deadline = setTimeout(
    () => stop.now(),
    context.getRemainingTimeInMillis() - ANSWER_RESERVE_MS - DRAIN_LIMIT_MS,
  );
  const endWatch = order.stopUrl === undefined ? undefined : watchFlag(order.stopUrl, () => stop.now());
  try {
    // A server that refuses connections must not keep this loader from starting with the others. The calls will show
    // the failure.
    await Promise.race([engine.prepare(), until(order.startAtEpochMs)]);
    const readyEpochMs = Date.now();
    const spareMs = order.startAtEpochMs - readyEpochMs;
    if (readyEpochMs > order.mustStartByEpochMs) return { is: 'too-late', lateMs: -spareMs };
    await until(order.startAtEpochMs);
    return { is: 'loaded', spareMs, ...(await send(engine, phase, share)), wasStopped: stop.wasCalled };
  } finally {
    clearTimeout(deadline);
    endWatch?.();
    stop.end();
    await engine.finish();
  }
}

async function send(engine: WireEngine, phase: LoadOrder['phase'], share: LoadOrder['share']) {
  const before = process.cpuUsage();
  const { elapsedMs, gaveUp, data } = await engine.runPhase(phase, share);
  const cpu = process.cpuUsage(before);
  const [measured] = data;
  if (measured === undefined) throw new Error('expected one share of the data from one engine');
  return {
    elapsedMs,
    gaveUp,
    data: measured,
    cpuMs: (cpu.user + cpu.system) / 1000,
    peakRssMiB: process.resourceUsage().maxRSS / 1024,
  };
}

/** Ends a share early: starts no new calls, and gives those in flight two seconds. */
class Stop {
  wasCalled = false;
  readonly #engine: WireEngine;
  #cutTimer: NodeJS.Timeout | undefined;

  constructor(engine: WireEngine) {
    this.#engine = engine;
  }

  now(): void {
    if (this.wasCalled) return;
    this.wasCalled = true;
    this.#engine.stop();
    this.#cutTimer = setTimeout(() => this.#engine.cut(), DRAIN_LIMIT_MS);
  }

  end(): void {
    clearTimeout(this.#cutTimer);
  }
}

async function until(epochMs: number): Promise<void> {
  const leftMs = epochMs - Date.now();
  if (leftMs > 0) await sleep(leftMs);
}

/**
 * Checks the flag immediately and then once a second, until the returned function is called. Only status 200 means
 * that the flag is raised; any other answer, or a failed request, means that it is not.
 */
function watchFlag(url: string, onRaised: () => void): () => void {
  const client = url.startsWith('https:') ? https : http;
  const agent = new client.Agent({ keepAlive: true, maxSockets: 1 });
  const look = (): void => {
    const request = client.get(url, { agent, timeout: LOOK_LIMIT_MS }, (response) => {
      response.resume();
      if (response.statusCode === 200) onRaised();
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => undefined);
  };
  look();
  const timer = setInterval(look, LOOK_EVERY_MS);
  return () => {
    clearInterval(timer);
    agent.destroy();
  };
}

const loader = new Loader();

/** The handler of the loader function. */
export const handler = (event: unknown, context: InvocationContext): Promise<PackedAnswer> =>
  loader.obey(event, context);
